"""Trials and search spaces as tables on the screen."""

from collections.abc import Mapping, Sequence

from optuna.trial import FrozenTrial
from rich.console import Console
from rich.table import Table
from rich.text import Text

from search_spaces.counted import counted
from search_spaces.description import describe
from search_spaces.presets import preset_names, read_preset
from search_spaces.space import SearchSpace
from service.report.terminal.filled_lines import filled_lines, sparkline
from service.report.terminal.search_text import print_folds
from service.report.wording.numbers import metric_name, metric_text, value_text
from service.study.search.trial_records import lifecycle_state
from service.study.storage.trial_attributes import TrialRecord, record_of
from workers.metrics.metric import Metric

N_EPOCHS_SHOWN = 12


def print_trial(trial: FrozenTrial, metric: Metric, console: Console, *, watch: Metric) -> None:
    """Print one trial: how it ended, its hyperparameters, its learning curve, its best epoch.

    Parameters
    ----------
    trial
        The trial.
    metric, watch
        The study's metric, and the watched one.
    console
        The screen.
    """
    record = record_of(trial)
    ending = lifecycle_state(trial) if trial.state.is_finished() else trial.state.name.lower()
    note = f", of trial {record.confirms} with another seed" if record.is_confirmation else ""
    note = note if record.is_of_coordinator else ", another tool's"
    console.print(Text.assemble((f"Trial {trial.number}", "bold"), f": {ending}{note}"))
    if record.failure_reason:
        console.print(Text(f"  {record.failure_reason}", "red"))
    for name, value in trial.params.items():
        console.print(Text(f"  {name} {value_text(value)}"))
    if record.is_of_coordinator:
        console.print(Text(f"  {_how_it_ran(record)}", "dim"))
    curve = record.learning_curve
    if not curve or not curve["dev_metric"]:
        return
    metrics = {"dev_metric": metric} if watch is metric else {"dev_metric": metric, "dev_watched": watch}
    headings = {"train_loss": "train loss", "dev_loss": "dev loss"}
    headings |= {column: f"dev {metric_name(shown)}" for column, shown in metrics.items()}
    pictures = headings | {"gradient_norm": "gradient norm"}
    width = max(map(len, pictures.values()))
    for column, heading in pictures.items():
        console.print(Text(f"  {heading:<{width}} ").append(sparkline(curve[column], 60), style="cyan"))
    if "folds" in curve:
        print_folds(record, metric, console)
    else:
        _print_epochs(curve, headings, metrics, console, best=record.best_epoch)
    figures = [
        Text(f"{metric_name(Metric(name))} ").append(metric_text(Metric(name), value), "bold")
        for name, value in record.dev_metrics.items()
    ]
    console.print(Text(_of_what(record), "bold"))
    console.print(filled_lines(figures, width=console.width, indent="  "))
    _print_spreads(curve, console)
    if record.zero_share:
        console.print(Text(f"  {100 * record.zero_share:.1f} % of its weights are 0"))


def _how_it_ran(record: TrialRecord) -> str:
    """Name its seed, and once it has ended what it took."""
    facts = {"seed": record.seed, "worker": record.worker, "runs": record.runs, "seconds": record.seconds}
    return ", ".join(f"{name} {fact}" for name, fact in facts.items() if fact is not None)


def _of_what(record: TrialRecord) -> str:
    """Say what a trial's figures are of."""
    n_whole = len(record.fold_metrics)
    if n_whole == 0:
        return f"Epoch {record.best_epoch} on the dev set"
    return f"Best epochs on the dev sets, mean of {counted(n_whole, 'fold')}"


def _print_epochs(
    curve: Mapping[str, Sequence[float]],
    headings: Mapping[str, str],
    metrics: Mapping[str, Metric],
    console: Console,
    *,
    best: int,
) -> None:
    """Print about a dozen epochs of a learning curve, the best and the last among them."""
    table = _table("epoch", *headings.values())
    n_epochs = len(curve["dev_metric"])
    step = max(1, -(-n_epochs // N_EPOCHS_SHOWN))
    for epoch in sorted({*range(1, n_epochs + 1, step), best, n_epochs}):
        values = {column: curve[column][epoch - 1] for column in headings}
        cells = [
            metric_text(metrics[column], value) if column in metrics else f"{value:.4g}"
            for column, value in values.items()
        ]
        note = " best" if epoch == best else ""
        table.add_row(f"{epoch}{note}", *cells, style="bold" if note else "")
    console.print(table)


def _print_spreads(curve: Mapping[str, Sequence[Sequence[float]]], console: Console) -> None:
    """Print how activations and gradients spread through the layers in the last epoch."""
    layers = [
        f"{name} {', '.join(f'{spread:.2g}' for spread in curve[column][-1])}"
        for name, column in (("activations", "activation_spreads"), ("gradients", "gradient_spreads"))
    ]
    console.print(Text(f"Deviation by hidden layer in the last epoch: {'; '.join(layers)}", "dim"))


def print_spaces(console: Console) -> None:
    """Print the built-in search spaces, a line each."""
    table = _table("space", "searches", "for")
    for name in preset_names():
        preset = read_preset(name)
        table.add_row(Text(name, "bold"), f"{len(preset.space.searched_names)}", Text(preset.description))
    console.print(table)


def print_space(space: SearchSpace, console: Console) -> None:
    """Print the dimensions of a search space."""
    table = _table("hyperparameter", "kind", "values", "first tried", "when")
    for row in describe(space):
        table.add_row(*map(Text, (row.name, row.kind, row.values, row.default, row.condition)))
    console.print(table)


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for index, column in enumerate(columns):
        table.add_column(column, no_wrap=index == 0)
    return table
