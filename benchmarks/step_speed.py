"""The time of one training step, Proctor's and its peers', turn by turn.

It is the process's time on the processor: every contestant runs in one thread and waits for nothing, so on an
idle machine that is the time on the clock, and on another it leaves out the turns of other programs.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from statistics import median

from benchmarks.contestants import N_TRAIN, Contestant, Shape, contestants
from benchmarks.machine import sgemm_peak

SHAPES = (Shape(1, 32, 32), Shape(2, 64, 64), Shape(3, 128, 64), Shape(2, 256, 256), Shape(3, 512, 128))
TURN_SECONDS = 0.15
"""About how long a contestant trains in its turn (seconds)."""

EPOCHS_OF_A_TURN = 40
"""The most epochs that one turn has: a network that is trained for longer hardly has a gradient left."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Times of one step (seconds): the median of the rounds, and the fastest and slowest of them."""

    median: float
    fastest: float
    slowest: float


@dataclass(frozen=True, slots=True)
class StepSpeed:
    """What one shape showed.

    Attributes
    ----------
    shape
        In words.
    steps
        By contestant.
    peak_share
        What Proctor reached of the fastest matrix product between the rounds (fraction).
    """

    shape: str
    steps: Mapping[str, Spread]
    peak_share: float

    def speed_against(self, peer: str) -> float:
        """Return how many times as fast as the peer Proctor is."""
        return self.steps[peer].median / self.steps["proctor"].median

    @property
    def dropout_cost(self) -> float:
        """Return what dropout adds to Proctor's step (fraction)."""
        return self.steps["dropout"].median / self.steps["proctor"].median - 1

    @property
    def embedding_cost(self) -> float:
        """Return what embeddings of 30 features add to Proctor's step (fraction)."""
        return self.steps["embedded"].median / self.steps["proctor"].median - 1


def step_speed(shape: Shape, *, n_rounds: int) -> tuple[StepSpeed, dict[str, str]]:
    """Time every contestant once a round; also return why those that did not run did not, by name."""
    ready: dict[str, Contestant] = {}
    failures: dict[str, str] = {}
    for name, make in contestants().items():
        try:
            ready[name] = make(shape)
        except Exception as error:  # noqa: BLE001 - a peer's compiler may fail in any way; that is the result
            failures[name] = f"{type(error).__name__}: {str(error).splitlines()[0]}"
    n_epochs = {name: _epochs_of_a_turn(contestant) for name, contestant in ready.items()}
    seconds: dict[str, list[float]] = {name: [] for name in ready}
    peak = 0.0
    for _ in range(n_rounds):
        peak = max(peak, sgemm_peak(repeats=3))
        for name, contestant in ready.items():
            contestant.restart()
            seconds[name].append(_epoch_seconds(contestant, n_epochs[name]))
    n_steps = ceil(N_TRAIN / shape.batch_size)
    spreads = {
        name: Spread(median(times) / n_steps, min(times) / n_steps, max(times) / n_steps)
        for name, times in seconds.items()
    }
    share = shape.flop_of_an_epoch / median(seconds["proctor"]) / peak
    return StepSpeed(str(shape), spreads, share), failures


def _epochs_of_a_turn(contestant: Contestant) -> int:
    contestant.train_epoch()
    return min(EPOCHS_OF_A_TURN, ceil(TURN_SECONDS / _epoch_seconds(contestant, 1)))


def _epoch_seconds(contestant: Contestant, n_epochs: int) -> float:
    contestant.train_epoch()  # not timed: buffers are made, caches are filled
    began = time.process_time()
    for _ in range(n_epochs):
        contestant.train_epoch()
    return (time.process_time() - began) / n_epochs
