"""What a search has taken: epochs, and wall-clock time; confirmations are left out."""

from collections.abc import Iterable

from optuna.trial import FrozenTrial

from service.study.storage.trial_roles import searched


def searched_epochs(trials: Iterable[FrozenTrial]) -> int:
    """Return the epochs of all trials that tried a point."""
    return sum(trial.user_attrs.get("epochs", 0) for trial in searched(trials))


def search_seconds(trials: Iterable[FrozenTrial]) -> float:
    """Return the time from the first trial's start to the last one's end, pauses included (seconds)."""
    tried = searched(trials)
    starts = [trial.datetime_start for trial in tried if trial.datetime_start]
    ends = [trial.datetime_complete for trial in tried if trial.datetime_complete]
    return (max(ends) - min(starts)).total_seconds() if starts and ends else 0.0
