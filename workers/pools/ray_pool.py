"""The pool on Ray: one actor a worker, one CPU and one BLAS thread each. The only file that imports Ray.

Ray reads some of its settings from the environment as it is imported: `apply_ray_settings` comes before.
"""

import atexit
import logging
import os
import pickle
import shutil
import signal
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, chdir, closing, suppress
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush
from math import inf
from pathlib import Path
from queue import Empty, SimpleQueue
from secrets import token_hex
from threading import Event as Flag
from threading import Lock, Thread
from typing import Any, Protocol

import numpy as np
import ray
from ray.exceptions import RayActorError, RayError, RayTaskError
from threadpoolctl import threadpool_limits

from workers.messages import Ending, Event, TrialAdvanced, TrialEnded, TrialLost, TrialRequest, TrialStarted
from workers.pools.cluster_needs import (
    WITHOUT_RAY,
    check_tasks,
    least_free_bytes,
    roomy_directory,
    store_bytes,
)
from workers.pools.memory_limit import memory_limit
from workers.pools.pool import PoolUnreachableError, silence_seconds
from workers.pools.ray_settings import job_without_its_files, own_cluster_environment
from workers.pools.signs_of_life import SignsOfLife
from workers.pools.thread_directory import take_own_directory
from workers.run_clock import Stopwatch, run_seconds
from workers.trial.progress_reports import ProgressReports
from workers.trial.trial_runner import run_trial
from workers.trial_data import TrialData

QUEUED_AT_A_WORKER = 2
"""Trials handed to a worker at once: the one it runs, and the next, so that it never waits for the driver."""

GRACE_SECONDS = 5.0
"""How long after its limit a trial may still end by itself, at the end of an epoch, before its worker is."""

ANSWER_SECONDS = 5.0
"""How long a worker whose trial seems over may take to say for how long it has run: one that is stopped, or
on a machine that sleeps, does not, and the trial is not to blame."""

START_SECONDS = 120.0
"""How long a cluster of this process's own may take to start, and then its first worker (seconds)."""

WORKERS_SECONDS = 120.0
"""How long a running cluster without CPUs is given until a worker joins it (seconds)."""

_SAY_AGAIN_SECONDS = 10.0

_COUNT_SECONDS = 5.0
"""How often a running cluster is looked at: whether it is there, and has more CPUs."""

_LOOK_SECONDS = 0.1

_CLOSE_SECONDS = 20.0
"""How long a cluster may take to end in order (seconds)."""

_REMOVAL_SECONDS = 1.0
"""How long the directory of a cluster that is ended by force may withstand its removal (seconds)."""

_ONE_AT_A_TIME = Lock()
"""Ray has one connection a process: a start that was given up ends before another begins."""

MOST_DEATHS_UNHEARD = 3
"""Workers that die before any was ever heard from, until it is clear that it is not by chance."""

_CONTROL = "control"
"""Group of an actor's calls that are made beside the one that runs a trial."""


class TrialRunner(Protocol):
    """What a worker does with a trial; see `run_trial`."""

    def __call__(self, data: TrialData, request: TrialRequest, *, worker: str) -> Iterator[Event]:
        """Run a trial, and report how it goes."""
        ...


@dataclass(frozen=True, slots=True)
class _Task:
    """What a worker is handed.

    Attributes
    ----------
    request
        The trial.
    run
        What distinguishes this run of it from any other.
    is_start_told
        Whether the pool does not know when it starts: it comes first where the worker may be idle.
    is_followed
        Whether the coordinator waits for how far it comes.
    """

    request: TrialRequest
    run: str
    is_start_told: bool
    is_followed: bool


