"""How a search went: why it ended, why trials failed, and where its points came from.

Trials that another tool made or ended are here too, with what becomes of them, and those that were set aside.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from optuna.trial import FrozenTrial, TrialState
from pydantic import BaseModel, ConfigDict

from service.errors import BadInputError
from service.study.search.enqueued_points import FAILED_TRIAL, point_of_queued
from service.study.search.search_budget import EndingReason, SearchEnding
from service.study.search.shared_traits import Failure, common_failure, plain_reason
from service.study.storage.foreign_trials import FIXED_PARAMS, Deed, ForeignTrial
from service.study.storage.kept_trials import place_of, record_of, searched
from service.study.storage.stored_study import StoredStudy


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


class ForeignFact(BaseModel):
    """A trial that another tool made or ended."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    trial: int
    """Its number."""

    state: str
    """As the other tool left it: `waiting`, `running`, `complete`, `pruned` or `fail`."""

    deed: Deed
    """What the other tool did."""

    consequence: str
    """What becomes of it, in words."""


def foreign_facts(study: StoredStudy) -> tuple[ForeignFact, ...]:
    """Return what there is to say of a study's foreign trials, by number."""
    return tuple(
        ForeignFact(
            trial=foreign.trial.number,
            state=foreign.trial.state.name.lower(),
            deed=foreign.deed,
            consequence=_consequence(study, foreign),
        )
        for foreign in study.foreign
    )


def set_aside_in(study: StoredStudy) -> dict[int, str]:
    """Return the trials that a person set aside, by number, and why."""
    trials = (*study.trials, *(each.trial for each in study.foreign))
    reasons = {trial.number: record_of(trial).set_aside for trial in trials}
    return {number: reason for number, reason in sorted(reasons.items()) if reason is not None}


def _consequence(study: StoredStudy, foreign: ForeignTrial) -> str:
    match foreign.deed:
        case Deed.TAKEN:
            return _taken_up(study, record_of(foreign.trial).taken_as)
        case Deed.QUEUED:
            return _queued(study, foreign)
        case Deed.ENDED:
            return "it is run again"
        case Deed.MADE:
            return "not counted, ranked or chosen"


def _taken_up(study: StoredStudy, place: int | None) -> str:
    as_trial = (trial.number for trial in study.trials if record_of(trial).enqueued == place)
    number = next(as_trial, None)
    return "its point is not tried yet" if number is None else f"its point is trial {number}'s"


def _queued(study: StoredStudy, foreign: ForeignTrial) -> str:
    try:
        point_of_queued(study.config.space, foreign.trial.system_attrs.get(FIXED_PARAMS))
    except BadInputError as error:
        return f"passed over, as {error}"
    return "not tried, as the search has ended" if study.ending else "the search will try it"
