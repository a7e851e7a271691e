"""The pool on Ray: one actor a worker, one CPU and one BLAS thread each. The only file that imports Ray.

Ray reads some of its settings from the environment as it is imported: `apply_ray_settings` comes before.
"""

import logging
import os
import socket
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass, field
from typing import Any

import ray
from ray.exceptions import RayActorError, RayError, RayTaskError
from threadpoolctl import threadpool_limits

from workers.messages import Event, TrialAdvanced, TrialEnded, TrialLost, TrialRequest, TrialStarted
from workers.pool import PoolUnreachableError
from workers.trial_data import TrialData
from workers.trial_runner import run_trial

QUEUED_AT_A_WORKER = 2
"""Trials handed to a worker at once: the one it runs, and the next, so that it never waits for the driver."""

_ADVANCE_INTERVAL_SECONDS = 0.02


class _Worker:
    """Runs inside an actor's process."""

    def __init__(self, data: TrialData) -> None:
        self._data = data
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        threadpool_limits(1)

    def run(self, request: TrialRequest) -> Iterator[Event]:
        """Run one trial, passing on its start, its end, and its progress now and then."""
        passed_on = time.monotonic()
        for event in run_trial(self._data, request, worker=self._name):
            now = time.monotonic()
            if not isinstance(event, TrialAdvanced) or now - passed_on >= _ADVANCE_INTERVAL_SECONDS:
                passed_on = now
                yield event


_WorkerActor = ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)(_Worker).options(
    # A trial that is called back leaves a gap in the order of its worker's calls, which it would wait for.
    allow_out_of_order_execution=True
)


@dataclass(slots=True)
class _Run:
    """A trial handed to a worker: `stream` gives its events."""

    request: TrialRequest
    stream: Any
    worker: str = ""


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
        self._data = ray.put(data)
        self._places = [
            _Place(_WorkerActor.remote(self._data)) for _ in range(min(n_workers or available, available))
        ]
        self._heard_from_a_worker = False

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
            When workers die before any of them has ever begun a trial: none can be started at all.
        """
        happened: list[Event] = []
        timeout = timeout_seconds
        while True:
            # Of the trials at a worker only the first is listened to: the next begins when that has ended.
            streams = {place.runs[0].stream: place for place in self._places if place.runs}
            if not streams:
                return happened
            ready, _ = ray.wait(list(streams), num_returns=1, timeout=timeout, fetch_local=False)
            if not ready:
                return happened
            timeout = 0.0  # something is there: take all that is, and wait no more
            for stream in ready:
                happened += self._next_event(streams[stream])
            self._hand_out()

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
        if isinstance(event, TrialStarted):
            run.worker = event.worker
        if isinstance(event, TrialEnded):
            place.runs.popleft()
        return [event]

    def _bury(self, place: _Place, error: RayError) -> list[Event]:
        """Put a new worker in a dead one's place; only the trial that it was running is lost."""
        if not self._heard_from_a_worker:
            raise PoolUnreachableError(f"no worker could be started: {_first_line(error)}") from error
        running, *waiting = place.runs
        self._queue.extendleft(run.request for run in reversed(waiting))
        place.runs.clear()
        ray.kill(place.actor)
        place.actor = _WorkerActor.remote(self._data)
        place.was_heard = False
        return [TrialLost(running.request.number, running.worker, _reason(error))]

    def _hand_out(self) -> None:
        while self._queue:
            place = min(self._places, key=lambda place: (len(place.runs), not place.was_heard))
            if len(place.runs) >= QUEUED_AT_A_WORKER:
                break
            self._hand(self._queue.popleft(), place)
        self._rebalance()

    def _hand(self, request: TrialRequest, place: _Place) -> None:
        stream = place.actor.run.options(num_returns="streaming").remote(request)
        place.runs.append(_Run(request, stream))

    def _rebalance(self) -> None:
        """Move a trial that waits at one worker to another that has nothing to do."""
        idle = [place for place in self._places if place.was_heard and not place.runs]
        for place in self._places:
            n_begun = 1 if place.was_heard else 0
            if idle and len(place.runs) > n_begun:
                # Should it begin just now, it runs twice, to the same end, and one is not listened to.
                run = place.runs.pop()
                ray.cancel(run.stream)
                self._hand(run.request, idle.pop())


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
    except (ConnectionError, RuntimeError, ValueError) as error:
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