class _Worker:
    """Runs inside an actor's process. Messages are pickled here: Ray's own pickling takes far longer."""

    def __init__(self, data: TrialData, silence_seconds: float, run_trial: TrialRunner) -> None:
        self._data, self._silence_seconds, self._run_trial = data, silence_seconds, run_trial
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._called_back: set[str] = set()
        self._followed: set[str] = set()
        self._at_work: tuple[str, Stopwatch, ProgressReports] | None = None
        threadpool_limits(1)
        _warm_up_products()

    @ray.method(concurrency_group=_CONTROL)
    def call_back(self, run: str) -> None:
        """Give up a run that waits here while another is at work: Ray cancels none that an actor has."""
        self._called_back.add(run)

    @ray.method(concurrency_group=_CONTROL)
    def ran_seconds(self, run: str) -> float | None:
        """Return for how long a run has been at work here, by this process's clock; None where it is not."""
        at_work = self._at_work
        return at_work[1].seconds if at_work is not None and at_work[0] == run else None

    @ray.method(concurrency_group=_CONTROL)
    def follow(self, run: str) -> bytes:
        """Return how far a run has come, None where it has not, and report its progress from now on."""
        self._followed.add(run)
        at_work = self._at_work
        return pickle.dumps(at_work[2].follow() if at_work is not None and at_work[0] == run else None)

    def run(self, pickled: bytes) -> Iterator[bytes]:
        """Run one trial, passing on its start, its end, and its progress now and then."""
        task: _Task = pickle.loads(pickled)  # noqa: S301 (the pool's own)
        if task.run in self._called_back:
            self._called_back.remove(task.run)
            return
        reports = ProgressReports(task.request, silence_seconds=self._silence_seconds, now=time.monotonic())
        self._at_work = task.run, Stopwatch(), reports
        if task.is_followed or task.run in self._followed:
            reports.follow()
        with memory_limit(task.request.limits.memory_bytes):
            for event in self._run_trial(self._data, task.request, worker=self._name):
                is_told = task.is_start_told or not isinstance(event, TrialStarted)
                if reports.is_due(event, time.monotonic()) and is_told:
                    yield pickle.dumps(event)
        self._at_work = None  # its end may be on the way when somebody asks how long it has run
        self._followed.discard(task.run)


_WorkerActor = ray.remote(  # type: ignore[call-overload]  # Ray's overloads lack groups
    num_cpus=1, max_restarts=0, max_task_retries=0, max_concurrency=1, concurrency_groups={_CONTROL: 1}
)(_Worker)


@dataclass(slots=True)
class _Run:
    """A trial handed to a worker: `stream` gives its events, the rest is their content so far."""

    request: TrialRequest
    stream: Any
    name: str
    is_start_told: bool
    worker: str = ""
    epochs: int = 0
    certain_epochs: int = 0
    started: float | None = None
    asked: Any = None
    answer_by: float = inf

    @property
    def is_over_at(self) -> float:
        """When its worker is asked for its time, by `time.monotonic` (seconds); infinite where never."""
        if self.started is None or self.request.limits.seconds is None:
            return inf
        return self.started + self.request.limits.seconds + GRACE_SECONDS


@dataclass(slots=True)
class _Place:
    """A worker's place in the pool; the actor in it is replaced when it dies.

    An actor that has not been heard from may be starting, or waiting for a CPU that its node took along when
    it went, perhaps for ever.
    """

    number: int
    actor: Any
    runs: deque[_Run] = field(default_factory=deque)
    was_heard: bool = False

    @property
    def rank(self) -> tuple[int, bool, int]:
        """Its place among those that the next trial might go to: the lowest comes first."""
        return len(self.runs), not self.was_heard, self.number


@dataclass(frozen=True, slots=True)
class _Message:
    """What has come from a worker: of a run, the next of its events, or the answer to being followed."""

    place: _Place
    run: _Run
    content: Future[bytes]
    is_answer: bool


