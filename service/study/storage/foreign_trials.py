"""Refusing trials that another tool asked or ended: a study goes on with its coordinator's own alone."""

from collections.abc import Sequence

from optuna.trial import FrozenTrial, TrialState

from service.study.storage.kept_trials import CONFIRMS
from service.study.storage.storage_errors import ForeignTrialError

_WHAT_TO_DO = "a study goes on with its own trials alone; `proctor run` with --name NAME begins another"


def check_none_is_foreign(trials: Sequence[FrozenTrial]) -> None:
    """Refuse trials that another tool enqueued, asked or ended: the virtual clock knows nothing of them.

    Raises
    ------
    ForeignTrialError
        With the number of the first of them.
    """
    for trial in trials:
        if not {"virtual_start", CONFIRMS} & trial.user_attrs.keys():
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
    expected = set() if CONFIRMS in trial.user_attrs else {"virtual_end"}
    expected |= {"failure_reason"} if trial.state is TrialState.FAIL else {"learning_curve", "best_epoch"}
    if trial.state.is_finished() and not expected <= trial.user_attrs.keys():
        raise ForeignTrialError(
            f"trial {trial.number} ({trial.state.name.lower()}) was ended by another tool: {_WHAT_TO_DO}"
        )
