"""All trials of a study as a table on the screen."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.report.facts.trials import Kind, TrialRow, TrialRows
from service.report.wording.numbers import duration_text, metric_name, metric_text, value_text
from workers.metrics.metric import Metric


def print_trial_rows(found: TrialRows, console: Console) -> None:
    """Print a line a trial; what it has not is a dash."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("trial", "kind", "state"):
        table.add_column(column, no_wrap=True, justify="right" if column == "trial" else "left")
    for column in (f"dev {metric_name(found.metric)}", "epochs", "time"):
        table.add_column(column, no_wrap=True, justify="right")
    table.add_column("worker", overflow="fold")
    table.add_column("hyperparameters", overflow="fold", min_width=20)
    for row in found.trials:
        table.add_row(
            f"{row.trial}",
            _kind_text(row),
            row.state,
            _figure_text(row, found.metric),
            "-" if row.epochs is None else f"{row.epochs}",
            "-" if row.seconds is None else duration_text(row.seconds),
            Text(row.worker or "-"),
            Text("  ".join(f"{name} {value_text(value)}" for name, value in row.hyperparameters.items())),
            style="dim" if row.kind is Kind.FOREIGN or row.set_aside is not None else "",
        )
    console.print(table)
    if len(found.trials) < found.n_trials:
        console.print(Text(f"{len(found.trials)} of {found.n_trials} trials", "dim"))


def _figure_text(row: TrialRow, metric: Metric) -> str:
    """Return a trial's figure; what another tool wrote need not be in the metric's unit."""
    if row.dev_metric is None:
        return "-"
    return f"{row.dev_metric:g}" if row.kind is Kind.FOREIGN else metric_text(metric, row.dev_metric)


def _kind_text(row: TrialRow) -> str:
    kind = f"confirms {row.confirms}" if row.kind is Kind.CONFIRMATION else f"{row.kind}"
    return kind if row.set_aside is None else f"{kind}, set aside"
