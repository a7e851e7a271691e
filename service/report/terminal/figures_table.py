"""The figures of winner and baselines side by side: a row a model, a column a set."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.report.facts.study_report import StudyReport
from service.report.facts.winner_facts import Figures, Winner
from service.report.wording.numbers import metric_name, metric_text
from service.report.wording.winner import by_model_and_set, other_name, shipped_name
from workers.metrics.metric import Metric
from workers.train_dev_data import Task

FOLDS_NOTE = (
    "dev: mean of the folds; its s.e. is too small, as folds share examples",
    "train: what the winner was trained on in the end, train and dev together",
)
"""What must be known of a table of figures over folds."""

NEVER_OPENED = "-"
"""In place of a test figure of what is not shipped: there is none, and there will be none."""

MOST_SETS_OF_TWO_METRICS = 3
"""Columns that 80 characters hold with two figures a cell; of more sets the second has a row of its own."""


def print_figures(winner: Winner, report: StudyReport, console: Console) -> None:
    """Print the network's figures and the baselines', set by set in the sets' order, once they are known.

    Where there is a test set that was not opened, its cells say so. Where the winner might be the average of
    its seeds, the other of the two stands below what is shipped.
    """
    if winner.figures is None:
        return
    names_of_sets = (*winner.figures, *(("test",) if report.has_test_set else ()))
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("  ")
    over = f", {len(winner.folds.metrics)} folds" if winner.folds else ""
    for name in names_of_sets:
        table.add_column(f"{name}{over}" if name == "dev" else name, justify="right")
    metrics, rows_below = _shown_metrics(report.metric, n_sets=len(names_of_sets))
    for model, by_set in by_model_and_set(winner, report).items():
        style = "bold" if model == shipped_name(winner) else ""
        unknown = NEVER_OPENED if model == other_name(winner) else "sealed"
        cells = [_cell(by_set[name], metrics) if name in by_set else unknown for name in names_of_sets]
        table.add_row(Text(f"  {model}", style), *[Text(cell, style) for cell in cells])
        for metric in rows_below:
            below = [_cell(by_set[name], (metric,)) if name in by_set else "" for name in names_of_sets]
            name = _name_below(metric, report.metric)
            table.add_row(Text(f"    {name}", "dim"), *[Text(cell, "dim") for cell in below])
    console.print(table)
    notes = (" / ".join(map(_figure_name, metrics)), *(FOLDS_NOTE if winner.folds else ()))
    for note in notes:
        console.print(Text(f"  {note}", "dim"), soft_wrap=not console.is_terminal)
    console.print()


def _shown_metrics(metric: Metric, *, n_sets: int) -> tuple[tuple[Metric, ...], tuple[Metric, ...]]:
    """Return the metrics of a cell, the study's first, and those that have a row of their own below."""
    if metric.task is Task.CLASSIFICATION:
        beside = Metric.ERROR if metric is Metric.LOG_LOSS else Metric.LOG_LOSS
    else:
        beside = Metric.RMSE if metric is Metric.R_SQUARED else Metric.R_SQUARED
    plain = (Metric.ERROR,) if metric is Metric.BALANCED_ERROR else ()
    if n_sets > MOST_SETS_OF_TWO_METRICS:
        return (metric,), (beside, *plain)
    return (metric, beside), plain


def _name_below(metric: Metric, of_study: Metric) -> str:
    is_plain = metric is Metric.ERROR and of_study is Metric.BALANCED_ERROR
    return "plain error" if is_plain else _figure_name(metric)


def _figure_name(metric: Metric) -> str:
    return f"{metric_name(metric)} (nats)" if metric is Metric.LOG_LOSS else metric_name(metric)


def _cell(figures: Figures, metrics: tuple[Metric, ...]) -> str:
    return " / ".join(metric_text(metric, figures[metric]) for metric in metrics)
