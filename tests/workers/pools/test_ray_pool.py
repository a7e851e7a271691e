"""What Ray adds to the pool's contract: processes that die, clusters that are not there, idle workers."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from search_spaces.network.point import NetworkPoint
from service.study.storage.machine_record import this_machine
from tests.end_to_end.commands import ray_workers
from tests.workers.train_dev_sets import digits, rules
from workers.messages import (
    Ending,
    Event,
    TrialAdvanced,
    TrialEnded,
    TrialLost,
    TrialRequest,
    TrialStarted,
)
from workers.pools.pool import PoolUnreachableError, WorkerPool
from workers.train_dev_data import Task
from workers.trial_data import TrialData


@pytest.fixture
def pool(ray_address: str) -> Iterator[WorkerPool]:
    from workers.pools.ray_pool import RayPool  # noqa: PLC0415 (Ray reads its settings as it is imported)

    pool = RayPool(TrialData.single(digits()), n_workers=2, address=ray_address)
    yield pool
    pool.close()


def long_trial(number: int, *, width: int = 256) -> TrialRequest:
    """Make a trial of some seconds."""
    return TrialRequest(
        number,
        NetworkPoint(width=width),
        seed=number,
        rules=rules(Task.CLASSIFICATION, max_epochs=60),
    )


def short_trial(number: int) -> TrialRequest:
    """Make a trial of some milliseconds."""
    return TrialRequest(
        number,
        NetworkPoint(width=8),
        seed=number,
        rules=rules(Task.CLASSIFICATION, max_epochs=2),
    )


def events_until(pool: WorkerPool, n_over: int, seen: list[Event], *, seconds: float = 120) -> list[Event]:
    """Collect events until so many trials are over."""
    end = time.monotonic() + seconds
    while sum(isinstance(event, TrialEnded | TrialLost) for event in seen) < n_over:
        assert time.monotonic() < end, seen
        seen += pool.events(0.5)
    return seen


def process_of(event: TrialStarted | TrialAdvanced) -> int:
    return int(event.worker.rpartition(":")[2])


def test_only_the_trial_that_a_dead_worker_ran_is_lost(pool: WorkerPool) -> None:
    for number in range(4):
        pool.submit(long_trial(number))
    seen: list[Event] = []
    while not any(isinstance(event, TrialAdvanced) for event in seen):
        seen += pool.events(0.5)
    victim = next(event for event in seen if isinstance(event, TrialAdvanced))
    os.kill(process_of(victim), signal.SIGKILL)
    events_until(pool, 4, seen)

    lost = [event for event in seen if isinstance(event, TrialLost)]
    assert [(event.number, event.worker) for event in lost] == [(victim.number, victim.worker)]
    assert "its worker died" in lost[0].reason
    ended = {event.number for event in seen if isinstance(event, TrialEnded)}
    assert ended == {0, 1, 2, 3} - {victim.number}


def test_a_lost_trial_may_be_submitted_again(pool: WorkerPool) -> None:
    pool.submit(long_trial(0, width=32))
    seen: list[Event] = []
    while not any(isinstance(event, TrialStarted) for event in seen):
        seen += pool.events(0.5)
    os.kill(process_of(next(event for event in seen if isinstance(event, TrialStarted))), signal.SIGKILL)
    events_until(pool, 1, seen)
    pool.submit(long_trial(0, width=32))
    events_until(pool, 2, seen)

    assert isinstance(seen[-1], TrialEnded)
    assert seen[-1].ending is Ending.COMPLETE


def test_workers_are_not_sent_the_files_of_a_job(ray_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table among them has the test rows. Those of this job are nowhere: a worker that wants them dies."""
    from workers.pools.ray_pool import RayPool  # noqa: PLC0415 (Ray reads its settings as it is imported)

    files = {"working_dir": "gcs://_ray_pkg_0123456789abcdef.zip"}
    job = json.dumps({"runtime_env": files, "metadata": {"job_submission_id": "a"}})
    monkeypatch.setenv("RAY_JOB_CONFIG_JSON_ENV_VAR", job)
    pool = RayPool(TrialData.single(digits()), n_workers=1, address=ray_address)
    pool.submit(short_trial(0))
    last = events_until(pool, 1, [])[-1]
    pool.close()

    assert isinstance(last, TrialEnded)
    assert os.environ["RAY_JOB_CONFIG_JSON_ENV_VAR"] == job


def actors() -> set[int]:
    """Return the processes of the actors of this process's cluster; another's tests may run beside these."""
    return set(ray_workers(os.getpid()))


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="an actor's process is read from /proc")
def test_a_worker_that_dies_before_any_was_heard_from_is_replaced(ray_address: str) -> None:
    from workers.pools.ray_pool import RayPool  # noqa: PLC0415 (Ray reads its settings as it is imported)

    others = actors()
    pool = RayPool(TrialData.single(digits()), n_workers=1, address=ray_address)
    give_up = time.monotonic() + 60
    while not (mine := actors() - others):
        assert time.monotonic() < give_up
        time.sleep(0.01)
    os.kill(mine.pop(), signal.SIGKILL)
    pool.submit(short_trial(0))
    (lost,) = events_until(pool, 1, [])
    assert isinstance(lost, TrialLost)
    pool.submit(short_trial(0))
    ended = events_until(pool, 1, [])[-1]
    pool.close()
    assert isinstance(ended, TrialEnded)
    assert ended.ending is Ending.COMPLETE


class Deadly:
    """Data that end the process which unpickles them."""

    n_folds = 1

    def __reduce__(self) -> tuple[Callable[[int], object], tuple[int]]:
        return os._exit, (1,)


