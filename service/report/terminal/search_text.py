"""How the search went, in a few lines, and a trial's folds."""

from bisect import bisect_right
from collections.abc import Sequence
from statistics import fmean

from rich.console import Console
from rich.table import Table
from rich.text import Text

from search_spaces.counted import counted
from service.report.facts.search_facts import DEFAULT, SAMPLER
from service.report.facts.study_report import StudyReport
from service.report.wording.numbers import duration_text, mean_text, metric_name, metric_text
from service.report.wording.search import foreign_lines, origin_text, set_aside_lines
from service.study.search.search_budget import EndingReason
from service.study.storage.trial_attributes import TrialRecord
from workers.metrics.metric import Metric

MOST_REASONS_SHOWN = 3
MOST_BUDGETS_SHOWN = 5


def print_search(report: StudyReport, console: Console) -> None:
    """Print how the search went; what is as always has no line."""
    for line in search_lines(report):
        console.print(Text(line), soft_wrap=not console.is_terminal)
    console.print()


def search_lines(report: StudyReport) -> list[str]:
    """Return how the search went, a line a fact.

    Parameters
    ----------
    report
        The study's.
    """
    trials = report.trials
    n_ended = trials.complete + trials.pruned + trials.failed
    line = f"  {n_ended} of {trials.budget} trials: {trials.complete} complete, {trials.pruned} pruned"
    line += f", {trials.failed} failed"
    if trials.running:
        line += f", {trials.running} to be run again"
    line += f"; {duration_text(report.search_seconds)} of search"
    line += f" ({duration_text(report.training_seconds)} of training)"
    lines = [line]
    if report.ending is not None and report.ending.reason is not EndingReason.TRIALS:
        lines.append(f"  ended because: {report.ending.text}")
    if set(report.origins) - {SAMPLER, DEFAULT}:
        points = ", ".join(f"{n} {origin_text(origin)}" for origin, n in report.origins.items())
        lines.append(f"  points: {points}")
    if report.confirmation is not None:
        runs = counted(trials.confirmation_runs, "run")
        seconds = duration_text(report.confirmation.training_seconds)
        lines.append(f"  then {runs} of finalists with other seeds ({seconds} of training)")
    lines += _failure_lines(report)
    lines += [f"  {line}" for line in set_aside_lines(report.set_aside)]
    lines += [f"  {line}" for line in foreign_lines(report.foreign_trials)]
    return lines + _expected_lines(report)


def shown_budgets(n: int) -> Sequence[int]:
    """Return numbers of trials to tell a figure for: of 1, 3, 10, 30, ... the last few below n, and n."""
    steps = [3**odd * 10**tens for tens in range(len(str(n)) + 1) for odd in (0, 1)]
    return [*steps[: bisect_right(steps, n - 1)][1 - MOST_BUDGETS_SHOWN :], n]


def _failure_lines(report: StudyReport) -> list[str]:
    reasons = sorted(report.failures.items(), key=lambda item: -item[1])
    lines = [f"    failed {count} x: {reason}" for reason, count in reasons[:MOST_REASONS_SHOWN]]
    if len(reasons) > MOST_REASONS_SHOWN:
        lines.append(f"    and for other reasons ({len(reasons) - MOST_REASONS_SHOWN} more)")
    return lines


def _expected_lines(report: StudyReport) -> list[str]:
    figures = report.expected_best_so_far.figures
    if figures is None:
        return []
    budgets = shown_budgets(len(figures))
    best = ", ".join(metric_text(report.metric, figures[b - 1]) for b in budgets)
    of = ", ".join(f"{b:,}" for b in budgets)
    return [f"  best dev {metric_name(report.metric)} expected of {of} such trials: {best}"]


def print_folds(record: TrialRecord, metric: Metric, console: Console) -> None:
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
    folds, metrics = record.learning_curve["folds"], record.fold_metrics
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
