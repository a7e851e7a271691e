"""Training begins here, and goes on elsewhere once that is there: no trial is lost, none is late for it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from threading import Event as Flag

import pytest

from tests.house.checkout import ROOT
from tests.workers.test_pool_contract import ONE, Watched, alone, bits, trial
from tests.workers.train_dev_sets import rules
from workers.messages import Event, TrialEnded, TrialLost, TrialRequest, TrialStarted
from workers.pools.cluster_needs import check_needs
from workers.pools.in_process_pool import InProcessPool
from workers.pools.pool import PoolUnreachableError, WorkerPool
from workers.pools.starting_pool import StartedPool, StartingPool
from workers.pools.thread_directory import take_own_directory, threads_may_have_own
from workers.train_dev_data import Task

NEVER = float("inf")


class Elsewhere(InProcessPool):
    """A pool whose workers begin when they are let."""

    def __init__(self) -> None:
        super().__init__(ONE)
        self.may_begin = True
        self.is_lost = False
        self.numbers: list[int] = []
        self.buried: list[TrialLost] = []
        self.is_closed = False
        self._has_begun = False

    @property
    def has_heard_from_a_worker(self) -> bool:
        """Whether one has begun."""
        return self._has_begun

    def submit(self, request: TrialRequest) -> None:
        """Take a trial."""
        self.numbers.append(request.number)
        super().submit(request)

    def events(self, timeout_seconds: float) -> list[Event]:
        """Tell what happens."""
        if self.buried:
            told, self.buried = self.buried, []
            return [*told]
        if self.is_lost:
            raise PoolUnreachableError("the head has died")
        if not self.may_begin:
            time.sleep(timeout_seconds)
            return []
        happened = super().events(timeout_seconds)
        self._has_begun = self._has_begun or bool(happened)
        return happened

    def close(self) -> None:
        """End."""
        self.is_closed = True
        super().close()


class Start:
    """The start of a pool, which lasts until it may end."""

    def __init__(self) -> None:
        self.pool, self.may_end, self.has_begun, self.is_given_up = Elsewhere(), Flag(), Flag(), Flag()
        self.error: Exception | None = None

    def __call__(self, is_given_up: Callable[[], bool]) -> StartedPool:
        """Wait until it may end."""
        self.has_begun.set()
        while not self.may_end.wait(0.01):
            if is_given_up():
                self.is_given_up.set()
                raise PoolUnreachableError("given up")
        if self.error is not None:
            raise self.error
        return self.pool


def starting(
    start: Start,
    *,
    n_trials: int = 100,
    worth_seconds: float = 0.0,
    goes_without: Callable[[PoolUnreachableError], None] = print,
) -> StartingPool:
    return StartingPool(
        ONE,
        start,
        n_workers=2,
        n_trials=n_trials,
        worth_seconds=worth_seconds,
        goes_without=goes_without,
    )


def long(number: int) -> TrialRequest:
    """Make a trial that does not end while a test runs."""
    return trial(number, rules=rules(Task.REGRESSION, max_epochs=10**6, patience=10**6))


def wait_for(pool: WorkerPool, is_there: Callable[[list[Event]], bool]) -> list[Event]:
    """Listen until something is there."""
    heard: list[Event] = []
    until = time.monotonic() + 30
    while not is_there(heard):
        assert time.monotonic() < until, heard
        heard += pool.events(0.05)
    return heard


def ends(events: list[Event]) -> list[int]:
    return [event.number for event in events if isinstance(event, TrialEnded)]


def test_trials_run_here_while_the_other_pool_starts() -> None:
    start = Start()
    pool = starting(start)
    watched = Watched(pool)

    watched.run(*map(trial, range(3)))

    assert start.has_begun.is_set()
    assert start.pool.numbers == []
    pool.close()
    assert start.is_given_up.wait(5)
    watched.check()


def test_nothing_is_started_for_a_search_that_is_soon_over() -> None:
    start = Start()
    pool = starting(start, n_trials=3, worth_seconds=60.0)
    Watched(pool).run(*map(trial, range(3)))
    pool.close()

    assert not start.has_begun.is_set()


def test_the_other_pool_is_started_once_what_is_left_is_worth_it() -> None:
    start = Start()
    pool = starting(start, n_trials=1_000_000, worth_seconds=60.0)
    pool.submit(long(0))
    assert not start.has_begun.is_set()
    wait_for(pool, lambda _: start.has_begun.is_set())
    pool.close()


def test_new_trials_go_to_the_other_pool_and_the_one_in_hand_ends_here() -> None:
    start = Start()
    pool = starting(start)
    here = trial(0, rules=rules(Task.REGRESSION, max_epochs=4000, patience=4000))
    pool.submit(here)
    wait_for(pool, lambda heard: any(isinstance(event, TrialStarted) for event in heard))
    start.may_end.set()
    wait_for(pool, lambda _: start.pool is pool._pool)  # noqa: SLF001 (nothing else tells it)
    for number in range(1, 5):
        pool.submit(trial(number))
    heard = wait_for(pool, lambda heard: len(ends(heard)) == 5)

    assert start.pool.numbers == [1, 2, 3, 4]
    assert sorted(ends(heard)) == [0, 1, 2, 3, 4]
    (end,) = (event for event in heard if isinstance(event, TrialEnded) and event.number == 0)
    assert end.worker.endswith(f":{os.getpid()}")
    assert bits(end) == bits(alone(here))
    pool.close()
    assert start.pool.is_closed


def test_trials_run_here_until_the_other_pools_workers_begin() -> None:
    start = Start()
    start.pool.may_begin = False
    start.may_end.set()
    pool = starting(start)
    wait_for(pool, lambda _: pool._pool is not None)  # noqa: SLF001 (nothing else tells it)
    for number in range(8):
        pool.submit(trial(number))
    heard = wait_for(pool, lambda heard: len(ends(heard)) == 6)
    assert start.pool.numbers == [0, 1]  # a trial for each of its workers
    start.pool.may_begin = True
    heard += wait_for(pool, lambda heard: len(ends(heard)) == 2)

    assert sorted(ends(heard)) == [*range(8)]
    pool.close()


def test_a_start_that_fails_is_reported_and_all_trials_run_here() -> None:
    start, said = Start(), list[str]()
    start.error = PoolUnreachableError("no room")
    start.may_end.set()
    pool = starting(start, goes_without=lambda error: said.append(f"{error}"))
    for number in range(3):
        pool.submit(trial(number))
    heard = wait_for(pool, lambda heard: len(ends(heard)) == 3 and bool(said))
    pool.close()

    assert sorted(ends(heard)) == [0, 1, 2]
    assert said == ["no room"]
    assert pool.n_workers == 1


def test_a_pool_that_dies_before_its_workers_begin_loses_no_trial() -> None:
    start, said = Start(), list[str]()
    start.pool.may_begin = False
    start.may_end.set()
    pool = starting(start, goes_without=lambda error: said.append(f"{error}"))
    wait_for(pool, lambda _: pool._pool is not None)  # noqa: SLF001 (nothing else tells it)
    for number in range(6):
        pool.submit(trial(number))
    assert start.pool.numbers == [0, 1]
    start.pool.is_lost = True
    heard = wait_for(pool, lambda heard: len(ends(heard)) == 6)
    pool.close()

    assert sorted(ends(heard)) == [*range(6)]
    assert said == ["the head has died"]
    assert start.pool.is_closed


def test_a_trial_that_is_lost_before_the_pool_dies_runs_once() -> None:
    start = Start()
    start.pool.may_begin = False
    start.may_end.set()
    pool = starting(start)
    wait_for(pool, lambda _: pool._pool is not None)  # noqa: SLF001 (nothing else tells it)
    pool.submit(trial(0))
    assert start.pool.numbers == [0]
    start.pool.buried = [TrialLost(0, "there", "it was killed")]
    wait_for(pool, lambda heard: any(isinstance(event, TrialLost) for event in heard))
    pool.submit(trial(0))  # as whoever listens does
    start.pool.is_lost = True
    heard = wait_for(pool, lambda heard: bool(ends(heard)))
    heard += pool.events(0.3)
    pool.close()

    assert ends(heard) == [0]


def test_a_pool_that_dies_once_it_has_trained_is_raised_to_whoever_listens() -> None:
    start = Start()
    start.may_end.set()
    pool = starting(start)
    pool.submit(long(0))
    wait_for(pool, lambda _: pool._pool is not None)  # noqa: SLF001 (nothing else tells it)
    pool.submit(trial(1))
    wait_for(pool, lambda _: start.pool.has_heard_from_a_worker)
    start.pool.is_lost = True
    with pytest.raises(PoolUnreachableError, match="the head has died"):
        wait_for(pool, lambda _: False)
    pool.close()


def test_a_fault_of_the_start_is_raised_to_whoever_listens() -> None:
    start = Start()
    start.error = ValueError("a fault")
    start.may_end.set()
    pool = starting(start)
    pool.submit(long(0))
    with pytest.raises(ValueError, match="a fault"):
        wait_for(pool, lambda _: False)
    pool.close()


def test_a_fault_of_the_training_is_raised_to_whoever_listens() -> None:
    pool = starting(Start(), worth_seconds=NEVER)
    pool.submit(trial(0, only_fold=7))
    with pytest.raises(ValueError, match="a training in fold 7 was asked of data with 1 folds"):
        wait_for(pool, lambda _: False)
    pool.close()


def test_an_idle_pool_waits_as_long_as_it_is_asked_to_and_no_longer() -> None:
    pool = starting(Start(), worth_seconds=NEVER)
    began = time.process_time(), time.monotonic()
    assert pool.events(0.3) == []
    assert 0.25 < time.monotonic() - began[1] < 5
    assert time.process_time() - began[0] < 0.2
    pool.close()


def test_closing_ends_a_trial_at_its_epoch() -> None:
    pool = starting(Start(), worth_seconds=NEVER)
    pool.submit(long(0))
    wait_for(pool, lambda heard: len(heard) > 0)
    began = time.monotonic()
    pool.close()
    assert time.monotonic() - began < 5
    assert pool.events(0.0) == []


@pytest.mark.skipif(not threads_may_have_own(), reason="no thread has a directory of its own here")
def test_a_threads_own_directory_is_its_own() -> None:
    script = (
        "import os; from threading import Thread; from workers.pools.thread_directory import *\n"
        "def move():\n"
        "    assert take_own_directory(); os.chdir('/'); print(os.getcwd())\n"
        "before = os.getcwd(); thread = Thread(target=move); thread.start(); thread.join()\n"
        "print(os.getcwd() == before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "/\nTrue\n"
    assert callable(take_own_directory)


def test_what_a_cluster_needs_is_checked_without_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    check_needs(ONE, n_workers=2)

    monkeypatch.setattr("workers.pools.cluster_needs.tasks_left", lambda: 10)
    with pytest.raises(PoolUnreachableError, match="Ray needs about 230 more processes and threads"):
        check_needs(ONE, n_workers=2)
