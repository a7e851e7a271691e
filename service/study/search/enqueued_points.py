"""Points that people want tried: kept with the study in their order, and taken one after the other.

A point may come from a user's command, from an earlier study, or from a trial that another tool queued by
Optuna's `enqueue_trial`. It takes the number of the next trial that is asked; the trial carries its place in
the list, so that a resumed study knows which were taken.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from optuna.trial import TrialState

from search_spaces.nearest_word import nearest_word
from search_spaces.point import Point
from search_spaces.ranges import FloatDimension
from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.configuration.study_config import ResolvedStudy
from service.errors import BadInputError
from service.seal.identity import StudyIdentity
from service.study.search.winner import rank
from service.study.storage.foreign_trials import QueuedTrial
from service.study.storage.kept_trials import eligible
from service.study.storage.lease import Lease
from service.study.storage.storage_errors import StorageAwayError
from service.study.storage.stored_study import StoredStudy
from service.study.storage.study_rows import ORIGIN, place_of_origin
from service.study.storage.study_store import StudyStore

ENQUEUED = "enqueued"
"""The study's attribute that lists the points."""

USER = "user"
"""Origin of a point that a command enqueued; others carry the name of the study they come from."""

FAILED_TRIAL = "failed trial"
"""Origin of a point that is tried again, before the number of the trial that failed with it."""

_SECONDS_BETWEEN_LOOKS = 1.0


@dataclass(frozen=True, slots=True)
class EnqueuedPoint:
    """A point: values of the active searched dimensions, and who wanted it tried.

    Attributes
    ----------
    values
        The point.
    origin
        `USER`, the name of an earlier study, or `FAILED_TRIAL` and a trial's number.
    study
        The earlier study, whatever it is called later; None where the origin is another.
    """

    values: Mapping[str, Value]
    origin: str
    study: StudyIdentity | None = None

    def attribute(self) -> dict[str, Any]:
        """Return it as it is kept with the study."""
        place = {} if self.study is None else place_of_origin(self.study)
        return {"values": dict(self.values), ORIGIN: self.origin, **place}


def points_of(attributes: Mapping[str, Any]) -> tuple[EnqueuedPoint, ...]:
    """Return the points among a study's attributes."""
    return tuple(EnqueuedPoint(point["values"], point["origin"]) for point in attributes.get(ENQUEUED, ()))


