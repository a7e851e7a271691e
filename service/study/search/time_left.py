"""How long the trainings that are left will take, from how long those that were seen took.

The first trials of a search are asked before any can be pruned, and take a large part of its time; most later
ones end at a rung. So the two kinds are told apart, and until some of the later kind have ended their length
leans on a guess. Trials that still run count with what they have run: those that end first are short ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

FEWEST_ENDED = 2
"""Before so many trials have ended nothing is told."""

SHARE_IF_PRUNED = 0.25
"""How long trials are that may be pruned beside those that may not: a guess, until they have shown it."""

GUESS_COUNTS_AS = 5.0
"""The guess counts as so many trials that ended."""

LEAST_USE = 0.3
"""Share of the workers' time, at the least, that is reckoned to be spent in trainings."""


@dataclass(slots=True)
class _Ended:
    """Trainings that ended: how many, and how long they took together (seconds)."""

    n: int = 0
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """Take in another."""
        self.n, self.seconds = self.n + 1, self.seconds + seconds


@dataclass(slots=True)
class TimeLeft:
    """Estimates of trainings' lengths; all instants are in seconds of one clock.

    Attributes
    ----------
    n_trials
        The search's trials.
    n_confirmations
        Trainings that follow it, none of which is pruned.
    prunes
        Whether trials are pruned once some have ended.
    """

    n_trials: int
    n_confirmations: int
    prunes: bool
    _n_ended: int = 0
    _is_confirming: bool = False
    _n_workers: int = 0
    _began: float | None = None
    _may_be_pruned: dict[int, bool] = field(default_factory=dict)
    _running: dict[int, float] = field(default_factory=dict)
    _searched: dict[bool, _Ended] = field(default_factory=lambda: {False: _Ended(), True: _Ended()})
    _whole: _Ended = field(default_factory=_Ended)
    _all: _Ended = field(default_factory=_Ended)

    def asked(self, number: int, *, may_be_pruned: bool) -> None:
        """Hear of a trial."""
        self._may_be_pruned[number] = may_be_pruned

    def restored(self) -> None:
        """Count a trial that ended in an earlier run, on another day or machine: its time is no guide."""
        self._n_ended += 1

    def started(self, number: int, now: float) -> None:
        """Hear that a worker has begun with a trial."""
        self._began = now if self._began is None else self._began
        self._running[number] = now
        self._n_workers = max(self._n_workers, len(self._running))

    def lost(self, number: int, *, is_for_good: bool) -> None:
        """Hear that a trial's worker died: it is begun anew, unless that was its last time."""
        self._running.pop(number, None)
        self._n_ended += is_for_good

    def ended(self, number: int, *, seconds: float, is_whole: bool) -> None:
        """Hear that a trial has ended, after so many seconds, and whether it was trained to its end."""
        self._running.pop(number, None)
        self._n_ended += 1
        self._all.add(seconds)
        if not self._is_confirming:
            self._searched[self._may_be_pruned.get(number, False)].add(seconds)
        if is_whole:
            self._whole.add(seconds)

    def confirming(self, n_confirmations: int) -> None:
        """Hear that the search has ended, and how many trainings follow: their own lengths count most."""
        self._is_confirming, self._n_ended, self.n_confirmations = True, 0, n_confirmations
        if self._whole.n:
            self._whole = _Ended(1, self._whole.seconds / self._whole.n)

    @property
    def is_rough(self) -> bool:
        """Whether it rests on a guess more than on trials that ended."""
        return self.prunes and not self._is_confirming and self._searched[True].n < GUESS_COUNTS_AS

    def seconds(self, now: float) -> float | None:
        """Return how long the rest will take (seconds); None as long as too few trials have ended here."""
        if self._all.n < FEWEST_ENDED or self._began is None:
            return None
        ran = {number: now - since for number, since in self._running.items()}
        spent, offered = self._all.seconds + sum(ran.values()), self._n_workers * (now - self._began)
        use = min(max(spent / offered, LEAST_USE), 1.0) if offered > 0 else 1.0
        work = self._work_of_confirmations(ran) if self._is_confirming else self._work_of_search(ran)
        return work / (self._n_workers * use)

    def _work_of_search(self, ran: Mapping[int, float]) -> float:
        """Return how long one worker would take for the search, and for all that follows (seconds)."""
        mean = self._mean_seconds(ran)
        running = sum(
            max(mean[self._may_be_pruned.get(number, False)] - seconds, 0.0)
            for number, seconds in ran.items()
        )
        n_to_come = max(self.n_trials - self._n_ended - len(ran), 0)
        whole = self._whole.seconds / self._whole.n if self._whole.n else mean[False]
        return running + n_to_come * mean[self.prunes] + self.n_confirmations * whole

    def _work_of_confirmations(self, ran: Mapping[int, float]) -> float:
        ended = self._whole if self._whole.n else self._all
        mean = ended.seconds / ended.n
        n_left = max(self.n_confirmations - self._n_ended, 0)
        return max(n_left * mean - sum(min(seconds, mean) for seconds in ran.values()), 0.0)

    def _mean_seconds(self, ran: Mapping[int, float]) -> dict[bool, float]:
        """Return how long trials are that cannot be pruned, and that can (seconds)."""
        seconds = {kind: ended.seconds for kind, ended in self._searched.items()}
        for number, so_far in ran.items():
            seconds[self._may_be_pruned.get(number, False)] += so_far
        free, prunable = self._searched[False].n, self._searched[True].n
        if free == 0:
            mean = seconds[True] / prunable
            return {False: mean, True: mean}
        whole = seconds[False] / free
        guess = GUESS_COUNTS_AS * SHARE_IF_PRUNED * whole
        return {False: whole, True: (seconds[True] + guess) / (prunable + GUESS_COUNTS_AS)}
