"""Trials that another tool queued, by Optuna's `enqueue_trial`, taken up as enqueued points of the study."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.configuration.study_config import ResolvedStudy
from service.errors import BadInputError
from service.study.search.enqueued_points import ENQUEUED, USER, EnqueuedPoint, complete_point
from service.study.storage.leases.lease import Lease
from service.study.storage.queued_trials import QueuedTrial
from service.study.storage.study_store import StudyStore


def point_of_queued(space: SearchSpace, params: Mapping[str, Any] | None) -> dict[str, Value]:
    """Return the point that a queued trial stands for: the values given, and the defaults for the rest.

    Raises
    ------
    BadInputError
        It does not lie in the space.
    """
    if params is None:
        raise BadInputError("expected the values that enqueue_trial keeps, found none")
    for name, value in params.items():
        if not isinstance(value, str | int | float):
            raise BadInputError(f"{name}: expected a number or a word, found {value!r}")
    return complete_point(space, params)


def take_up_queued(
    store: StudyStore,
    config: ResolvedStudy,
    *,
    room: Callable[[int], int],
    passed_over: set[int],
    lease: Lease | None = None,
) -> Sequence[str]:
    """Enqueue the points of trials that other tools queued; return what people should know, a line a trial.

    Parameters
    ----------
    store
        Where the study is kept.
    config
        The study.
    room
        Tells how many more points can be tried, by how many are enqueued in all.
    passed_over
        Numbers of the trials that do not lie in the space and of which it was said; those found are added.
    lease
        The lease of whoever runs it.
    """
    lines: list[str] = []

    def choose(queued: Sequence[QueuedTrial], n_points: int) -> dict[QueuedTrial, object]:
        lines.clear()
        chosen: dict[QueuedTrial, object] = {}
        for trial in queued:
            if trial.number in passed_over or len(chosen) >= room(n_points):
                continue
            said = f"trial {trial.number} was queued by another tool"
            try:
                values = point_of_queued(config.space, trial.params)
            except BadInputError as error:
                lines.append(f"{said}, and is passed over: {error}")
                passed_over.add(trial.number)
            else:
                lines.append(f"{said}, and is taken up as an enqueued point")
                chosen[trial] = EnqueuedPoint(values, USER).attribute()
        return chosen

    store.take_up(config.name, choose, key=ENQUEUED, lease=lease)
    return lines
