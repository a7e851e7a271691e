"""Trials that another tool made or ended, and what becomes of them."""

from pydantic import BaseModel, ConfigDict

from service.errors import BadInputError
from service.study.search.enqueued_points import point_of_queued
from service.study.storage.foreign_trials import FIXED_PARAMS, Deed, ForeignTrial
from service.study.storage.kept_trials import record_of
from service.study.storage.stored_study import StoredStudy


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
