"""What confirmation showed: how finalists did with other seeds, and how far the first best flattered."""

from collections.abc import Sequence
from statistics import fmean, stdev

from optuna.trial import FrozenTrial, TrialState
from pydantic import BaseModel, ConfigDict

from service.study.search.search_budget import training_seconds
from service.study.search.trial_records import dev_figures_of
from service.study.search.winner import has_all_runs, mean_dev_figures, rank, winner_of
from service.study.storage.kept_trials import confirmations, eligible
from workers.metrics.metric import Metric

_VALUE_OBJECT = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Finalist(BaseModel):
    """A trial that was run again with other seeds; figures are the study's metric on the dev set."""

    model_config = _VALUE_OBJECT

    trial: int
    """Its number."""

    first_figure: float
    """The figure that made it a finalist."""

    other_figures: tuple[float, ...]
    """Of its runs with other seeds that are complete, in their order."""

    mean: float
    """Over all of these, the first included: what the winner is chosen by."""

    deviation: float | None
    """Of all of these from their mean, with n - 1; None where there is but one."""

    n_failed: int
    """Runs that broke off: the finalist cannot win."""


class Confirmation(BaseModel):
    """How the finalists did with other seeds."""

    model_config = _VALUE_OBJECT

    finalists: tuple[Finalist, ...]
    """By their first figures, the best one first."""

    is_complete: bool
    """Whether all runs have ended; before that, first figures decide."""

    winner: int | None
    """Number of the finalist with the best mean; None where the first figures decide."""

    flattered: float | None
    """By how much the first best's figure was better than its other seeds' mean, in the metric's unit.

    Below 0 where the other seeds did better. This is the luck of a seed alone: that all of them were judged
    on one dev set it does not show. None where no run of it is complete.
    """

    training_seconds: float
    """Sum of the runs' durations."""


def confirmation_of(trials: Sequence[FrozenTrial], metric: Metric) -> Confirmation | None:
    """Return what a study's confirmation runs showed; None where there are none.

    Parameters
    ----------
    trials
        A study's trials.
    metric
        The study's metric.
    """
    runs = confirmations(trials)
    complete = [trial for trial in eligible(trials) if trial.state is TrialState.COMPLETE]
    first_to_last = sorted(complete, key=lambda trial: rank(trial, metric))
    finalists = tuple(
        finalist_of(trial, runs[trial.number]) for trial in first_to_last if trial.number in runs
    )
    if not finalists:
        return None
    winner = winner_of(trials, metric).number
    is_complete = has_all_runs(trials)
    is_by_mean = is_complete and any(each.trial == winner and not each.n_failed for each in finalists)
    return Confirmation(
        finalists=finalists,
        is_complete=is_complete,
        winner=winner if is_by_mean else None,
        flattered=_flattered(finalists[0], metric),
        training_seconds=training_seconds(run for of_one in runs.values() for run in of_one),
    )


def finalist_of(trial: FrozenTrial, runs: Sequence[FrozenTrial]) -> Finalist:
    """Return how a complete trial did with other seeds.

    Parameters
    ----------
    trial
        The trial.
    runs
        Its confirmation runs.
    """
    first = dev_figures_of(trial).metric
    others = tuple(dev_figures_of(run).metric for run in runs if run.state is TrialState.COMPLETE)
    return Finalist(
        trial=trial.number,
        first_figure=first,
        other_figures=others,
        mean=mean_dev_figures(trial, runs).metric,
        deviation=stdev((first, *others)) if others else None,
        n_failed=sum(run.state is TrialState.FAIL for run in runs),
    )


def winner_over_seeds(trials: Sequence[FrozenTrial], metric: Metric) -> Finalist:
    """Return how a study's winner did over its seeds, its own alone where it was not run again.

    Raises
    ------
    ProctorError
        There is no winner.
    """
    winner = winner_of(trials, metric)
    return finalist_of(winner, confirmations(trials).get(winner.number, ()))


def _flattered(first_best: Finalist, metric: Metric) -> float | None:
    if not first_best.other_figures:
        return None
    return metric.badness(fmean(first_best.other_figures)) - metric.badness(first_best.first_figure)
