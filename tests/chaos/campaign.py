"""A study that is struck again and again until it ends, and the record of what befell it."""

import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.chaos.disturbances.disturbance import Disturbance
from tests.chaos.outcome import Outcome, differences, faults_alone, outcome_of
from tests.chaos.scene import Scene

PATIENCE_SECONDS = 180.0
"""Without a trial that ends, a study counts as hung."""

FRUITLESS_STARTS = 8
"""So many starts in a row without a trial that ends: the study cannot be resumed."""


@dataclass(frozen=True, slots=True)
class Strike:
    """One thing that befell a study: when (seconds from its start), after how many ended trials, and what."""

    seconds: float
    n_ended: int
    what: str


@dataclass
class Campaign:
    """Strikes at a study until it has ended.

    Attributes
    ----------
    scene
        The study.
    rng
        What delays and targets are drawn from.
    strikes
        What befell it.
    faults
        Broken promises.
    n_strikes
        How many blows fell.
    tell
        Is told of each as it falls.
    """

    scene: Scene
    rng: Random
    strikes: list[Strike] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    n_strikes: int = 0
    tell: Callable[[Strike], None] = lambda _: None
    _began: float = field(default_factory=time.monotonic)
    _last: Disturbance | None = None
    _may_end: bool = False
    _postponed: deque[Disturbance] = field(default_factory=deque)

    def run_to_end(self, plan: Iterator[tuple[Disturbance, float]]) -> None:
        """Start the study and strike, each time after a delay (seconds), and resume it until it has ended.

        Parameters
        ----------
        plan
            Disturbances, each with the time to let go by before it; what cannot be done is put off.
        """
        n_ended, at, fruitless = -1, time.monotonic(), 0
        self.scene.start()
        while self.scene.status != 0:
            now_ended = self.scene.n_ended()
            if now_ended > n_ended:
                n_ended, at, fruitless = now_ended, time.monotonic(), 0
            if self.scene.status not in (None, 0):
                self._note_end()
                fruitless += 1
                if fruitless > FRUITLESS_STARTS:
                    self.faults.append(f"cannot be resumed: {self.scene.last_words()}")
                    return
                self.scene.start()
            elif time.monotonic() - at > PATIENCE_SECONDS:
                self.faults.append(f"hung after: {self.strikes[-1].what if self.strikes else 'nothing'}")
                return
            disturbance, delay = next(plan, None) or self._postponed_blow()
            self.scene.wait(delay)
            if disturbance is not None and self.scene.status is None:
                self._strike(disturbance)

    def _postponed_blow(self) -> tuple[Disturbance | None, float]:
        """Return what could not be done when it was due, once all else has been."""
        return (self._postponed.popleft() if self._postponed else None), 0.2

    def _strike(self, disturbance: Disturbance) -> None:
        n_ended = self.scene.n_ended()
        seconds = time.monotonic() - self._began
        if not disturbance.strike(self.scene, self.rng):
            self._postponed.append(disturbance)
        else:
            self.n_strikes += 1
            self._keep(Strike(seconds, n_ended, disturbance.name))
            self._last = disturbance
            self._may_end = self._may_end or not disturbance.is_survived

    def _note_end(self) -> None:
        """Write down that the command ended before its study; where it should not have, that is a fault."""
        status, words = self.scene.status, self.scene.last_words()
        seconds = time.monotonic() - self._began
        said = f": {words}" if status != -signal.SIGKILL else ""
        self._keep(Strike(seconds, self.scene.n_ended(), f"  ended with status {status}{said}"))
        # Ray's processes take the coordinator along by and by, when another blow has fallen meanwhile.
        if not self._may_end:
            name = "nothing" if self._last is None else self._last.name
            self.faults.append(f"the coordinator ended with status {status} after: {name}: {words}")
        self._may_end = False

    def _keep(self, strike: Strike) -> None:
        self.strikes.append(strike)
        self.tell(strike)

    def verdict(self, expected: Outcome) -> Sequence[str]:
        """Return every broken promise, the study having ended; none is a pass."""
        if self.scene.status != 0:
            return self.faults
        found = outcome_of(self.scene.study.storage)
        return [*self.faults, *faults_alone(self.scene.study), *differences(expected, found)]
