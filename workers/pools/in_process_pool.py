"""A pool without processes: its workers take turns, an epoch each, in the calling thread."""

from collections import deque
from collections.abc import Iterator

from threadpoolctl import ThreadpoolController

from workers.messages import Event, TrialRequest
from workers.trial.trial_runner import run_trial
from workers.trial_data import TrialData


class InProcessPool:
    """A `WorkerPool` for studies without Ray, and for single trainings, where Ray's start would cost more.

    Parameters
    ----------
    data
        What trials are trained on.
    n_workers
        How many trials take turns.
    """

    def __init__(self, data: TrialData, *, n_workers: int = 1) -> None:
        self._data = data
        self._threads = ThreadpoolController()  # finds the libraries once: it takes milliseconds
        self._queue: deque[TrialRequest] = deque()
        self._runs: list[Iterator[Event] | None] = [None] * n_workers

    @property
    def n_workers(self) -> int:
        """How many trials take turns."""
        return len(self._runs)

    def submit(self, request: TrialRequest) -> None:
        """Queue a trial."""
        self._queue.append(request)

    def follow(self, number: int) -> None:
        """Do nothing: each epoch of each trial is reported."""

    def events(self, timeout_seconds: float) -> list[Event]:  # noqa: ARG002 (there is nothing to wait for)
        """Give each worker one turn, and return what happened in it."""
        happened: list[Event] = []
        with self._threads.limit(limits=1, user_api="blas"):
            for place, run in enumerate(self._runs):
                current = run
                if current is None and self._queue:
                    current = run_trial(self._data, self._queue.popleft(), worker=f"in-process-{place}")
                event = None if current is None else next(current, None)
                self._runs[place] = None if event is None else current
                if event is not None:
                    happened.append(event)
        return happened

    def close(self) -> None:
        """Drop what waits and runs."""
        self._queue.clear()
        self._runs = [None] * len(self._runs)
