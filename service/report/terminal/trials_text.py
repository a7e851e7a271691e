"""Trials on the screen: the best, all of them, and one in full.

Hyperparameters by importance, and search spaces, are tables of the same kind.
"""

from collections.abc import Mapping, Sequence
from statistics import fmean

from optuna.trial import FrozenTrial
from rich.console import Console
from rich.table import Table
from rich.text import Text

from search_spaces.counted import counted
from search_spaces.description import describe
from search_spaces.kinds import SPACES
from search_spaces.presets import preset_names, read_preset
from search_spaces.space import SearchSpace
from service.report.facts.importance import RELIABLE_TRIALS, Importance, Importances
from service.report.facts.trials import BestTrial, BestTrials, Kind, TrialRow, TrialRows
from service.report.terminal.screen import filled_lines, sparkline
from service.report.wording.numbers import (
    detail_name,
    duration_text,
    mean_text,
    metric_name,
    metric_text,
    model_figure_text,
    size_text,
    value_text,
)
from service.study.search.trial_records import lifecycle_state
from service.study.storage.kept_trials import FOLDS, TrialRecord, details_of, record_of
from workers.metrics.metric import Metric

_GAP = "  "


def print_best_trials(found: BestTrials, console: Console) -> None:
    """Print the best complete trials, the best one first; nothing where none is complete.

    Trials that were confirmed have their mean over seeds, and are marked.
    """
    if not found.best:
        return
    n_folds = max(trial.n_folds for trial in found.best)
    over = f", mean of {n_folds} folds" if n_folds else ""
    heading = ["trial", f"dev {metric_name(found.metric)}{over}", "best epoch"]
    has_seeds = any(trial.n_seeds > 1 or trial.n_failed_runs for trial in found.best)
    rows = [_row(trial, found.metric) for trial in found.best]
    if has_seeds:
        heading.append("with other seeds as well")
        for row, trial in zip(rows, found.best, strict=True):
            row.append(_seeds_text(trial, found.metric))
    widths = [max(map(len, column)) for column in zip(heading, *rows, strict=True)]
    console.print(Text(f"Best trials of {found.n_complete} complete", "bold"))
    console.print(Text(_line(heading, widths), "dim"))
    for row, trial in zip(rows, found.best, strict=True):
        console.print(Text(_line(row, widths), "bold" if trial.is_confirmed else ""))
        values = [
            Text(f"{name} ", "dim").append(value_text(value), "not dim")
            for name, value in trial.hyperparameters.items()
        ]
        console.print(filled_lines(values, width=console.width, indent=" " * (widths[0] + len(_GAP))))


def _row(trial: BestTrial, metric: Metric) -> list[str]:
    epoch = f"{trial.best_epoch}, the median" if trial.n_folds else f"{trial.best_epoch} of {trial.epochs}"
    return [f"{trial.trial}", mean_text(metric, trial.dev_metric, trial.standard_error), epoch]


def _seeds_text(trial: BestTrial, metric: Metric) -> str:
    if trial.n_failed_runs:
        return f"excluded: {counted(trial.n_failed_runs, 'run')} failed"
    if trial.mean is None or trial.deviation is None:
        return "-"
    mean = f"{metric_text(metric, trial.mean)}, mean of {trial.n_seeds}"
    return f"{mean} (deviation {size_text(metric, trial.deviation)})"


def _line(cells: list[str], widths: list[int]) -> str:
    """Set cells side by side: the number to the right, all else to the left."""
    first, *rest = zip(cells, widths, strict=True)
    padded = [f"{first[0]:>{first[1]}}", *(f"{cell:<{width}}" for cell, width in rest)]
    return _GAP.join(padded).rstrip()


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
    details = {name: detail_name(name) for name in details_of(curve) if not isinstance(curve[name][0], list)}
    pictures = headings | details
    width = max(map(len, pictures.values()))
    for column, heading in pictures.items():
        console.print(Text(f"  {heading:<{width}} ").append(sparkline(curve[column], 60), style="cyan"))
    if FOLDS in curve:
        _print_folds(record, metric, console)
    else:
        _print_epochs(curve, headings, metrics, console, best=record.best_epoch)
    figures = [
        Text(f"{metric_name(Metric(name))} ").append(metric_text(Metric(name), value), "bold")
        for name, value in record.dev_metrics.items()
    ]
    console.print(Text(_of_what(record), "bold"))
    console.print(filled_lines(figures, width=console.width, indent="  "))
    _print_spreads(curve, console)
    for name, value in record.model_figures.items():
        console.print(Text(f"  {model_figure_text(name, value)}"))


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


