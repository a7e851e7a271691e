"""What is kept of a trial: between the pool's messages and Optuna's attributes, both ways.

The attributes' names and shapes are read by people and other tools: a change of them is a change of format.
"""

from collections.abc import Mapping
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from service.search.trial_lifecycle import State
from service.storage.study_store import TrialResult
from workers.messages import Ending, EpochMetrics, TrialEnded, TrialLost

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


def asked_attributes(*, seed: int, virtual_start: float) -> dict[str, Any]:
    """Return what a trial carries from the moment it is asked."""
    return {"seed": seed, "virtual_start": virtual_start}


def result_of(ended: TrialEnded, *, virtual_end: float, runs: int) -> TrialResult:
    """Return what is kept of a trial that its worker brought to an end.

    A pruned trial's value is the last metric it reported, as it is Optuna's custom.
    """
    dev_metrics = [epoch.dev_metric for epoch in ended.curve]
    value: float | None = None
    if ended.ending is Ending.COMPLETE:
        value = dev_metrics[ended.best_epoch - 1]
    elif ended.ending is Ending.PRUNED:
        value = dev_metrics[-1]
    attributes: dict[str, Any] = {
        "learning_curve": {
            column: [getattr(epoch, column) for epoch in ended.curve] for column in EpochMetrics.__slots__
        },
        "best_epoch": ended.best_epoch,
        "epochs": ended.epochs,
        "seconds": round(ended.seconds, 4),
        "worker": ended.worker,
        "runs": runs,
        "virtual_end": virtual_end,
    }
    if ended.reason:
        attributes["failure_reason"] = ended.reason
    return TrialResult(ended.number, _STATES[ended.ending], value, dev_metrics, attributes)


def lost_result(lost: TrialLost, *, virtual_end: float, runs: int) -> TrialResult:
    """Return what is kept of a trial that no worker could bring to an end."""
    attributes = {
        "worker": lost.worker,
        "runs": runs,
        "virtual_end": virtual_end,
        "failure_reason": f"given up after {runs} runs: {lost.reason}",
    }
    return TrialResult(lost.number, TrialState.FAIL, None, (), attributes)


def stored_result(trial: FrozenTrial) -> TrialResult:
    """Return what was kept of a trial, from storage."""
    metrics = [value for _, value in sorted(trial.intermediate_values.items())]
    return TrialResult(trial.number, trial.state, trial.value, metrics, trial.user_attrs)


def best_epoch_of(trial: FrozenTrial) -> EpochMetrics:
    """Return what the trial's best epoch showed; for trials that ran an epoch to its end."""
    curve: Mapping[str, list[float]] = trial.user_attrs["learning_curve"]
    best = trial.user_attrs["best_epoch"] - 1
    return EpochMetrics(**{column: values[best] for column, values in curve.items()})


def lifecycle_state(trial: FrozenTrial) -> State:
    """Return where an ended trial's life ended."""
    return _LIFECYCLE_STATES[trial.state]
