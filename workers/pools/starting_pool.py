"""A pool that trains in this process at once, and elsewhere once that has started, if it is worth the start.

A trial has the same bits wherever it runs, so who runs it changes nothing but the time. A cluster takes
seconds to start, which many a search on a small table does not need.
"""

from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from threading import Event as Flag
from threading import Thread
from typing import Protocol

from threadpoolctl import ThreadpoolController

from workers.messages import Event, TrialLost, TrialRequest
from workers.pools.pool import PoolUnreachableError, WorkerPool, silence_seconds
from workers.pools.training_thread import TrainingThread
from workers.run_clock import run_seconds
from workers.trial_data import TrialData

_MEASURED_SECONDS = 1.0
"""How long this process trains before what is left is estimated: one trial may be unlike the others."""

_QUEUED_HERE = 2
"""Trials in this process's hands: the one it runs, and the next, which need not wait for a database."""

_LOOK_SECONDS = 0.02
_CLOSE_SECONDS = 20.0


class StartedPool(WorkerPool, Protocol):
    """A pool whose workers begin some time after it has been made."""

    @property
    def has_heard_from_a_worker(self) -> bool:
        """Whether one has begun a trial."""
        ...


class StartingPool:
    """A `WorkerPool` of one thread in this process, and of another pool's workers from when those are there.

    Parameters
    ----------
    data
        What trials are trained on.
    start
        Makes the other pool, in a thread of its own; it is given what tells whether the start is given up.
    n_workers
        How many trials the other pool runs at once.
    n_trials
        About how many trials there will be: what is left to train follows from it, and from what those took
        that have ended.
    worth_seconds
        How much must be left to train for the other pool to be started (seconds).
    goes_without
        Called with the reason where the other pool never comes to train anything, and all is trained here.
    """

    def __init__(  # noqa: PLR0913 (each by its name)
        self,
        data: TrialData,
        start: Callable[[Callable[[], bool]], StartedPool],
        *,
        n_workers: int,
        n_trials: int,
        worth_seconds: float,
        goes_without: Callable[[PoolUnreachableError], None],
    ) -> None:
        self._start, self._n_workers, self._n_trials = start, n_workers, n_trials
        self._worth_seconds, self._goes_without = worth_seconds, goes_without
        self._queue: deque[TrialRequest] = deque()
        self._limits = ExitStack()  # of threads, for the whole process: left when training here is over
        self._limits.enter_context(ThreadpoolController().limit(limits=1, user_api="blas"))
        self._here: TrainingThread | None = TrainingThread(data, silence_seconds=silence_seconds(1))
        self._starting: Thread | None = None
        self._is_closed = Flag()
        self._pool: StartedPool | None = None  # both are set by the thread that starts it
        self._error: BaseException | None = None
        self._followed: set[int] = set()
        self._first_there: list[TrialRequest] = []  # a trial a worker, until one is heard from

    @property
    def n_workers(self) -> int:
        """How many trials it runs at once when all workers are there."""
        return self._n_workers

    def submit(self, request: TrialRequest) -> None:
        """Queue a trial."""
        self._queue.append(request)
        self._hand_out()

    def follow(self, number: int) -> None:
        """Hear of a trial's progress; here each report is heard that a person might want to see."""
        self._followed.add(number)
        if self._pool is not None:
            self._pool.follow(number)

    def events(self, timeout_seconds: float) -> list[Event]:
        """Return what has happened since the last call, waiting at most so long (seconds).

        Raises
        ------
        PoolUnreachableError
            The other pool raises it, and has trained something.
        """
        until = run_seconds() + timeout_seconds
        while True:
            self._check_start()
            happened = self._heard(until - run_seconds())
            self._hand_out()
            self._start_if_worth_it()
            if happened or run_seconds() >= until:
                return happened

    def close(self) -> None:
        """Drop what waits and runs, end all workers, and give up a start. May be called twice."""
        self._is_closed.set()
        self._queue.clear()
        self._leave_this_process()
        if self._starting is not None:
            self._starting.join(_CLOSE_SECONDS)
        if self._pool is not None:
            self._pool.close()

    def _check_start(self) -> None:
        """Go on here where the other pool could not be started; whatever else went wrong is raised."""
        error, self._error = self._error, None
        if isinstance(error, PoolUnreachableError):
            self._do_without(error)
        elif error is not None:
            raise error

    def _do_without(self, error: PoolUnreachableError) -> None:
        """Train everything here."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None
        self._queue.extendleft(reversed(self._first_there))
        self._first_there = []
        self._n_workers = 1
        self._goes_without(error)

    def _heard(self, timeout_seconds: float) -> list[Event]:
        """Listen here and there, waiting in one place at most for so long as the other may be unheard."""
        here, there = self._here, self._pool
        if there is None:
            return [] if here is None else here.events(timeout_seconds)
        if here is None:
            return there.events(max(timeout_seconds, 0.0))
        happened = here.events(0.0)
        try:
            told = there.events(0.0 if happened else max(min(timeout_seconds, _LOOK_SECONDS), 0.0))
        except PoolUnreachableError as error:
            if there.has_heard_from_a_worker:
                raise
            self._do_without(error)
            return happened
        # Whoever submitted a trial that is lost submits it again.
        lost = {event.number for event in told if isinstance(event, TrialLost)}
        self._first_there = [request for request in self._first_there if request.number not in lost]
        return happened + told

    def _hand_out(self) -> None:
        """Give the other pool a trial a worker, and all once one is heard from; the rest run here."""
        here, pool = self._here, self._pool
        has_workers = pool is not None and pool.has_heard_from_a_worker
        if here is not None and has_workers:
            self._queue.extendleft(reversed(here.recall()))
            if here.n_in_hand == 0:
                self._leave_this_process()
        while pool is not None and self._queue and (has_workers or len(self._first_there) < self._n_workers):
            if not has_workers:
                self._first_there.append(self._queue[0])
            if self._queue[0].number in self._followed:
                pool.follow(self._queue[0].number)
            pool.submit(self._queue.popleft())
        while here is not None and self._queue and here.n_in_hand < _QUEUED_HERE:
            here.hand(self._queue.popleft())

    def _start_if_worth_it(self) -> None:
        here = self._here
        if here is None or self._starting is not None or self._is_closed.is_set():
            return
        if here.trained_seconds < min(_MEASURED_SECONDS, self._worth_seconds):
            return
        if self._left_seconds(here) >= self._worth_seconds:
            self._starting = Thread(target=self._make_pool, args=(here,), name="starting Ray", daemon=True)
            self._starting.start()

    def _left_seconds(self, here: TrainingThread) -> float:
        """Estimate for how long this process would train what is left (seconds)."""
        n_begun = max(here.n_ended, 1)
        return here.trained_seconds / n_begun * max(self._n_trials - n_begun, len(self._queue))

    def _make_pool(self, here: TrainingThread) -> None:
        try:
            self._pool = self._start(self._is_closed.is_set)
        except BaseException as error:  # noqa: BLE001 (raised again where somebody listens)
            if not self._is_closed.is_set():  # else it was given up
                self._error = error
        here.wake()

    def _leave_this_process(self) -> None:
        """Train no more here."""
        if self._here is not None:
            self._here.close()
            self._here = None
        self._limits.close()
