"""Why trials failed: how often for which reason, and what they have in common."""

from collections.abc import Sequence

from optuna.trial import FrozenTrial, TrialState

from service.study.search.common_failure import Failure, common_failure, plain_reason


def failures(trials: Sequence[FrozenTrial]) -> dict[str, int]:
    """Count failures by reason, whatever the fold, the epoch and the learning rate."""
    reasons = [plain_reason(failure.reason) for failure in _failed(trials)]
    return {reason: reasons.count(reason) for reason in dict.fromkeys(reasons)}


def failures_in_common(trials: Sequence[FrozenTrial]) -> str | None:
    """Return what failed trials have in common, where they are half of those that ended or more."""
    ended = [trial for trial in trials if trial.state.is_finished()]
    failed = _failed(ended)
    if not failed or 2 * len(failed) < len(ended):
        return None
    others = [trial.params for trial in ended if trial.state is not TrialState.FAIL]
    drawn_from = {name: dist for trial in ended for name, dist in trial.distributions.items()}
    return common_failure(failed, others, distributions=drawn_from)


def _failed(trials: Sequence[FrozenTrial]) -> list[Failure]:
    return [
        Failure(trial.params, trial.user_attrs["failure_reason"])
        for trial in trials
        if trial.state is TrialState.FAIL
    ]
