"""What is kept of a trial: between the pool's messages and Optuna's attributes, both ways.

The attributes' names and shapes are read by people and other tools: a change of them is a change of format.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from service.study.search.fold_records import fold_attributes, fold_column, running_means
from service.study.search.trial_lifecycle import State
from service.study.storage.kept_trials import TrialResult
from workers.messages import Ending, EpochMetrics, TrialEnded, TrialLost
from workers.metrics import Metric

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

_ROUGH_COLUMNS = ("gradient_norm", "activation_spreads", "gradient_spreads")


def asked_attributes(*, seed: int, virtual_start: float) -> dict[str, Any]:
    """Return what a trial carries from the moment it is asked."""
    return {"seed": seed, "virtual_start": virtual_start}


def result_of(ended: TrialEnded, *, virtual_end: float | None, runs: int) -> TrialResult:
    """Return what is kept of a trial that its worker brought to an end.

    A trial's value is the study's metric at the best epoch; of a pruned trial at the last one, as it is
    Optuna's custom. Its intermediate values are the watched metric's. Each is in its metric's own sense. Of
    several folds they are means: see `service.study.search.fold_records`.
    """
    value: float | None = None
    if ended.ending is not Ending.FAILED:
        value = ended.dev_metric if ended.whole_folds else ended.curve[-1].dev_metric
    attributes: dict[str, Any] = {
        "learning_curve": _columns(ended.curve) | fold_column(ended),
        "best_epoch": ended.best_epoch,
        **fold_attributes(ended),
        **({"dev_loss": ended.dev_loss} if ended.curve else {}),
        "dev_metrics": ended.dev_metrics,
        "zero_share": ended.zero_share,
        "epochs": ended.epochs,
        "seconds": round(ended.seconds, 4),
        "worker": ended.worker,
        "runs": runs,
        **_virtual_end(virtual_end),
    }
    if ended.reason:
        attributes["failure_reason"] = ended.reason
    return TrialResult(ended.number, _STATES[ended.ending], value, running_means(ended), attributes)


def _columns(curve: Sequence[EpochMetrics]) -> dict[str, list[Any]]:
    """Return a curve by column, an entry an epoch; what is only looked at has few digits: rows stay small."""
    columns: dict[str, list[Any]] = {
        column: [getattr(epoch, column) for epoch in curve] for column in EpochMetrics.__slots__
    }
    for column in _ROUGH_COLUMNS:
        columns[column] = [_rough(entry) for entry in columns[column]]
    return columns


def _rough(entry: float | Sequence[float]) -> float | list[float]:
    """Round a number, or each of several, to four significant digits."""
    if isinstance(entry, float | int):
        return float(f"{entry:.4g}")
    return [float(f"{number:.4g}") for number in entry]


def lost_result(lost: TrialLost, *, virtual_end: float | None, runs: int) -> TrialResult:
    """Return what is kept of a trial that no worker could bring to an end."""
    attributes = {
        "worker": lost.worker,
        "runs": runs,
        **_virtual_end(virtual_end),
        "failure_reason": f"given up after {runs} runs: {lost.reason}",
    }
    return TrialResult(lost.number, TrialState.FAIL, None, (), attributes)


def _virtual_end(virtual_end: float | None) -> dict[str, float]:
    """Return the attribute that a searched trial has, and a confirmation has not."""
    return {} if virtual_end is None else {"virtual_end": virtual_end}


def stored_result(trial: FrozenTrial) -> TrialResult:
    """Return what was kept of a trial, from storage."""
    metrics = [value for _, value in sorted(trial.intermediate_values.items())]
    return TrialResult(trial.number, trial.state, trial.value, metrics, trial.user_attrs)


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
