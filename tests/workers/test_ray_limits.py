"""Limits on Ray: what takes too much is really ended, in native code too, and its neighbor runs on."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from search_spaces.network.point import NetworkPoint
from tests.workers.train_dev_sets import digits, rules
from workers.messages import (
    Ending,
    Event,
    TrialAdvanced,
    TrialEnded,
    TrialLimits,
    TrialLost,
    TrialRequest,
    TrialStarted,
)
from workers.pools.pool import WorkerPool
from workers.train_dev_data import Task
from workers.trial_data import TrialData

SECONDS = 1.0
ON_LINUX = pytest.mark.skipif(
    sys.platform != "linux", reason="no other system keeps a process's memory limit"
)


@pytest.fixture
def pool(ray_address: str) -> Iterator[WorkerPool]:
    from workers.pools.ray_pool import RayPool  # noqa: PLC0415 (Ray reads its settings as it is imported)

    pool = RayPool(TrialData.single(digits()), n_workers=2, address=ray_address)
    yield pool
    pool.close()


OF_LONG_EPOCHS = NetworkPoint(width=1024, depth=8, batch_size=1)
"""An epoch takes longer than is waited for: as if it hung in native code."""


def trial(
    number: int,
    *,
    limits: TrialLimits,
    width: int = 64,
    max_epochs: int = 4,
    point: NetworkPoint | None = None,
) -> TrialRequest:
    return TrialRequest(
        number,
        point or NetworkPoint(width=width),
        seed=number,
        rules=rules(Task.CLASSIFICATION, max_epochs=max_epochs),
        limits=limits,
    )


def run(pool: WorkerPool, seen: list[Event], *, n_over: int) -> dict[int, TrialEnded]:
    """Collect events until so many trials are over; return the ends."""
    give_up = time.monotonic() + 60
    while sum(isinstance(event, TrialEnded | TrialLost) for event in seen) < n_over:
        assert time.monotonic() < give_up, seen
        seen += pool.events(0.5)
    return {event.number: event for event in seen if isinstance(event, TrialEnded)}


def stop_worker(pool: WorkerPool, seen: list[Event]) -> int:
    """Stop the process of the one worker that has told of an epoch; return it."""
    while not any(isinstance(event, TrialAdvanced) for event in seen):
        seen += pool.events(0.5)
    (worker,) = {event.worker for event in seen}
    process = int(worker.rpartition(":")[2])
    os.kill(process, signal.SIGSTOP)
    return process


def is_gone(process: int) -> bool:
    """Wait until a process is no more, or gives its exit code to nobody."""
    status = Path(f"/proc/{process}/status")
    for _ in range(100):
        if not status.exists() or "State:\tZ" in status.read_text():
            return True
        time.sleep(0.1)
    return False


@ON_LINUX
def test_a_trial_that_hangs_is_ended_with_its_worker_and_its_neighbor_is_not_disturbed(
    pool: WorkerPool,
) -> None:
    from workers.pools.ray_pool import GRACE_SECONDS  # noqa: PLC0415 (Ray reads its settings as it is imported)

    limited = TrialLimits(seconds=SECONDS)
    pool.submit(trial(0, limits=limited, point=OF_LONG_EPOCHS))
    seen: list[Event] = []
    while not any(isinstance(event, TrialStarted) for event in seen):
        seen += pool.events(0.5)
    began = time.monotonic()
    (hung,) = {event.worker for event in seen}
    neighbor = trial(1, limits=TrialLimits(), width=512, max_epochs=30)
    for request in (neighbor, trial(2, limits=limited), trial(3, limits=limited)):
        pool.submit(request)
    ends = run(pool, seen, n_over=4)

    assert (ends[0].ending, ends[0].reason) == (Ending.FAILED, "ran for more than 1 seconds")
    assert (ends[0].folds, ends[0].worker, ends[0].epochs) == ((), hung, 1)
    assert SECONDS + GRACE_SECONDS - 1 < time.monotonic() - began < SECONDS + GRACE_SECONDS + 20
    assert [ends[number].ending for number in (1, 2, 3)] == [Ending.COMPLETE] * 3
    assert is_gone(int(hung.rpartition(":")[2]))
    assert sum(isinstance(event, TrialStarted) for event in seen) == 4  # none ran twice


@ON_LINUX
def test_a_worker_that_was_stopped_for_a_while_has_not_run_meanwhile(pool: WorkerPool) -> None:
    from workers.pools.ray_pool import GRACE_SECONDS  # noqa: PLC0415 (Ray reads its settings as it is imported)

    pool.submit(trial(0, limits=TrialLimits(seconds=6.0), max_epochs=150))
    seen: list[Event] = []
    stopped = stop_worker(pool, seen)
    time.sleep(6.0 + GRACE_SECONDS + 1)
    seen += pool.events(0.0)  # asks it for its time, which it cannot tell now
    os.kill(stopped, signal.SIGCONT)
    (end,) = run(pool, seen, n_over=1).values()

    assert end.ending is Ending.COMPLETE, end.reason
    assert end.seconds < 6.0
    assert int(end.worker.rpartition(":")[2]) == stopped


@ON_LINUX
def test_a_worker_that_stands_still_is_replaced_and_its_trial_is_not_to_blame(pool: WorkerPool) -> None:
    limited = TrialLimits(seconds=SECONDS)
    pool.submit(trial(0, limits=limited, max_epochs=10**6))
    seen: list[Event] = []
    stopped = stop_worker(pool, seen)
    for number in (1, 2, 3):
        pool.submit(trial(number, limits=limited))
    ends = run(pool, seen, n_over=4)

    (lost,) = (event for event in seen if isinstance(event, TrialLost))
    assert (lost.number, lost.reason) == (0, "its worker stands still")
    assert [ends[number].ending for number in (1, 2, 3)] == [Ending.COMPLETE] * 3
    assert is_gone(stopped)


def test_a_trial_out_of_time_ends_by_itself_where_its_epochs_end(pool: WorkerPool) -> None:
    from workers.pools.ray_pool import GRACE_SECONDS  # noqa: PLC0415 (Ray reads its settings as it is imported)

    pool.submit(trial(0, limits=TrialLimits(seconds=0.2), max_epochs=10**6))
    seen: list[Event] = []
    (end,) = run(pool, seen, n_over=1).values()

    assert (end.ending, end.reason) == (Ending.FAILED, "ran for more than 0.2 seconds")
    assert len(end.curve) == end.epochs > 0
    assert end.seconds < 0.2 + GRACE_SECONDS, "the pool had to end it"


@ON_LINUX
def test_a_trial_that_needs_more_memory_fails_and_its_worker_lives_on(pool: WorkerPool) -> None:
    limited = TrialLimits(memory_bytes=50_000_000)
    pool.submit(trial(0, limits=limited, width=8192))  # 270 MB of weights alone
    for number in range(1, 9):
        pool.submit(trial(number, limits=limited))
    seen: list[Event] = []
    ends = run(pool, seen, n_over=9)

    assert (ends[0].ending, ends[0].reason) == (Ending.FAILED, "needed more than 50 MB")
    assert [ends[number].ending for number in range(1, 9)] == [Ending.COMPLETE] * 8
    assert not any(isinstance(event, TrialLost) for event in seen)
