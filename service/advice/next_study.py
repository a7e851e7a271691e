"""The next study: the first advised step that a search can take, and what it changes."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from pydantic import ValidationError

from search_spaces.dimensions import ConstantDimension
from search_spaces.space import SearchSpace
from service.advice.advised_steps import StepKind
from service.advice.space_changes import (
    SEARCHABLE,
    Change,
    Searched,
    changes_of,
    is_true_of,
    moved_edges,
    narrowed,
)
from service.advice.study_diagnosis import StudyDiagnosis
from service.advice.tried import Tried, best_of, standing_of
from service.configuration.study_config import ResolvedStudy, name_without_round, plain_name
from service.study.search.winner import winner_of
from service.study.storage.stored_study import StoredStudy

LONGER = 2
"""Longer training allows so many times the epochs."""


@dataclass(frozen=True, slots=True)
class NextStudy:
    """A study that follows from another.

    Attributes
    ----------
    config
        Its configuration: the same data, split and budget, another search.
    step
        The step that it takes.
    reasons
        Why it is as it is, by dotted key of the study file: `space.width`, `training.max_epochs`.
    """

    config: ResolvedStudy
    step: StepKind
    reasons: Mapping[str, str]


def next_study(
    study: StoredStudy, diagnosis: StudyDiagnosis, *, name: str, struck: Collection[StepKind] = ()
) -> NextStudy | None:
    """Return the study that takes the first advised step that a search can take; None where there is none.

    Whatever the step, ranges at whose end the best trials lie are moved, and those that nothing changes are
    narrowed to where the best trials lie. It begins with the earlier study's best points, searches with
    another seed, and keeps the split, so that its test set is the same one.

    Parameters
    ----------
    study
        The study that has been diagnosed.
    diagnosis
        What it says.
    name
        The next study's name.
    struck
        Steps that were tried already, and did not help.
    """
    searched = _searched(study, diagnosis)
    for advised in diagnosis.advice:
        if advised.step not in SEARCHABLE or advised.step in struck:
            continue
        own = changes_of(advised.step, searched)
        if not own and advised.step not in (StepKind.LONGER_TRAINING, StepKind.MORE_TRIALS):
            continue
        space, reasons = next_space(searched, own)
        if own and not any(f"space.{change.name}" in reasons for change in own):
            continue
        training = study.config.training
        if advised.step is StepKind.LONGER_TRAINING:
            training = training.model_copy(update={"max_epochs": LONGER * training.max_epochs})
            reasons["training.max_epochs"] = f"{LONGER} times as many: {advised.evidence[0]}"
        changed = {
            "name": name,
            "search_seed": study.config.seed_of_search + 1,
            "warm_start": study.config.name,
            "space": space,
            "training": training.model_dump(),
        }
        try:
            config = ResolvedStudy.model_validate({**study.config.model_dump(), **changed})
        except ValidationError:  # a grid, say, cannot search what the step adds
            continue
        return NextStudy(config, advised.step, reasons)
    return None


def _searched(study: StoredStudy, diagnosis: StudyDiagnosis) -> Searched:
    space, winner = study.config.space, winner_of(study.trials, study.metric)
    standing = standing_of(study.trials, study.metric, watch=study.watch)
    tried = Tried.of(standing, study.config, winner)
    return Searched(
        space=space,
        winner=space.point(winner.params),
        best=[trial.params for trial in best_of(standing)],
        findings=diagnosis.findings,
        has_images=study.config.data.image_shape is not None,
        larger=tried.settled(larger=True),
        smaller=tried.settled(larger=False),
    )


def next_space(searched: Searched, own: Iterable[Change]) -> tuple[SearchSpace, dict[str, str]]:
    """Return the space that a step's own changes lead to, and the reason of each dimension that differs.

    A change that would not be what its name says is not made: a range that is called enlarged reaches
    farther than the one before.
    """
    space = searched.space
    reasons: dict[str, str] = {}
    by_name = {change.name: change for change in chain(moved_edges(searched), own)}
    for change in (*by_name.values(), *narrowed(searched, others=by_name)):
        changed, old = _with(space, change), space.dimensions.get(change.name)
        new = None if changed is None else changed.dimensions.get(change.name)
        if changed is None or new is None or new == old:
            continue
        if is_true_of(change.claim, change.name, old=old, new=new):
            space = changed
            reasons[f"space.{change.name}"] = change.reason
    return space, reasons


def _with(space: SearchSpace, change: Change) -> SearchSpace | None:
    """Return the space with a change; None where it would contradict itself."""
    dimensions = space.dimensions
    old = dimensions.get(change.name)
    new = change.dimension if old is None else change.dimension.model_copy(update={"when": old.when})
    default = getattr(old, "default", None)
    if default is not None and not isinstance(new, ConstantDimension) and new.contains(default):
        new = new.model_copy(update={"default": default})
    try:
        return space.model_validate({**dimensions, change.name: new.model_dump()})
    except ValidationError:
        return None


def next_name(name: str) -> str:
    """Return a name for the study after one: `houses-next` after `houses`, then `houses-next-2` and so on."""
    first, ending = name_without_round(name), "-next"
    if followed := re.fullmatch(r"(.+?)-next(?:-(\d+))?", first):
        first, ending = followed[1], f"-next-{int(followed[2] or 1) + 1}"
    return plain_name(first)[: 64 - len(ending)] + ending