def test_workers_that_all_die_as_they_start_are_told(ray_address: str) -> None:
    from workers.pools.ray_pool import RayPool  # noqa: PLC0415 (Ray reads its settings as it is imported)

    pool = RayPool(cast("TrialData", Deadly()), n_workers=1, address=ray_address)
    for _ in range(2):
        pool.submit(short_trial(0))
        assert isinstance(events_until(pool, 1, [])[-1], TrialLost)
    pool.submit(short_trial(0))
    with pytest.raises(PoolUnreachableError, match="no worker could be started: The actor died"):
        events_until(pool, 1, [])
    pool.close()


def test_each_worker_has_one_trial_at_a_time_and_both_work(pool: WorkerPool) -> None:
    for number in range(8):
        pool.submit(long_trial(number, width=64))  # longer than the later worker takes to start
    seen = events_until(pool, 8, [])

    at_work: dict[str, int] = {}
    for event in seen:
        if isinstance(event, TrialStarted):
            assert event.worker not in at_work
            at_work[event.worker] = event.number
        elif isinstance(event, TrialEnded):
            assert at_work.pop(event.worker) == event.number
    assert len({event.worker for event in seen if isinstance(event, TrialStarted)}) == 2


@pytest.mark.parametrize("followed", [0, 3, 5])
def test_only_of_a_trial_that_is_followed_progress_is_told(
    ray_address: str, monkeypatch: pytest.MonkeyPatch, followed: int
) -> None:
    from workers.pools import ray_pool  # noqa: PLC0415 (Ray reads its settings as it is imported)

    monkeypatch.setattr(ray_pool, "silence_seconds", lambda _: 1e9)  # people are told nothing
    pool = ray_pool.RayPool(TrialData.single(digits()), n_workers=2, address=ray_address)
    soon_out_of_patience = rules(Task.CLASSIFICATION, max_epochs=60, patience=3)
    for number in range(6):
        pool.submit(replace(long_trial(number), rules=soon_out_of_patience))
    seen: list[Event] = []
    while not seen:
        seen += pool.events(0.5)
    pool.follow(followed)  # the first runs by now; the others wait, at a worker and in the queue
    events_until(pool, 6, seen)
    pool.close()

    told = [event for event in seen if isinstance(event, TrialAdvanced)]
    assert len(told) > 1
    assert {event.number for event in told} == {followed}


def test_a_trial_does_not_wait_behind_a_long_one_while_a_worker_is_idle(pool: WorkerPool) -> None:
    # Dealt out in turn, the third trial would wait behind the first, which takes far longer than the second.
    requests = [long_trial(0, width=1024), short_trial(1), short_trial(2)]
    for request in requests:
        pool.submit(request)
    seen: list[Event] = []
    events_until(pool, 2, seen)

    over = [event.number for event in seen if isinstance(event, TrialEnded)]
    assert sorted(over) == [1, 2]


def test_a_worker_from_which_a_trial_was_called_back_goes_on_at_once(pool: WorkerPool) -> None:
    for request in [long_trial(0), short_trial(1), short_trial(2)]:
        pool.submit(request)
    seen = events_until(pool, 3, [])
    for number in range(3, 7):  # so that both workers have some
        pool.submit(short_trial(number))

    # Ray lets an actor wait 30 seconds for a call that is missing from their order.
    events_until(pool, 7, seen, seconds=15)


HOLDS_A_CPU = """
import sys, time, ray
ray.init(sys.argv[1], log_to_driver=False)
class Holder:
    def hold(self):
        return "held"
holder = ray.remote(num_cpus=1)(Holder).remote()
print(ray.get(holder.hold.remote()), flush=True)
time.sleep(600)
"""


def test_a_worker_that_never_starts_holds_up_no_trial(ray_address: str) -> None:
    from workers.pools.ray_pool import RayPool  # noqa: PLC0415 (Ray reads its settings as it is imported)

    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS_A_CPU, ray_address], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        pool = RayPool(TrialData.single(digits()), n_workers=2, address=ray_address)
        for number in range(5):
            pool.submit(short_trial(number))
        seen = events_until(pool, 5, [], seconds=60)
        pool.close()
    finally:
        holder.kill()
        holder.communicate()

    assert {event.number for event in seen if isinstance(event, TrialEnded)} == set(range(5))
    assert len({event.worker for event in seen}) == 1


def test_an_address_where_nothing_listens_is_refused_at_once() -> None:
    from workers.pools.ray_pool import RayPool  # noqa: PLC0415 (Ray reads its settings as it is imported)

    began = time.monotonic()
    with pytest.raises(PoolUnreachableError, match=r"no Ray cluster answers at 127\.0\.0\.1:9"):
        RayPool(TrialData.single(digits()), n_workers=1, address="127.0.0.1:9")
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("address", ["somewhere", "127.0.0.1:port"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    from workers.pools.ray_pool import RayPool  # noqa: PLC0415 (Ray reads its settings as it is imported)

    with pytest.raises(PoolUnreachableError, match=f"no Ray cluster answers at {address}"):
        RayPool(TrialData.single(digits()), n_workers=1, address=address)


def test_a_cluster_lends_no_more_workers_than_it_has(ray_address: str) -> None:
    from workers.pools.ray_pool import RayPool  # noqa: PLC0415 (Ray reads its settings as it is imported)

    pool = RayPool(TrialData.single(digits()), n_workers=50, address=ray_address)
    try:
        assert pool.n_workers == 2
    finally:
        pool.close()


@pytest.mark.usefixtures("pool")
def test_workers_multiply_with_the_kernel_that_is_recorded_with_the_study() -> None:
    import ray  # noqa: PLC0415 (likewise)

    there = ray.get(ray.remote(num_cpus=0)(this_machine).remote())
    assert there == this_machine()
