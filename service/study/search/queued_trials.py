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
