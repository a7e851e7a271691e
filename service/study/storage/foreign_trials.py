"""Refusing trials that another tool asked or ended: a study goes on with its coordinator's own alone."""

from collections.abc import Sequence

from optuna.trial import FrozenTrial

from service.study.storage.storage_errors import ForeignTrialError
from service.study.storage.trial_attributes import record_of

_WHAT_TO_DO = "a study goes on with its own trials alone; `proctor run` with --name NAME begins another"


def check_none_is_foreign(trials: Sequence[FrozenTrial]) -> None:
    """Refuse trials that another tool enqueued, asked or ended: the virtual clock knows nothing of them.

    Raises
    ------
    ForeignTrialError
        With the number of the first of them.
    """
    for trial in trials:
        if not record_of(trial).is_of_coordinator:
            raise ForeignTrialError(
                f"trial {trial.number} ({trial.state.name.lower()}) was made by another tool: {_WHAT_TO_DO}"
            )
        check_not_ended_elsewhere(trial)


def check_not_ended_elsewhere(trial: FrozenTrial) -> None:
    """Refuse a trial that another tool ended.

    Raises
    ------
    ForeignTrialError
        With its number.
    """
    if trial.state.is_finished() and not record_of(trial).has_result(trial.state):
        raise ForeignTrialError(
            f"trial {trial.number} ({trial.state.name.lower()}) was ended by another tool: {_WHAT_TO_DO}"
        )
