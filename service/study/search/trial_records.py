"""What is kept of a trial: between the pool's messages and Optuna's attributes, both ways.

Of a trial with one dev set nothing is kept here: it has no attribute more, and its mean is its one figure.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt
from statistics import fmean, stdev
from typing import Any, NamedTuple

from optuna.trial import FrozenTrial, TrialState

from service.study.search.trial_lifecycle import State
from service.study.storage.kept_trials import FIGURES, FOLDS, Curve, TrialAttributes, TrialResult, record_of
from workers.messages import Ending, EpochMetrics, TrialEnded, TrialLost
from workers.metrics.metric import Metric
from workers.train_dev_data import Task


class DevFigures(NamedTuple):
    """What a trial is ranked by: the study's metric and the dev loss at the best epoch, means over folds."""

    metric: float
    loss: float


def fold_attributes(ended: TrialEnded) -> TrialAttributes:
    """Return what is kept of each whole fold, in order: none of it where there is one dev set.

    `best_epochs` and `fold_metrics` have an entry a whole fold, the study's metric at the fold's best epoch;
    `standard_error` is there from two folds on.
    """
    if ended.n_folds == 1:
        return {}
    whole = ended.whole_folds
    attributes = TrialAttributes(
        best_epochs=[fold.best_epoch for fold in whole], fold_metrics=[fold.best.dev_metric for fold in whole]
    )
    error = standard_error_of(ended)
    return attributes if error is None else attributes | TrialAttributes(standard_error=error)


def standard_error_of(ended: TrialEnded) -> float | None:
    """Return the standard error of the mean of the study's metric; None for fewer than two whole folds."""
    metrics = [fold.best.dev_metric for fold in ended.whole_folds]
    return standard_error_of_mean(metrics) if len(metrics) > 1 else None


def fold_column(ended: TrialEnded) -> dict[str, list[int]]:
    """Return the learning curve's column of fold numbers, an entry an epoch, where there are several."""
    if ended.n_folds == 1:
        return {}
    return {FOLDS: [number for number, fold in enumerate(ended.folds, start=1) for _ in fold.curve]}


def running_means(ended: TrialEnded) -> list[float]:
    """Return the watched metric after each epoch, averaged with what the folds before it reached.

    After epoch e of fold f it is the mean of the f - 1 best values before and this epoch's: comparable from
    the first fold to the last, and in the first what a trial with one dev set has.
    """
    means: list[float] = []
    reached: list[float] = []
    for fold in ended.folds:
        watched = [epoch.dev_watched for epoch in fold.curve]
        means += [fmean([*reached, value]) for value in watched] if reached else watched
        if fold.is_whole:
            reached.append(fold.best.dev_watched)
    return means


def standard_error_of_mean(metrics: Sequence[float]) -> float:
    """Return the standard error of the folds' mean: their deviation (n - 1) over the square root of n.

    It is too small by an unknown amount: folds share most of their train examples, so that their metrics are
    not independent, and no estimate from them alone is unbiased.

    References
    ----------
    Bengio, Y. and Grandvalet, Y. (2004). No unbiased estimator of the variance of k-fold cross-validation.
    Journal of Machine Learning Research 5.
    """
    return stdev(metrics) / sqrt(len(metrics))


Rank = tuple[float, float, int]
"""What trials are ranked by, the lowest first."""


def rank_of(metric: Metric, figures: DevFigures, number: int) -> Rank:
    """Return what a trial is ranked by: its badness, then its dev loss, then its number.

    A metric of numbers hardly ever ties. The loss is then no tie-break, for trials may have learned their
    targets on other scales.

    Parameters
    ----------
    metric
        The study's metric.
    figures
        The trial's.
    number
        The trial's.
    """
    loss = figures.loss if metric.task is Task.CLASSIFICATION else 0.0
    return metric.badness(figures.metric), loss, number


def dev_figures_of(trial: FrozenTrial) -> DevFigures:
    """Return what a stored trial is ranked by that ran an epoch to its end.

    Parameters
    ----------
    trial
        One of the study's own, which a coordinator ended.
    """
    record = record_of(trial)
    if trial.state is TrialState.COMPLETE and trial.value is not None:
        return DevFigures(trial.value, record.dev_loss)
    # A pruned trial's value is its last epoch's.
    curve, ends = record.learning_curve, record.fold_ends
    best_epochs = record.best_epochs if ends else [record.best_epoch]
    places = [start + best - 1 for start, best in zip((0, *ends), best_epochs, strict=False)]
    return DevFigures(*(fmean(curve[name][place] for place in places) for name in ("dev_metric", "dev_loss")))


