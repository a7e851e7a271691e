"""A pool whose trials end as they are handed in, with made curves: what is left is the coordinator."""

import math
import time
from collections import deque

import numpy as np

from search_spaces.network.point import NetworkPoint
from workers.messages import Ending, EpochMetrics, Event, FoldEnded, TrialEnded, TrialRequest, TrialStarted

N_HIDDEN_LAYERS = 2


class AnsweringPool:
    """A `WorkerPool` that runs nothing.

    Parameters
    ----------
    n_epochs
        Length of every trial.
    """

    def __init__(self, n_epochs: int) -> None:
        self._n_epochs = n_epochs
        self._queue: deque[TrialRequest] = deque()
        self.submitted: list[tuple[float, float]] = []
        """When each trial came in: by the clock, and by this process's processor time (seconds)."""

    @property
    def n_workers(self) -> int:
        """As many as a small machine has."""
        return 2

    def submit(self, request: TrialRequest) -> None:
        """Take a trial in."""
        self.submitted.append((time.perf_counter(), time.process_time()))
        self._queue.append(request)

    def follow(self, number: int) -> None:
        """Do nothing: trials end at once."""

    def events(self, timeout_seconds: float) -> list[Event]:  # noqa: ARG002 (nothing is waited for)
        """Return the beginning and the end of a trial a worker."""
        happened: list[Event] = []
        for worker in range(min(self.n_workers, len(self._queue))):
            request = self._queue.popleft()
            happened += [
                TrialStarted(request.number, f"made-{worker}"),
                made_ending(request, self._n_epochs, worker=f"made-{worker}"),
            ]
        return happened

    def close(self) -> None:
        """Drop what waits."""
        self._queue.clear()


def made_ending(request: TrialRequest, n_epochs: int, *, worker: str) -> TrialEnded:
    """Return a complete trial whose dev error falls towards a level that its learning rate decides."""
    rng = np.random.default_rng(request.number)
    level = 0.05 + 0.02 * abs(math.log10(NetworkPoint.of(request.hyperparameters).learning_rate) + 2.5)
    errors = level + 0.3 * np.exp(-np.arange(n_epochs) / 8) + 0.005 * rng.random(n_epochs)
    noise = rng.random((n_epochs, 3 + 2 * N_HIDDEN_LAYERS))
    curve = tuple(
        EpochMetrics(
            train_loss=float(error * 2),
            train_cost=float(error * 2 + row[0]),
            dev_loss=float(error * 3 + row[1]),
            dev_metric=float(error),
            dev_watched=float(error),
            details={
                "gradient_norm": float(row[2]),
                "activation_spreads": tuple(row[3 : 3 + N_HIDDEN_LAYERS].tolist()),
                "gradient_spreads": tuple(row[3 + N_HIDDEN_LAYERS :].tolist()),
            },
        )
        for error, row in zip(errors, noise, strict=True)
    )
    best_epoch = int(np.argmin(errors)) + 1
    metrics = {"error": curve[best_epoch - 1].dev_metric, "log_loss": curve[best_epoch - 1].dev_loss}
    fold = FoldEnded(curve, best_epoch, metrics)
    return TrialEnded(request.number, worker, Ending.COMPLETE, (fold,), n_epochs, seconds=0.0)