def _print_folds(record: TrialRecord, metric: Metric, console: Console) -> None:
    """Print a line a fold, and their mean with its standard error.

    Parameters
    ----------
    record
        The trial's, with its learning curve; a fold that was begun and is not whole has no figure.
    metric
        The study's.
    console
        The screen.
    """
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("fold", f"dev {metric_name(metric)}", "best epoch"):
        table.add_column(column, no_wrap=True)
    folds, metrics = record.learning_curve[FOLDS], record.fold_metrics
    for place in range(folds[-1]):
        n_epochs = folds.count(place + 1)
        is_whole = place < len(metrics)
        table.add_row(
            f"{place + 1}",
            metric_text(metric, metrics[place]) if is_whole else "not run to its end",
            f"{record.best_epochs[place]} of {n_epochs}" if is_whole else f"after {n_epochs}",
        )
    console.print(table)
    if record.standard_error is not None:
        mean = mean_text(metric, fmean(metrics), record.standard_error)
        console.print(Text(f"  mean {mean}"))


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
        f"{name.removesuffix('_spreads')}s {', '.join(f'{spread:.2g}' for spread in curve[name][-1])}"
        for name in details_of(curve)
        if name.endswith("_spreads")
    ]
    if layers:
        console.print(Text(f"Deviation by hidden layer in the last epoch: {'; '.join(layers)}", "dim"))


BAR_WIDTH = 24


def print_importances(found: Importances, console: Console) -> None:
    """Print how much each hyperparameter decided about being among the best, and what that rests on."""
    best = f"What decided whether a trial was among the best {found.n_best} of {found.n_trials}"
    console.print(
        Text(f"{best} by dev {metric_name(found.metric)}", "bold"), soft_wrap=not console.is_terminal
    )
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("hyperparameter", no_wrap=True)
    table.add_column("share", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("trials", justify="right", no_wrap=True)
    table.add_column("")
    for importance in found.importances:
        table.add_row(*_importance_row(importance))
    console.print(table)
    if not any(each.is_clear for each in found.importances):
        console.print(Text("All of this may be chance", "bold"), soft_wrap=not console.is_terminal)
    for note in _notes(found):
        console.print(Text(note, "dim"), soft_wrap=not console.is_terminal)
    if not found.is_reliable:
        warning = f"with {found.n_trials} trials this is a hint at best: it takes {RELIABLE_TRIALS} or more"
        console.print(Text.assemble(("Warning: ", "yellow"), warning), soft_wrap=not console.is_terminal)


def bar(share: float, width: int, *, is_clear: bool) -> str:
    """Draw a share (fraction) as a bar on a dashed line; what may be chance is shaded."""
    filled = round(share * width)
    return ("━" if is_clear else "░") * filled + "╌" * (width - filled)


def _importance_row(importance: Importance) -> tuple[Text, Text, Text, Text, Text]:
    n_active = Text(f"{importance.n_active}")
    if importance.share is None:
        return Text(importance.hyperparameter), Text("-"), Text(), n_active, Text("in too few trials", "dim")
    is_clear = importance.is_clear
    style = "bold" if is_clear else ""
    return (
        Text(importance.hyperparameter, style),
        Text(f"{100 * importance.share:.0f} %", style),
        Text(bar(importance.share, BAR_WIDTH, is_clear=is_clear), "blue" if is_clear else "dim"),
        n_active,
        Text("" if is_clear else "may be chance", "dim"),
    )


def _notes(found: Importances) -> list[str]:
    n_others = found.n_trials - found.n_complete
    notes = [f"{found.method} on {found.n_trials} trials"]
    if n_others:
        notes[0] += f"; the {n_others} pruned or failed ones count as not among the best"
    if any(each.n_active < found.n_trials for each in found.importances):
        notes.append("a conditional hyperparameter is compared among the trials that had it")
    return notes


def print_spaces(console: Console) -> None:
    """Print the built-in search spaces, a line each."""
    table = _table("model", "space", "searches", "for")
    for kind, space_type in SPACES.items():
        for name in preset_names(space_type):
            preset = read_preset(space_type, name)
            n_searched = f"{len(preset.space.searched_names)}"
            table.add_row(kind, Text(name, "bold"), n_searched, Text(preset.description))
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
