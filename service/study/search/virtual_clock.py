"""The order in which a parallel study's trials start and end, whatever the real workers do.

`concurrency` trials run at once on this clock. A trial's virtual length is the epochs it ran times the cost
of its epoch, a fixed formula; trial n starts at the instant when a place falls free, and what is known then
are the trials that have virtually ended. An instant is used only once it is certain: each trial virtually
running has really ended, or has really passed it. No I/O, no randomness, no wall-clock time.

The formula knows numbers that are counted and values that are configured, nothing measured: it gives the same
bits on every machine. Only ratios of costs matter: they order the events of a study, and a factor common to
all changes nothing. The closer they are to those of real epochs, the less workers wait for an order to become
certain.

References
----------
Chandy, K. M. and Misra, J. (1979). Distributed simulation: a case study in design and verification of
distributed programs. IEEE Transactions on Software Engineering, SE-5(5).
"""

import heapq
from dataclasses import dataclass
from math import inf
from statistics import fmean

from search_spaces.point import Point
from workers.kinds import model_kind
from workers.trial_data import TrialData


@dataclass(slots=True)
class _Run:
    """A trial on the clock: `end` is known once it has really ended, `at_least` is a bound until then."""

    start: float
    epoch_cost: float
    at_least: float
    end: float | None = None


class VirtualClock:
    """Decides when the next trial may start, and which trials have ended by then.

    Each call takes a time that grows with the logarithm of the concurrency, on average over a study.

    Parameters
    ----------
    concurrency
        How many trials run at once, virtually; at least 1.
    """

    def __init__(self, concurrency: int) -> None:
        if concurrency < 1:
            raise ValueError(f"concurrency must be at least 1, got {concurrency}")
        self._concurrency = concurrency
        self._running: dict[int, _Run] = {}
        self._ends: list[tuple[float, int]] = []  # a heap: the known ends of trials not yet settled
        self._bounds: list[tuple[float, int]] = []  # a heap: what others run at least, or ran at least before
        self._now = 0.0

    @property
    def now(self) -> float:
        """The instant up to which the order of events is settled (virtual seconds)."""
        return self._now

    def next_start(self) -> float | None:
        """Return the instant at which the next trial starts, or None while it is not certain."""
        if len(self._running) < self._concurrency:
            return self._now
        if not self._ends:
            return None
        instant, _ = self._ends[0]
        # A trial still running might yet end at the very instant that it has been seen to reach: only one
        # that is certain to pass it leaves the set of trials ended by then as it is.
        return instant if self._least_bound() > instant else None

    def awaited(self) -> list[int]:
        """Return the trials that the next start waits for: it is certain once each is seen to pass it.

        There are none where it is certain, or no trial's end is known. It takes longer the more there are.
        """
        if len(self._running) < self._concurrency or not self._ends:
            return []
        instant, _ = self._ends[0]
        held_up = []
        while self._least_bound() <= instant:
            held_up.append(heapq.heappop(self._bounds))
        for bound in held_up:
            heapq.heappush(self._bounds, bound)
        return [number for _, number in held_up]

    def settle(self, instant: float) -> list[int]:
        """Settle all that happens up to an instant, and return the trials that have virtually ended since.

        Parameters
        ----------
        instant
            What `next_start` gave, now or in an earlier run of the same study.

        Returns
        -------
        list of int
            Trials in the order of their ends, ties by number.
        """
        ended = []
        while self._ends and self._ends[0][0] <= instant:
            _, number = heapq.heappop(self._ends)
            del self._running[number]
            ended.append(number)
        self._now = instant
        return ended

    def start(self, number: int, epoch_cost: float) -> float:
        """Start a trial now, and return now.

        Parameters
        ----------
        number
            The trial's number.
        epoch_cost
            Virtual length of one of its epochs (virtual seconds); above 0.

        Raises
        ------
        ValueError
            When no place is free, or `epoch_cost` is not above 0.
        """
        if len(self._running) >= self._concurrency:
            raise ValueError(f"trial {number} cannot start: all {self._concurrency} places are taken")
        if not epoch_cost > 0:
            raise ValueError(f"an epoch's cost must be above 0, got {epoch_cost} for trial {number}")
        run = self._running[number] = _Run(self._now, epoch_cost, at_least=self._now + epoch_cost)
        heapq.heappush(self._bounds, (run.at_least, number))
        return self._now

    def advance(self, number: int, epochs: int) -> None:
        """Note that a trial has run `epochs` epochs and goes on to another."""
        run = self._running[number]
        run.at_least = max(run.at_least, run.start + (epochs + 1) * run.epoch_cost)

    def end(self, number: int, epochs: int) -> float:
        """Note that a trial has really ended after `epochs` epochs (at least 1), and return its virtual end.

        Raises
        ------
        ValueError
            When the trial had been seen to run for longer: the past cannot be changed.
        """
        run = self._running[number]
        end = run.start + max(epochs, 1) * run.epoch_cost
        if end < run.at_least:
            raise ValueError(f"trial {number} was seen to run beyond {run.at_least}, so cannot end at {end}")
        return self.end_at(number, end)

    def end_at(self, number: int, end: float) -> float:
        """Note a trial's virtual end as it was computed in an earlier run of the study, and return it.

        It is taken as it is, since another version may have reckoned otherwise with the cost of an epoch.

        Raises
        ------
        ValueError
            When the trial was seen to end before: the past cannot be changed.
        """
        run = self._running[number]
        if run.end is not None:
            raise ValueError(f"trial {number} was seen to end at {run.end}, so cannot end at {end}")
        run.end = end
        heapq.heappush(self._ends, (end, number))
        return end

    def _least_bound(self) -> float:
        """Return the earliest instant at which a trial might end whose end is not known; infinite if none."""
        while self._bounds:
            bound, number = self._bounds[0]
            run = self._running.get(number)
            if run is None or run.end is not None:
                heapq.heappop(self._bounds)
            elif run.at_least > bound:
                heapq.heapreplace(self._bounds, (run.at_least, number))
            else:
                return bound
        return inf


def epoch_cost(point: Point, data: TrialData) -> float:
    """Return the virtual length of one epoch (virtual seconds), roughly proportional to the real one.

    The kind of model knows it. It decides the order of events in every study, so a change of it changes what
    the same seed gives. Where there are several folds, it is the mean over them.
    """
    kind = model_kind(point.kind)
    return fmean(kind.epoch_cost(point, fold) for fold in data.folds(point))
