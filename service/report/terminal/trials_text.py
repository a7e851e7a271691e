"""The best trials of a study, and the hyperparameters by importance."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from search_spaces.counted import counted
from service.report.facts.importance import RELIABLE_TRIALS, Importance, Importances
from service.report.facts.trials import BestTrial, BestTrials
from service.report.terminal.filled_lines import filled_lines
from service.report.wording.numbers import mean_text, metric_name, metric_text, size_text, value_text
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
