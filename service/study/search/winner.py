"""The winner: the trial chosen on the dev set, over several seeds where finalists were confirmed."""

from collections.abc import Sequence
from statistics import fmean

from optuna.trial import FrozenTrial, TrialState

from service.errors import ProctorError
from service.study.search.trial_records import DevFigures, Rank, dev_figures_of, rank_of
from service.study.storage.kept_trials import confirmations, eligible, record_of, searched
from workers.metrics.metric import Metric


def winner_of(trials: Sequence[FrozenTrial], metric: Metric) -> FrozenTrial:
    """Return the complete trial with the best dev metric; ties go as `rank_of` says.

    Where finalists were confirmed with further seeds it is the one with the best mean over all its seeds, the
    first included. A finalist with a run that broke off is out. While runs are missing, and where no
    finalist is left, it is the trial with the best first figure.

    Parameters
    ----------
    trials
        A study's trials, confirmation runs among them.
    metric
        The study's metric, which says whether the highest or the lowest value is the best.

    Raises
    ------
    ProctorError
        When no trial that tried a point is complete.
    """
    tried = searched(trials)
    ranked = ranking(trials, metric)
    if not ranked:
        because = next((_failure(trial) for trial in tried if trial.state is TrialState.FAIL), "")
        n_aside = len(tried) - len(eligible(trials))
        aside = f", or is not set aside ({n_aside} are)" if n_aside else ""
        raise ProctorError(f"there is no winner: none of {len(tried)} trials is complete{aside}{because}")
    return ranked[0]


def has_winner(trials: Sequence[FrozenTrial]) -> bool:
    """Return whether a trial that may win is complete."""
    return any(trial.state is TrialState.COMPLETE for trial in eligible(trials))


def ranking(trials: Sequence[FrozenTrial], metric: Metric) -> list[FrozenTrial]:
    """Return the complete trials that tried a point, the winner first.

    Confirmed ones come before all others, by their means: a figure that was selected on is no match for a
    mean over seeds. While confirmation runs are missing, all are ranked by their first figures.

    Parameters
    ----------
    trials, metric
        As for `winner_of`.
    """
    complete = [trial for trial in eligible(trials) if trial.state is TrialState.COMPLETE]
    runs = confirmations(trials) if has_all_runs(trials) else {}
    confirmed = [trial for trial in complete if is_confirmed(runs.get(trial.number, ()))]
    numbers = {trial.number for trial in confirmed}
    others = [trial for trial in complete if trial.number not in numbers]
    return [
        *sorted(confirmed, key=lambda trial: confirmed_rank(trial, runs[trial.number], metric)),
        *sorted(others, key=lambda trial: rank(trial, metric)),
    ]


def has_all_runs(trials: Sequence[FrozenTrial]) -> bool:
    """Tell whether there are confirmation runs, all have ended, and each finalist has as many."""
    runs = confirmations(trials).values()
    return len({len(of_one) for of_one in runs}) == 1 and all(
        run.state.is_finished() for of_one in runs for run in of_one
    )


def is_confirmed(runs: Sequence[FrozenTrial]) -> bool:
    """Return whether a trial has confirmation runs, and all of them are complete.

    Parameters
    ----------
    runs
        The trial's confirmation runs.
    """
    return bool(runs) and all(run.state is TrialState.COMPLETE for run in runs)


def rank(trial: FrozenTrial, metric: Metric) -> Rank:
    """Return what a complete trial is ranked by, the lowest first: badness, dev loss, number."""
    return rank_of(metric, DevFigures(_value(trial), dev_figures_of(trial).loss), trial.number)


def confirmed_rank(trial: FrozenTrial, runs: Sequence[FrozenTrial], metric: Metric) -> Rank:
    """Return what a confirmed trial is ranked by, the lowest first: means over its seeds, and its number."""
    return rank_of(metric, mean_dev_figures(trial, runs), trial.number)


def mean_dev_figures(trial: FrozenTrial, confirmations: Sequence[FrozenTrial]) -> DevFigures:
    """Return a trial's dev figures as means over its seeds, its own and those of its complete runs.

    Parameters
    ----------
    trial
        A complete trial.
    confirmations
        Its confirmation runs; one that is not complete has no figure, and is left out.
    """
    complete = [run for run in confirmations if run.state is TrialState.COMPLETE]
    figures = [dev_figures_of(run) for run in (trial, *complete)]
    return DevFigures(fmean(each.metric for each in figures), fmean(each.loss for each in figures))


def _value(trial: FrozenTrial) -> float:
    if trial.value is None:
        raise ValueError(f"trial {trial.number} is complete but has no value")
    return trial.value


def _failure(trial: FrozenTrial) -> str:
    reason = record_of(trial).failure_reason  # a trial that another tool failed has none
    return f"; trial {trial.number} failed" + (f": {reason}" if reason else "")
