"""Trainings side by side: each has one end, and a dead worker's is begun anew, as often as a trial is."""

from collections import Counter, deque
from itertools import chain

import pytest

from search_spaces.network.point import NetworkPoint
from service.study.search.trial_lifecycle import MAX_RUNS
from service.winner.examination.retraining import ends_of
from tests.workers.train_dev_sets import few_numbers, rules
from workers.messages import Event, TrialEnded, TrialLost, TrialRequest
from workers.pools.in_process_pool import InProcessPool
from workers.train_dev_data import Task
from workers.trial_data import TrialData

POINT = NetworkPoint(width=4, depth=1, batch_size=8)
REQUESTS = [
    TrialRequest(number, POINT, seed=number, rules=rules(Task.REGRESSION, max_epochs=3))
    for number in range(4)
]


class DeadlyPool(InProcessPool):
    """Kills the worker of some trainings, so and so often each, before it begins."""

    def __init__(self, deaths: dict[int, int]) -> None:
        super().__init__(TrialData.single(few_numbers()), n_workers=2)
        self._deaths = Counter(deaths)
        self._lost: deque[Event] = deque()

    def submit(self, request: TrialRequest) -> None:
        """Queue it, or have its worker die."""
        if self._deaths[request.number]:
            self._deaths[request.number] -= 1
            self._lost.append(TrialLost(request.number, "here", "killed"))
        else:
            super().submit(request)

    def events(self, timeout_seconds: float) -> list[Event]:
        """Tell of a death, if any, and of what happened beside it."""
        lost = [self._lost.popleft()] if self._lost else []
        return [*lost, *super().events(timeout_seconds)]


def test_each_has_one_end() -> None:
    ended = list(chain.from_iterable(ends_of(REQUESTS, DeadlyPool({}))))
    assert sorted(end.number for end in ended) == [0, 1, 2, 3]
    assert all(isinstance(end, TrialEnded) for end in ended)


@pytest.mark.parametrize(("n_deaths", "is_lost"), [(1, False), (MAX_RUNS - 1, False), (MAX_RUNS, True)])
def test_a_training_whose_workers_die_is_lost_when_a_trial_would_be(n_deaths: int, *, is_lost: bool) -> None:
    ended = {end.number: end for end in chain.from_iterable(ends_of(REQUESTS, DeadlyPool({2: n_deaths})))}
    assert set(ended) == {0, 1, 2, 3}
    assert isinstance(ended[2], TrialLost) == is_lost
