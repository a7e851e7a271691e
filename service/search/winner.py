"""The winner: the trial chosen on the dev set."""

from collections.abc import Sequence

from optuna.trial import FrozenTrial, TrialState

from service.errors import ProctorError
from service.search.fold_records import dev_figures_of
from workers.metrics import Metric


def winner_of(trials: Sequence[FrozenTrial], metric: Metric) -> FrozenTrial:
    """Return the complete trial with the best dev metric; ties go to the lower dev loss, then the number.

    Parameters
    ----------
    trials
        A study's trials.
    metric
        The study's metric, which says whether the highest or the lowest value is the best.

    Raises
    ------
    ProctorError
        When no trial is complete.
    """
    complete = [trial for trial in trials if trial.state is TrialState.COMPLETE]
    if not complete:
        because = next((_failure(trial) for trial in trials if trial.state is TrialState.FAIL), "")
        raise ProctorError(f"there is no winner: none of {len(trials)} trials is complete{because}")
    return min(complete, key=lambda trial: rank(trial, metric))


def rank(trial: FrozenTrial, metric: Metric) -> tuple[float, float, int]:
    """Return what a complete trial is ranked by, the lowest first: badness, dev loss, number."""
    return metric.badness(_value(trial)), dev_figures_of(trial).loss, trial.number


def _value(trial: FrozenTrial) -> float:
    if trial.value is None:
        raise ValueError(f"trial {trial.number} is complete but has no value")
    return trial.value


def _failure(trial: FrozenTrial) -> str:
    reason = trial.user_attrs.get("failure_reason")  # a trial that another tool failed has none
    return f"; trial {trial.number} failed" + (f": {reason}" if reason else "")
