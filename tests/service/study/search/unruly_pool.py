"""A pool as bad as a pool may be: workers of very different speeds, late and lost news, and sudden deaths."""

from collections import Counter, deque
from random import Random

from service.study.search.trial_lifecycle import MAX_RUNS
from workers.messages import Event, TrialAdvanced, TrialEnded, TrialLost
from workers.pools.in_process_pool import InProcessPool
from workers.trial_data import TrialData


class UnrulyPool(InProcessPool):
    """Runs trials as an in-process pool does, and what it tells of them is as late as it may be.

    Each trial has a speed of its own, up to `slowness` times below the fastest, whatever its epochs cost.
    Progress is often not told, events come late and several at once, and workers die, but no trial's so often
    that it is given up.

    Parameters
    ----------
    data
        What trials are trained on.
    n_workers
        How many trials take turns.
    seed
        Of all accidents.
    slowness
        Ratio of the highest to the lowest speed.
    """

    def __init__(self, data: TrialData, *, n_workers: int, seed: int, slowness: float = 5.0) -> None:
        super().__init__(data, n_workers=n_workers)
        self._random = Random(seed)
        self._slowness = slowness
        self._speeds: dict[int, float] = {}
        self._deaths: Counter[int] = Counter()
        self._late: deque[Event] = deque()

    def events(self, timeout_seconds: float) -> list[Event]:
        """Let some workers take a turn, and tell some of what happened until now."""
        resting = {place: run for place, run in enumerate(self._runs) if not self._takes_a_turn(place)}
        for place in resting:
            self._runs[place] = iter(())  # ended already, for this turn
        happened = super().events(timeout_seconds)
        for place, run in resting.items():
            self._runs[place] = run
        for event in happened:
            self._take_in(event)
        n_told = self._random.randint(0, len(self._late))
        return [self._late.popleft() for _ in range(n_told)]

    def _takes_a_turn(self, place: int) -> bool:
        speed = self._speeds.setdefault(place, self._random.uniform(1 / self._slowness, 1.0))
        return self._random.random() < speed

    def _take_in(self, event: Event) -> None:
        place = int(event.worker.rpartition("-")[2])
        if not isinstance(event, TrialAdvanced) or self._random.random() < 0.5:
            self._late.append(event)
        if isinstance(event, TrialEnded):
            self._speeds.pop(place)
        elif self._deaths[event.number] < MAX_RUNS - 1 and self._random.random() < 0.03:
            self._deaths[event.number] += 1
            self._runs[place] = None
            self._late.append(TrialLost(event.number, event.worker, "its worker was killed"))
