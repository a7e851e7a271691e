"""The pool on Ray: one actor a worker, one CPU and one BLAS thread each. The only file that imports Ray.

Ray reads some of its settings from the environment as it is imported: `apply_ray_settings` comes before.
"""

import logging
import os
import socket
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import chdir
from dataclasses import dataclass, field
from math import inf
from secrets import token_hex
from typing import Any

import numpy as np
import ray
from ray.exceptions import RayActorError, RayError, RayTaskError
from threadpoolctl import threadpool_limits

from workers.messages import Ending, Event, TrialAdvanced, TrialEnded, TrialLost, TrialRequest, TrialStarted
from workers.pools.memory_limit import memory_limit
from workers.pools.pool import PoolUnreachableError, silence_seconds
from workers.trial.progress_telling import ProgressTelling
from workers.trial.trial_runner import run_trial
from workers.trial_data import TrialData

QUEUED_AT_A_WORKER = 2
"""Trials handed to a worker at once: the one it runs, and the next, so that it never waits for the driver."""

GRACE_SECONDS = 5.0
"""How long after its limit a trial may still end by itself, at the end of an epoch, before its worker is."""

MOST_DEATHS_UNHEARD = 3
"""Workers that die before any was ever heard from, until it is clear that it is not by chance."""

_CONTROL = "control"
"""Group of an actor's calls that are made beside the one that runs a trial."""


class _Worker:
    """Runs inside an actor's process."""

    def __init__(self, data: TrialData, silence_seconds: float) -> None:
        self._data, self._silence_seconds = data, silence_seconds
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._called_back: set[str] = set()
        threadpool_limits(1)
        _warm_up_products()

    @ray.method(concurrency_group=_CONTROL)
    def call_back(self, run: str) -> None:
        """Give up a run that waits here while another is at work: Ray cancels none that an actor has."""
        self._called_back.add(run)

    def run(self, request: TrialRequest, run: str) -> Iterator[Event]:
        """Run one trial, passing on its start, its end, and its progress now and then."""
        if run in self._called_back:
            self._called_back.remove(run)
            return
        telling = ProgressTelling(request, silence_seconds=self._silence_seconds, now=time.monotonic())
        with memory_limit(request.limits.memory_bytes):
            for event in run_trial(self._data, request, worker=self._name):
                if not isinstance(event, TrialAdvanced) or telling.is_due(event, time.monotonic()):
                    yield event


_WorkerActor = ray.remote(  # type: ignore[call-overload]  # Ray's overloads lack groups
    num_cpus=1, max_restarts=0, max_task_retries=0, max_concurrency=1, concurrency_groups={_CONTROL: 1}
)(_Worker)


@dataclass(slots=True)
class _Run:
    """A trial handed to a worker: `stream` gives its events, the rest is what they told until now."""

    request: TrialRequest
    stream: Any
    name: str
    worker: str = ""
    epochs: int = 0
    certain_epochs: int = 0
    started: float | None = None

    @property
    def is_over_at(self) -> float:
        """When its worker is ended for it, by `time.monotonic` (seconds); infinite where never."""
        if self.started is None or self.request.limits.seconds is None:
            return inf
        return self.started + self.request.limits.seconds + GRACE_SECONDS