class RayPool:
    """A `WorkerPool` of Ray actors.

    Parameters
    ----------
    data
        What trials are trained on; put into the object store once, and read from there by each worker
        without a copy.
    n_workers
        Number of workers; on a running cluster, no more than it has CPUs. None: all of them.
    address
        `host:port` of a running cluster or `auto` for the one this machine is a node of; None starts a
        cluster of this process's own, bound to the loopback address, and ends it with `close`.
    start_seconds
        How long the start may take, and then its first worker where the cluster is its own (seconds).
    workers_seconds
        How long a running cluster without CPUs is given until a worker joins it (seconds).
    waiting
        Called with the seconds that are left, at once and then now and then, while it has none.
    is_given_up
        Asked now and then during the start, which is broken off once it says yes.
    run_trial
        What workers do with a trial; it must be importable there.

    Raises
    ------
    PoolUnreachableError
        When no cluster answers at the address, no worker joins it, or none can be started here.
    """

    def __init__(  # noqa: PLR0913 (each by its name)
        self,
        data: TrialData,
        *,
        n_workers: int | None,
        address: str | None = None,
        start_seconds: float = START_SECONDS,
        workers_seconds: float = WORKERS_SECONDS,
        waiting: Callable[[float], None] = lambda _: None,
        is_given_up: Callable[[], bool] = lambda: False,
        run_trial: TrialRunner = run_trial,
    ) -> None:
        self._run_trial = run_trial
        self._queue: deque[TrialRequest] = deque()
        self._places: list[_Place] = []
        self._ranks: list[tuple[int, bool, int]] = []  # a heap: places as they rank now, or ranked before
        self._heard: SimpleQueue[_Message] = SimpleQueue()
        self._followed: set[int] = set()
        self._has_limits = False
        self._is_lost = False
        self._is_own, self._start_seconds = address is None, start_seconds
        if address is None:
            start = partial(_start_cluster, n_workers or os.cpu_count() or 1, store_bytes(data))
            room = least_free_bytes(data)
        else:
            start, room = partial(_join_cluster, address), 0
        self._cluster = _Cluster(
            start, least_free_bytes=room, most_seconds=start_seconds, is_given_up=is_given_up
        )
        try:
            available = _await_cpus(most_seconds=workers_seconds, waiting=waiting)
        except BaseException:
            self.close()
            raise
        self._data, self._n_folds = ray.put(data), data.n_folds
        self._most_workers = n_workers
        self._silence_seconds = silence_seconds(min(n_workers or available, available))
        self._add_workers(available)
        self._signs = None if self._is_own else _signs_of_life()
        self._last_counted = time.monotonic()
        self._heard_from_a_worker, self._n_deaths = False, 0
        self._last_looked = self._looks_again_at = time.monotonic()
        self._unheard_since = run_seconds()

    @property
    def n_workers(self) -> int:
        """Number of workers; it grows with a running cluster, up to the number that was asked for."""
        return len(self._places)

    @property
    def has_heard_from_a_worker(self) -> bool:
        """Whether one has begun a trial."""
        return self._heard_from_a_worker

    def submit(self, request: TrialRequest) -> None:
        """Queue a trial, at a worker where one has room."""
        self._has_limits |= request.limits.seconds is not None
        self._queue.append(request)
        self._hand_out()

    def follow(self, number: int) -> None:
        """Ask how far a trial is certain to come, and hear of it from now on."""
        if number in self._followed:
            return
        self._followed.add(number)
        for place in self._places:
            for run in place.runs:
                if run.request.number == number:
                    self._ask_how_far(place, run)

    def events(self, timeout_seconds: float) -> list[Event]:
        """Return what has happened since the last call, waiting at most so long (seconds).

        Raises
        ------
        PoolUnreachableError
            When workers die one after the other before any has begun a trial, or none begins for long: none
            can be started at all. Or when the cluster has died: its head, or this machine's node.
        """
        if self._is_own:
            self._check_head()
        self._excuse_absence()
        self._look_at_cluster()
        happened: list[Event] = []
        with suppress(Empty):
            heard = self._heard.get(timeout=self._patience(timeout_seconds))
            while True:  # take all that is there, and wait no more
                happened += self._take_in_answer(heard) if heard.is_answer else self._take_in(heard)
                heard = self._heard.get_nowait()
        happened += self._end_overdue()
        self._hand_out()
        self._check_workers_start()
        self._last_looked = time.monotonic()
        return happened

    def close(self) -> None:
        """End all workers, and the cluster where it is the pool's own."""
        self._queue.clear()
        actors = [place.actor for place in self._places if place.actor is not None]
        self._cluster.close(actors, is_lost=self._is_lost)
        self._ranks.clear()
        for place in self._places:
            place.actor = None
            place.runs.clear()

    def _check_head(self) -> None:
        """Find out that the cluster has died before Ray ends this process for it.

        Raises
        ------
        PoolUnreachableError
            With the process that has.
        """
        if self._signs is None and (dead := _dead_head_processes()):
            self._is_lost = True
            raise PoolUnreachableError(f"Ray's {dead[0]} has died (killed, or out of memory)")
        if self._signs is not None and (lost := self._signs.what_is_lost()):
            self._is_lost = True
            raise PoolUnreachableError(lost)

    def _look_at_cluster(self) -> None:
        """Look, now and then, whether a running cluster is there, and add workers where nodes have joined it.

        A head that is silent is not asked: it would keep this process waiting until Ray ends it.
        """
        now = time.monotonic()
        if self._signs is not None and now - self._last_counted > _COUNT_SECONDS:
            self._last_counted = now
            self._check_head()
            if self._signs.head_answers:
                self._add_workers(_n_cpus())

    def _add_workers(self, n_cpus: int) -> None:
        n_more = min(self._most_workers or n_cpus, n_cpus) - len(self._places)
        for number in range(len(self._places), len(self._places) + n_more):
            place = _Place(number, self._new_worker())
            self._places.append(place)
            self._rank(place)

    def _check_workers_start(self) -> None:
        """Give up a cluster of the pool's own whose workers do not start: nobody else has its CPUs.

        Raises
        ------
        PoolUnreachableError
            No worker has been heard from for too long.
        """
        now = run_seconds()
        if not self._is_own:
            return
        with_runs = [place for place in self._places if place.runs]
        if not with_runs or any(place.was_heard for place in with_runs):
            self._unheard_since = now
        elif now - self._unheard_since > self._start_seconds:
            raise PoolUnreachableError(
                f"no worker could be started within {self._start_seconds:g} seconds: raise the limits on"
                f" processes or memory (ulimit -u, the container's), {WITHOUT_RAY}"
            )

    def _listen(self, place: _Place, run: _Run, reference: Any, *, is_answer: bool = False) -> None:  # noqa: ANN401 (Ray's)
        """Have what a worker says put into the queue of what was heard once it is here.

        Nobody looks at all workers, which would take the longer the more there are.
        """
        future: Future[bytes] = reference.future()
        future.add_done_callback(lambda done: self._heard.put(_Message(place, run, done, is_answer)))

    def _listen_to_first(self, place: _Place) -> None:
        """Wait for the next event of the trial that a worker runs; the next trial's come after its end."""
        run = place.runs[0]
        (reference,) = run.stream._get_next_ref_n(1)  # noqa: SLF001 (Ray waits for streams by looking at all)
        self._listen(place, run, reference)

    def _take_in(self, message: _Message) -> list[Event]:
        """Return what a message says, if it is of the trial that its worker runs."""
        place, run = message.place, message.run
        if not place.runs or place.runs[0] is not run:
            return []
        try:
            event: Event = pickle.loads(message.content.result())  # noqa: S301 (a worker's own)
        except RayTaskError:
            raise  # a fault in the worker's own code: its traceback is for people who mend it
        except RayError as error:
            return self._bury(place, error)
        next(run.stream)
        self._heard_from_a_worker = True
        if not place.was_heard:
            place.was_heard = True
            self._rank(place)
        match event:
            case TrialStarted():
                happened: list[Event] = [self._begin(run, event.worker)]
            case TrialAdvanced():
                happened = self._advance(run, event)
            case TrialEnded():
                happened = [event, *self._begin_next(place, event.worker)]
            case TrialLost():
                raise RuntimeError(f"expected a worker to live that says so, got {event}")
        if place.runs:
            self._listen_to_first(place)
        return happened

    def _take_in_answer(self, message: _Message) -> list[Event]:
        """Return how far a trial that is followed has come; ask again where its start is not heard yet."""
        place, run = message.place, message.run
        if all(each is not run for each in place.runs):
            return []
        try:
            event: TrialAdvanced | None = pickle.loads(message.content.result())  # noqa: S301 (a worker's own)
        except RayTaskError:
            raise  # as above
        except RayError:
            return []  # its stream will tell
        if event is None:
            return []
        if run.started is None:
            self._ask_how_far(place, run)
            return []
        return self._advance(run, event)

    def _ask_how_far(self, place: _Place, run: _Run) -> None:
        self._listen(place, run, place.actor.follow.remote(run.name), is_answer=True)

    def _begin(self, run: _Run, worker: str) -> TrialStarted:
        run.worker, run.started = worker, time.monotonic()
        return TrialStarted(run.request.number, worker)

    def _advance(self, run: _Run, event: TrialAdvanced) -> list[Event]:
        """Note how far a trial has come; an answer may tell the same as its stream, or less."""
        if event.epochs <= run.epochs:
            return []
        run.epochs, run.certain_epochs = event.epochs, event.at_least
        return [event]

    def _begin_next(self, place: _Place, worker: str) -> list[Event]:
        """Put aside a trial that has ended; return the start of the next, which nobody needs to report."""
        place.runs.popleft()
        self._rank(place)
        if not place.runs or place.runs[0].is_start_told:
            return []
        return [self._begin(place.runs[0], worker)]

    def _excuse_absence(self) -> None:
        """Give trials the time that nobody looked: their ends may be told, and not yet heard here."""
        absence = time.monotonic() - self._last_looked
        if absence > GRACE_SECONDS:
            for place in self._places:
                for run in place.runs:
                    if run.started is not None:
                        run.started += absence

    def _patience(self, timeout_seconds: float) -> float:
        """Return how long to wait for events: not for long where a trial may be over meanwhile (seconds)."""
        return max(min(timeout_seconds, _LOOK_SECONDS if self._has_limits else inf), 0.0)

    def _end_overdue(self) -> list[Event]:
        """End the workers whose trials are over but still run: they hang within an epoch.

        A worker's own clock decides, which has stood still while the worker did.
        """
        now = time.monotonic()
        happened: list[Event] = []
        if not self._has_limits or now < self._looks_again_at:
            return happened
        self._looks_again_at = now + _LOOK_SECONDS
        for place in self._places:
            if not place.runs or place.runs[0].is_over_at > now:
                continue
            run = place.runs[0]
            if run.asked is None:
                run.asked, run.answer_by = place.actor.ran_seconds.remote(run.name), now + ANSWER_SECONDS
            elif ray.wait([run.asked], timeout=0.0)[0]:
                happened += self._judge(place, run, now=now)
            elif now > run.answer_by:
                self._replace(place)
                happened.append(TrialLost(run.request.number, run.worker, "its worker stands still"))
        return happened

    def _judge(self, place: _Place, run: _Run, *, now: float) -> list[Event]:
        """End a worker whose trial has run for too long by the worker's clock; else put that off."""
        try:
            seconds: float | None = ray.get(run.asked)
        except RayError:  # it has just died, which its stream will tell
            seconds = None
        run.asked = None
        if seconds is not None and run.request.limits.is_out_of_time(seconds):
            return [self._end_worker(place, seconds=seconds)]
        run.started = now - (seconds or 0.0)
        return []

    def _end_worker(self, place: _Place, *, seconds: float) -> TrialEnded:
        """Put a new worker in the place of one that is ended for its trial's time."""
        run = self._replace(place)
        return TrialEnded(
            number=run.request.number,
            worker=run.worker,
            ending=Ending.FAILED,
            folds=(),
            epochs=run.epochs + 1,
            seconds=seconds,
            n_folds=run.request.n_trainings(self._n_folds),
            reason=run.request.limits.out_of_time,
            certain_epochs=run.certain_epochs,
        )

    def _bury(self, place: _Place, error: RayError) -> list[Event]:
        """Put a new worker in a dead one's place; only the trial that it was running is lost."""
        self._check_head()
        self._n_deaths += 1
        if not self._heard_from_a_worker and self._n_deaths == MOST_DEATHS_UNHEARD:
            raise PoolUnreachableError(
                f"no worker could be started: {_first_line(error)}; {WITHOUT_RAY}"
            ) from error
        running = self._replace(place)
        return [TrialLost(running.request.number, running.worker, _reason(error))]

    def _replace(self, place: _Place) -> _Run:
        """Put a new worker in a place, queue again what waited there, and return what ran."""
        running, *waiting = place.runs
        self._queue.extendleft(run.request for run in reversed(waiting))
        place.runs.clear()
        ray.kill(place.actor)
        place.actor = self._new_worker()
        place.was_heard = False
        self._rank(place)
        return running

    def _new_worker(self) -> Any:  # noqa: ANN401 (Ray's handle of an actor has no type)
        return _WorkerActor.remote(self._data, self._silence_seconds, self._run_trial)

    def _hand_out(self) -> None:
        while self._queue and (place := self._emptiest()) is not None:
            self._hand(self._queue.popleft(), place)
        self._rebalance()

    def _rank(self, place: _Place) -> None:
        """Note that a worker has come to have more room, or was heard from."""
        heappush(self._ranks, place.rank)

    def _emptiest(self) -> _Place | None:
        """Return the place that the next trial should go to; None where no worker has room."""
        while self._ranks:
            place = self._places[self._ranks[0][-1]]
            if self._ranks[0] == place.rank and len(place.runs) < QUEUED_AT_A_WORKER:
                return place
            heappop(self._ranks)
        return None

    def _hand(self, request: TrialRequest, place: _Place) -> None:
        task = _Task(
            request,
            run=token_hex(8),
            is_start_told=not place.runs,
            is_followed=request.number in self._followed,
        )
        stream = place.actor.run.options(num_returns="streaming").remote(pickle.dumps(task))
        place.runs.append(_Run(request, stream, task.run, task.is_start_told))
        self._rank(place)
        if len(place.runs) == 1:
            self._listen_to_first(place)

    def _rebalance(self) -> None:
        """Move a trial that waits at one worker to another that has nothing to do."""
        emptiest = self._emptiest()
        if emptiest is None or emptiest.runs or not emptiest.was_heard:
            return
        idle = [place for place in self._places if place.was_heard and not place.runs]
        for place in self._places:
            n_begun = 1 if place.was_heard else 0
            if idle and len(place.runs) > n_begun:
                # Should it begin just now, it runs twice, to the same end, and one is not listened to.
                run = place.runs.pop()
                place.actor.call_back.remote(run.name)
                self._rank(place)
                self._hand(run.request, idle.pop())