_STATES = {
    Ending.COMPLETE: TrialState.COMPLETE,
    Ending.PRUNED: TrialState.PRUNED,
    Ending.FAILED: TrialState.FAIL,
}

_LIFECYCLE_STATES = {
    TrialState.COMPLETE: State.COMPLETE,
    TrialState.PRUNED: State.PRUNED,
    TrialState.FAIL: State.FAILED,
}


def result_of(ended: TrialEnded, *, virtual_end: float | None, runs: int) -> TrialResult:
    """Return what is kept of a trial that its worker brought to an end.

    A trial's value is the study's metric at the best epoch; of a pruned trial at the last one, as it is
    Optuna's custom. Its intermediate values are the watched metric's. Each is in its metric's own sense. Of
    several folds they are means, see `fold_column`.
    """
    value: float | None = None
    if ended.ending is not Ending.FAILED:
        value = ended.dev_metric if ended.whole_folds else ended.curve[-1].dev_metric
    curve: Curve = _columns(ended.curve) | fold_column(ended)
    attributes = TrialAttributes(learning_curve=curve, best_epoch=ended.best_epoch) | fold_attributes(ended)
    if ended.curve:
        attributes |= TrialAttributes(dev_loss=ended.dev_loss)
    attributes |= TrialAttributes(
        dev_metrics=ended.dev_metrics,
        model_figures=ended.model_figures,
        epochs=ended.epochs,
        seconds=round(ended.seconds, 4),
        worker=ended.worker,
        runs=runs,
    )
    attributes |= _virtual_end(virtual_end)
    if ended.reason:
        attributes |= TrialAttributes(failure_reason=ended.reason)
    return TrialResult(ended.number, _STATES[ended.ending], value, running_means(ended), attributes)


def _columns(curve: Sequence[EpochMetrics]) -> dict[str, list[Any]]:
    """Return a curve by column, an entry an epoch; what is only looked at has few digits: rows stay small."""
    columns: dict[str, list[Any]] = {
        column: [getattr(epoch, column) for epoch in curve] for column in FIGURES
    }
    for name, first in curve[0].details.items() if curve else ():
        entries: list[Any] = [epoch.details[name] for epoch in curve]
        columns[name] = _rough(entries) if isinstance(first, float | int) else [*map(_rough, entries)]
    return columns


def _rough(numbers: Sequence[float]) -> list[float]:
    """Round each of several numbers to four significant digits."""
    return [float(f"{number:.4g}") for number in numbers]


def lost_result(lost: TrialLost, *, virtual_end: float | None, runs: int) -> TrialResult:
    """Return what is kept of a trial that no worker could bring to an end."""
    attributes = TrialAttributes(worker=lost.worker, runs=runs) | _virtual_end(virtual_end)
    attributes |= TrialAttributes(failure_reason=f"given up after {runs} runs: {lost.reason}")
    return TrialResult(lost.number, TrialState.FAIL, None, (), attributes)


def _virtual_end(virtual_end: float | None) -> TrialAttributes:
    """Return the attribute that a searched trial has, and a confirmation has not."""
    return {} if virtual_end is None else TrialAttributes(virtual_end=virtual_end)


def stored_result(trial: FrozenTrial) -> TrialResult:
    """Return what was kept of a trial, from storage."""
    metrics = [value for _, value in sorted(trial.intermediate_values.items())]
    return TrialResult(trial.number, trial.state, trial.value, metrics, record_of(trial).attributes)


def ranked(result: TrialResult, *, metric: Metric, watch: Metric) -> TrialResult:
    """Return a result whose value and intermediate values rank as badness, lower being better.

    What samplers and pruners see: the watched metric may be better the higher it is where the study's is
    not, and a study has one direction for both.
    """
    return replace(
        result,
        value=None if result.value is None else metric.badness(result.value),
        intermediate_values=[watch.badness(value) for value in result.intermediate_values],
    )


def lifecycle_state(trial: FrozenTrial) -> State:
    """Return where an ended trial's life ended."""
    return _LIFECYCLE_STATES[trial.state]