@dataclass(slots=True)
class _Place:
    """A worker's place in the pool; the actor in it is replaced when it dies.

    An actor that has not been heard from may be starting, or waiting for a CPU that its node took along when
    it went, perhaps for ever.
    """

    actor: Any
    runs: deque[_Run] = field(default_factory=deque)
    was_heard: bool = False


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

    Raises
    ------
    PoolUnreachableError
        When no cluster answers at the address.
    """

    def __init__(self, data: TrialData, *, n_workers: int | None, address: str | None = None) -> None:
        # Ray hands the working directory to its workers as an import path, where a stray `workers/` would
        # hide the real one.
        self._neutral = tempfile.TemporaryDirectory(prefix="proctor-ray-")
        self._queue: deque[TrialRequest] = deque()
        self._places: list[_Place] = []
        try:
            with chdir(self._neutral.name):
                if address is None:
                    _start_cluster(n_workers or os.cpu_count() or 1, data)
                else:
                    _join_cluster(address)
        except PoolUnreachableError:
            self._neutral.cleanup()
            raise
        available = int(_cluster_resources().get("CPU", 0))
        if available == 0:
            self.close()
            raise PoolUnreachableError(f"the cluster at {address} has no CPUs: no worker has joined it")
        self._data, self._n_folds = ray.put(data), data.n_folds
        n_workers = min(n_workers or available, available)
        self._silence_seconds = silence_seconds(n_workers)
        self._places = [_Place(self._new_worker()) for _ in range(n_workers)]
        self._heard_from_a_worker, self._n_deaths = False, 0
        self._last_looked = time.monotonic()

    @property
    def n_workers(self) -> int:
        """Number of workers."""
        return len(self._places)

    def submit(self, request: TrialRequest) -> None:
        """Queue a trial, at a worker where one has room."""
        self._queue.append(request)
        self._hand_out()

    def events(self, timeout_seconds: float) -> list[Event]:
        """Return what has happened since the last call, waiting at most so long (seconds).

        Raises
        ------
        PoolUnreachableError
            When workers die one after the other before any has begun a trial: none can be started at all.
        """
        self._excuse_absence()
        happened: list[Event] = []
        while True:
            # Of the trials at a worker only the first is listened to: the next begins when that has ended.
            streams = {place.runs[0].stream: place for place in self._places if place.runs}
            ready = _ready(streams, n_most=len(streams), timeout_seconds=0.0)
            if not ready and not happened:  # else something is there: take all that is, and wait no more
                ready = _ready(streams, n_most=1, timeout_seconds=self._patience(timeout_seconds))
            for stream in ready:
                happened += self._next_event(streams[stream])
            if not ready:
                break
            self._hand_out()
        happened += self._end_overdue()
        self._hand_out()
        self._last_looked = time.monotonic()
        return happened

    def close(self) -> None:
        """End all workers, and the cluster where it is the pool's own."""
        self._queue.clear()
        if ray.is_initialized():
            for place in self._places:
                ray.kill(place.actor)
            ray.shutdown()
        self._neutral.cleanup()
        self._places = [_Place(None) for _ in self._places]

    def _next_event(self, place: _Place) -> list[Event]:
        run = place.runs[0]
        try:
            event: Event = ray.get(next(run.stream))
        except RayTaskError:
            raise  # a fault in the worker's own code: its traceback is for people who mend it
        except RayError as error:
            return self._bury(place, error)
        self._heard_from_a_worker = True
        place.was_heard = True
        match event:
            case TrialStarted():
                run.worker, run.started = event.worker, time.monotonic()
            case TrialAdvanced():
                run.epochs, run.certain_epochs = event.epochs, event.at_least
            case TrialEnded():
                place.runs.popleft()
        return [event]

    def _excuse_absence(self) -> None:
        """Give trials the time that nobody looked: their ends may be told, and not yet heard here."""
        absence = time.monotonic() - self._last_looked
        if absence > GRACE_SECONDS:
            for place in self._places:
                for run in place.runs:
                    if run.started is not None:
                        run.started += absence

    def _patience(self, timeout_seconds: float) -> float:
        """Return how long to wait for events: not beyond where a trial is over (seconds)."""
        over = min((place.runs[0].is_over_at for place in self._places if place.runs), default=inf)
        return max(min(timeout_seconds, over - time.monotonic()), 0.0)

    def _end_overdue(self) -> list[Event]:
        """End the workers whose trials are over and do not end: they hang where no epoch comes to its end."""
        now = time.monotonic()
        overdue = [place for place in self._places if place.runs and place.runs[0].is_over_at <= now]
        return [self._end_worker(place, seconds=now - (place.runs[0].started or now)) for place in overdue]

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
        self._n_deaths += 1
        if not self._heard_from_a_worker and self._n_deaths == MOST_DEATHS_UNHEARD:
            raise PoolUnreachableError(f"no worker could be started: {_first_line(error)}") from error
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
        return running

    def _new_worker(self) -> Any:  # noqa: ANN401 (Ray's handle of an actor has no type)
        return _WorkerActor.remote(self._data, self._silence_seconds)

    def _hand_out(self) -> None:
        while self._queue:
            place = min(self._places, key=lambda place: (len(place.runs), not place.was_heard))
            if len(place.runs) >= QUEUED_AT_A_WORKER:
                break
            self._hand(self._queue.popleft(), place)
        self._rebalance()

    def _hand(self, request: TrialRequest, place: _Place) -> None:
        name = token_hex(8)
        stream = place.actor.run.options(num_returns="streaming").remote(request, name)
        place.runs.append(_Run(request, stream, name))

    def _rebalance(self) -> None:
        """Move a trial that waits at one worker to another that has nothing to do."""
        idle = [place for place in self._places if place.was_heard and not place.runs]
        for place in self._places:
            n_begun = 1 if place.was_heard else 0
            if idle and len(place.runs) > n_begun:
                # Should it begin just now, it runs twice, to the same end, and one is not listened to.
                run = place.runs.pop()
                place.actor.call_back.remote(run.name)
                self._hand(run.request, idle.pop())


def _warm_up_products() -> None:
    """Multiply matrices once: the library takes its own room then, and not on account of the first trial."""
    A = np.ones((256, 256), np.float32)
    np.dot(A, A)


def _ready(streams: Iterable[Any], *, n_most: int, timeout_seconds: float) -> list[Any]:
    """Return the streams that have an event, waiting for the first at most so long (seconds)."""
    waited_for = list(streams)
    if not waited_for:
        return []
    ready: list[Any]
    ready, _ = ray.wait(waited_for, num_returns=n_most, timeout=timeout_seconds, fetch_local=False)
    return ready


def _start_cluster(n_workers: int, data: TrialData) -> None:
    ray.init(
        "local",
        num_cpus=n_workers,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        object_store_memory=100 * 2**20 + 2 * data.n_bytes,
    )


def _join_cluster(address: str) -> None:
    if address != "auto":
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
        except (OSError, ValueError) as error:
            raise PoolUnreachableError(f"no Ray cluster answers at {address}: {error}") from error
    try:
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError, RayError) as error:
        raise PoolUnreachableError(f"no Ray cluster answers at {address}: {_first_line(error)}") from error


def _cluster_resources() -> dict[str, float]:
    resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]  # Ray's, unannotated
    return resources


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _reason(error: RayError) -> str:
    if isinstance(error, RayActorError):
        return "its worker died (killed, crashed, or lost with its node)"
    return f"its worker died: {_first_line(error)}"