def complete_point(space: SearchSpace, given: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values of all active searched dimensions: those given, and the defaults for the rest.

    Raises
    ------
    BadInputError
        A name that is not searched, or not with the other values; or a value outside its dimension.
    """
    for name in given:
        if name not in space.searched_names:
            near = nearest_word(name, space.searched_names)
            hint = f"; did you mean {near}?" if near else f"; searched are {', '.join(space.searched_names)}"
            raise BadInputError(f"{name}: not searched in this study{hint}")
    values = space.completed(given)
    for name in given:
        if name not in values:
            raise BadInputError(f"{name}: given, but not searched with the other values")
    try:
        space.point(values)
    except ValueError as error:
        raise BadInputError(str(error)) from error
    return values


def points_from(earlier: Sequence[Point], space: SearchSpace) -> list[dict[str, Value]]:
    """Return an earlier study's points as points of another space: those that lie in it, none twice.

    What the other space does not search is left out; what it searches is taken from the point, be it a
    constant of the earlier space. Regularization that a point has none of becomes the least that is searched,
    as a log range cannot reach 0.
    """
    points: list[dict[str, Value]] = []
    for hyperparameters in earlier:
        fields = hyperparameters.model_dump(mode="json")
        given = {
            name: _searched_value(name, fields[name], space)
            for name in space.searched_names
            if fields.get(name) is not None
        }
        values = space.completed(given)
        try:
            space.point(values)
        except ValueError:
            continue
        if values not in points:
            points.append(values)
    return points


def _searched_value(name: str, value: Value, space: SearchSpace) -> Value:
    dimension = space.dimensions[name]
    if value == space.fields.no_strength.get(name) and isinstance(dimension, FloatDimension):
        return min(max(float(value), dimension.low), dimension.high)
    return value


class RecentPoints:
    """The points of a running study, looked up in storage at most once a second.

    Parameters
    ----------
    attributes
        Reads the study's attributes.
    """

    def __init__(self, attributes: Callable[[], Mapping[str, Any]]) -> None:
        self._attributes = attributes
        self._points: tuple[EnqueuedPoint, ...] = ()
        self._looked_at = float("-inf")

    def __call__(self) -> Sequence[Mapping[str, Value]]:
        """Return the points known by now."""
        if time.monotonic() - self._looked_at >= _SECONDS_BETWEEN_LOOKS:
            with suppress(StorageAwayError):  # those known by now will do
                self._points = points_of(self._attributes())
            self._looked_at = time.monotonic()
        return [point.values for point in self._points]


N_POINTS = 5
"""Best trials of the earlier study whose points are taken."""


def warm_start_points(earlier: StoredStudy, space: SearchSpace) -> list[EnqueuedPoint]:
    """Return the best points of an earlier study that lie in a space, the best first.

    Raises
    ------
    BadInputError
        No trial of the earlier study is complete, or none of its best points lies in the space.
    """
    name = earlier.config.name
    complete = [trial for trial in eligible(earlier.trials) if trial.state is TrialState.COMPLETE]
    best = sorted(complete, key=lambda trial: rank(trial, earlier.metric))[:N_POINTS]
    if not best:
        raise BadInputError(f"warm_start: no trial of study {name!r} is complete")
    points = points_from([earlier.config.space.point(trial.params) for trial in best], space)
    if not points:
        raise BadInputError(
            f"warm_start: none of the best points of study {name!r} lies in this study's space"
        )
    return [EnqueuedPoint(values, name, earlier.identity) for values in points]


def point_of_queued(space: SearchSpace, params: Mapping[str, Any] | None) -> dict[str, Value]:
    """Return the point that a queued trial stands for: the values given, and the defaults for the rest.

    Raises
    ------
    BadInputError
        It does not lie in the space.
    """
    if params is None:
        raise BadInputError("expected the values that enqueue_trial keeps, got none")
    for name, value in params.items():
        if not isinstance(value, str | int | float):
            raise BadInputError(f"{name}: expected a number or a word, got {value!r}")
    return complete_point(space, params)


class QueuedPoints:
    """Enqueues the points of trials that other tools queue while a study runs, each looked at once.

    Parameters
    ----------
    store
        Where the study is kept.
    config
        The study.
    room
        Tells how many more points can be tried, by how many are enqueued in all.
    lease
        The lease of whoever runs it.
    """

    def __init__(
        self,
        store: StudyStore,
        config: ResolvedStudy,
        *,
        room: Callable[[int], int],
        lease: Lease | None = None,
    ) -> None:
        self._store, self._config, self._room, self._lease = store, config, room, lease
        self._after = self._newest = 0
        self._looked_at: set[int] = set()

    def take_up(self) -> Sequence[str]:
        """Enqueue what was queued since the last call; return what people should know, a line a trial."""
        lines: list[str] = []
        numbers: set[int] = set()

        def choose(queued: Sequence[QueuedTrial], n_points: int) -> dict[QueuedTrial, object]:
            lines.clear()
            chosen: dict[QueuedTrial, object] = {}
            for trial in queued:
                if trial.number in self._looked_at:
                    continue
                numbers.add(trial.number)
                said = f"trial {trial.number} was queued by another tool"
                try:
                    values = point_of_queued(self._config.space, trial.params)
                except BadInputError as error:
                    lines.append(f"{said}, and is passed over: {error}")
                    continue
                if len(chosen) < self._room(n_points):
                    lines.append(f"{said}, and is taken up as an enqueued point")
                    chosen[trial] = EnqueuedPoint(values, USER).attribute()
                else:
                    lines.append(f"{said}, and is passed over: all trials of the study are taken")
            return chosen

        newest = self._store.take_up(
            self._config.name, choose, key=ENQUEUED, after=self._after, lease=self._lease
        )
        # One call back: a trial whose key is older may become visible later than that of another study.
        self._after, self._newest = self._newest, newest
        self._looked_at |= numbers
        return lines