def _warm_up_products() -> None:
    """Multiply matrices once: the library takes its own room then, and not on account of the first trial."""
    A = np.ones((256, 256), np.float32)
    np.dot(A, A)


class _StartGivenUpError(PoolUnreachableError):
    """Whoever wanted the cluster does not need it any more."""


class _Cluster:
    """The connection to Ray, made and ended in a thread that lives as long.

    So a start, or an end, that hangs can be given up. The kernel ends Ray's processes when the thread that
    started them ends. And they are started with SIGHUP blocked, as the thread has it: when a terminal is
    closed they live on until this process has stopped its study in order.

    Parameters
    ----------
    start
        Makes the connection, given what ends with it and a directory of its own.
    least_free_bytes
        Room that the directory needs (bytes).
    most_seconds
        How long that may take (seconds).
    is_given_up
        Tells whether the start is to be broken off.

    Raises
    ------
    PoolUnreachableError
        Ray cannot be reached or started, in one line.
    """

    def __init__(
        self,
        start: Callable[[ExitStack, Path], None],
        *,
        least_free_bytes: int,
        most_seconds: float,
        is_given_up: Callable[[], bool],
    ) -> None:
        self._start, self._least_free_bytes = start, least_free_bytes
        self._is_given_up = is_given_up
        self._directory: Path | None = None
        self._stack = ExitStack()
        self._has_started, self._is_over, self._has_ended = Flag(), Flag(), Flag()
        self._error: Exception | None = None
        self._actors: list[Any] = []
        Thread(target=self._live, name="Ray's connection", daemon=True).start()
        try:
            self._await(most_seconds)
        except _StartGivenUpError:
            # Ray ends in order once it has started; by force, should this process end before.
            self._is_over.set()
            atexit.register(self._end_by_force)
            raise
        except BaseException:
            self._give_up()
            raise

    def close(self, actors: list[Any], *, is_lost: bool) -> None:
        """End the actors and the connection, and the cluster where it is its own. May be called twice.

        Parameters
        ----------
        actors
            The actors.
        is_lost
            Whether the cluster has died: nothing is waited for then.
        """
        self._actors = actors
        self._is_over.set()
        if is_lost or _dead_head_processes() or not self._has_ended.wait(_CLOSE_SECONDS):
            self._give_up()

    def _await(self, most_seconds: float) -> None:
        began = run_seconds()
        while not self._has_started.wait(_LOOK_SECONDS):
            if self._is_given_up():
                raise _StartGivenUpError("the start of Ray was given up")
            if run_seconds() - began > most_seconds:
                raise PoolUnreachableError(
                    f"Ray has not started within {most_seconds:g} seconds: try again while the machine is"
                    f" less busy, {WITHOUT_RAY}"
                )
        if self._error is not None:
            raise self._error

    def _live(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
        take_own_directory()  # where it may, as this process may be training meanwhile
        with _ONE_AT_A_TIME:
            self._connect_and_stay()

    def _connect_and_stay(self) -> None:
        logging.getLogger("ray").setLevel(logging.ERROR)  # it would warn of not being the main thread
        try:
            try:
                self._connect()
            except PoolUnreachableError as error:
                self._error = error
            except Exception as error:  # noqa: BLE001 (whatever Ray raises is reported in one line)
                self._error = PoolUnreachableError(
                    f"Ray could not be started: {_first_line(error)}; fix that, {WITHOUT_RAY}"
                )
                self._error.__cause__ = error
            self._has_started.set()
            if self._error is None:
                self._is_over.wait()
            if ray.is_initialized():
                for actor in self._actors:
                    ray.kill(actor)
            ray.shutdown()
        finally:
            self._stack.close()
            self._has_ended.set()

    def _connect(self) -> None:
        directory = self._stack.enter_context(closing(roomy_directory(self._least_free_bytes)))
        self._directory = directory.path
        if not self._is_over.is_set():
            self._start(self._stack, directory.path)

    def _end_by_force(self) -> None:
        if self._has_ended.is_set():
            return
        self._give_up()
        until = time.monotonic() + _REMOVAL_SECONDS
        while self._directory is not None and self._directory.exists() and time.monotonic() < until:
            shutil.rmtree(self._directory, ignore_errors=True)  # what is written while it is removed

    def _give_up(self) -> None:
        """End what there is of a cluster of this process's own by force."""
        self._is_over.set()
        logging.getLogger("ray").setLevel(logging.CRITICAL)  # it would report what is done here as errors
        with suppress(Exception):  # whatever Ray makes of a start that was broken off
            node = _node()
            if node is not None:
                node.kill_all_processes(check_alive=False, allow_graceful=False)
        if self._directory is not None:
            _kill_processes_of(self._directory)
        self._stack.close()


def _kill_processes_of(directory: Path) -> None:
    """End the processes that were started for a cluster, by its directory, where the system lists them."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (entry / "cmdline").read_bytes()
            if os.fsencode(directory) in words and int(entry.name) != os.getpid():
                os.kill(int(entry.name), signal.SIGKILL)


def _node() -> Any:  # noqa: ANN401 (Ray's, unannotated)
    """Return what keeps Ray's processes that this process started, if any; Ray has no other door to them."""
    return getattr(ray._private.worker, "_global_node", None)  # noqa: SLF001


def _signs_of_life() -> SignsOfLife:
    node = _node()
    return SignsOfLife(node.gcs_address, Path(node.raylet_socket_name), now=run_seconds)


def _dead_head_processes() -> list[str]:
    """Return which of Ray's processes on this machine have died that this process started."""
    node = _node()
    return [] if node is None else [str(kind) for kind, _ in node.dead_processes()]


def _start_cluster(n_workers: int, n_store_bytes: int, stack: ExitStack, directory: Path) -> None:
    check_tasks(n_workers)
    # Ray hands the working directory to its workers as an import path, where a stray `workers/` would hide
    # the real one.
    neutral = directory / "empty"
    neutral.mkdir()
    stack.enter_context(own_cluster_environment())
    with chdir(neutral):
        ray.init(
            "local",
            num_cpus=n_workers,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
            object_store_memory=n_store_bytes,
            _temp_dir=str(directory),
        )


def _join_cluster(address: str, stack: ExitStack, directory: Path) -> None:  # noqa: ARG001 (as above)
    if address != "auto":
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
        except (OSError, ValueError) as error:
            raise PoolUnreachableError(f"no Ray cluster answers at {address}: {error}") from error
    try:
        with chdir(directory), job_without_its_files():
            ray.init(address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError, RayError) as error:
        raise PoolUnreachableError(f"no Ray cluster answers at {address}: {_first_line(error)}") from error


def _await_cpus(*, most_seconds: float, waiting: Callable[[float], None]) -> int:
    """Return how many CPUs the cluster has, once it has any.

    Raises
    ------
    PoolUnreachableError
        No worker has joined it in time.
    """
    began, next_said = run_seconds(), 0.0
    while (available := _n_cpus()) == 0:
        waited = run_seconds() - began
        if waited >= most_seconds:
            raise PoolUnreachableError(
                f"the cluster has no CPUs: no worker has joined it within {most_seconds:g} seconds; start one"
                " (ray start --address=HOST:PORT), or wait longer (--wait-for-workers SECONDS)"
            )
        if waited >= next_said:
            waiting(most_seconds - waited)
            next_said = waited + _SAY_AGAIN_SECONDS
        time.sleep(_LOOK_SECONDS)
    return available


def _n_cpus() -> int:
    """Return how many CPUs the nodes of the cluster have together."""
    return int(ray.cluster_resources().get("CPU", 0))  # type: ignore[no-untyped-call]  # Ray's, unannotated


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _reason(error: RayError) -> str:
    if isinstance(error, RayActorError):
        return "its worker died (killed, crashed, or lost with its node)"
    return f"its worker died: {_first_line(error)}"
