"""The best trials of a study: a row of figures for each, and its hyperparameters below, across the screen."""

from rich.console import Console
from rich.text import Text

from service.report.facts.best_trials import BestTrial, BestTrials
from service.report.terminal.filled_lines import filled_lines
from service.report.wording.numbers import counted, mean_text, metric_name, metric_text, size_text, value_text
from workers.metrics import Metric

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
        return f"out: {counted(trial.n_failed_runs, 'run')} broke off"
    if trial.mean is None or trial.deviation is None:
        return "-"
    mean = f"{metric_text(metric, trial.mean)}, mean of {trial.n_seeds}"
    return f"{mean} (deviation {size_text(metric, trial.deviation)})"


def _line(cells: list[str], widths: list[int]) -> str:
    """Set cells side by side: the number to the right, all else to the left."""
    first, *rest = zip(cells, widths, strict=True)
    padded = [f"{first[0]:>{first[1]}}", *(f"{cell:<{width}}" for cell, width in rest)]
    return _GAP.join(padded).rstrip()
