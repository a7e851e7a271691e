"""How a search went: why it ended, why trials failed, where its points came from."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from service.study.search.enqueued_points import FAILED_TRIAL
from service.study.search.search_budget import EndingReason, SearchEnding
from service.study.search.shared_traits import Failure, common_failure, plain_reason
from service.study.storage.kept_trials import place_of, record_of, searched


def ending_of(stored: Mapping[str, str] | None, *, n_left: int, budget: int) -> SearchEnding | None:
    """Return why a search ended; None while it goes on.

    Parameters
    ----------
    stored
        What the search wrote at its end. One of an earlier version wrote nothing: it ended with its trials.
    n_left
        Trials of the budget that have not ended.
    budget
        All of its trials.
    """
    if stored is not None:
        return SearchEnding.model_validate(dict(stored))
    if n_left > 0:
        return None
    return SearchEnding(reason=EndingReason.TRIALS, text=f"all {budget} trials have ended")


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
        Failure(trial.params, record_of(trial).failure_reason)
        for trial in trials
        if trial.state is TrialState.FAIL
    ]


SAMPLER = "sampler"
DEFAULT = "default"
USER = "user"


def origin_of(trial: FrozenTrial, enqueued: Sequence[Mapping[str, Any]]) -> str:
    """Return where a trial's point came from: `sampler`, `default`, `user`, `study NAME`, `failed trial N`.

    Parameters
    ----------
    trial
        A trial that tried a point.
    enqueued
        The study's list of enqueued points, each with its `origin`: `user`, an earlier study's name, or the
        failed trial that had it.
    """
    point = record_of(trial).enqueued
    if point is not None:
        origin = str(enqueued[point]["origin"])
        return origin if origin == USER or origin.startswith(f"{FAILED_TRIAL} ") else f"study {origin}"
    return DEFAULT if place_of(trial) == 0 else SAMPLER


def origins_of(trials: Sequence[FrozenTrial], enqueued: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Count the trials that tried a point by where it came from.

    Parameters
    ----------
    trials
        A study's trials; confirmations try no point.
    enqueued
        As for `origin_of`.
    """
    return dict(Counter(origin_of(trial, enqueued) for trial in searched(trials)))
