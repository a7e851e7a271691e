"""Simulated time: what a script says happens when it says, and a slow coordinator shows as idle workers."""

from dataclasses import replace

import pytest

from benchmarks.simulated_pool import ScriptedRun, SimulatedPool, SimulatedTimes
from search_spaces.network.point import NetworkPoint
from tests.workers.train_dev_sets import rules
from workers.messages import (
    Ending,
    Event,
    TrialAdvanced,
    TrialEnded,
    TrialLost,
    TrialRequest,
    TrialStarted,
)
from workers.train_dev_data import Task


class Stopwatch:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.reading = 0.0

    def __call__(self) -> float:
        """Read it."""
        return self.reading


def request(number: int) -> TrialRequest:
    return TrialRequest(number, NetworkPoint(), number, rules(Task.REGRESSION, max_epochs=10))


def run_of(seconds: float, *, epochs: int = 5, dies_after: float | None = None) -> ScriptedRun:
    return ScriptedRun(TrialEnded(0, "", Ending.FAILED, (), epochs, 0.0), seconds, dies_after)


def long_as_its_number(request: TrialRequest, n_before: int) -> ScriptedRun:  # noqa: ARG001 (a script)
    return run_of(float(request.number))


def all_events(pool: SimulatedPool) -> list[tuple[float, Event]]:
    """Let everything happen; return it with the instants."""
    seen: list[tuple[float, Event]] = []
    while happened := pool.events(1.0):
        seen += [(pool.now, event) for event in happened]
    return seen


def test_trials_begin_in_order_as_workers_fall_free_and_last_as_long_as_the_script_says() -> None:
    pool = SimulatedPool(long_as_its_number, n_workers=2)
    for number in (5, 2, 4, 1):
        pool.submit(request(number))
    seen = all_events(pool)

    starts = {event.number: at for at, event in seen if isinstance(event, TrialStarted)}
    ends = {event.number: at for at, event in seen if isinstance(event, TrialEnded)}
    assert starts == {5: 0.0, 2: 0.0, 4: 2.0, 1: 5.0}
    assert ends == {5: 5.0, 2: 2.0, 4: 6.0, 1: 6.0}
    assert pool.busy_seconds(until=6.0) == [6.0, 6.0]
    assert pool.busy_seconds(until=5.5) == [5.5, 5.5]
    assert pool.use(until=12.0) == 0.5
    assert pool.busy_seconds(since=4.5, until=5.5) == [1.0, 1.0]


def test_all_that_happens_at_one_instant_comes_at_once() -> None:
    pool = SimulatedPool(lambda *_: run_of(3.0, epochs=1), n_workers=50)
    for number in range(50):
        pool.submit(request(number))

    assert len(pool.events(1.0)) == 50
    ended = pool.events(1.0)
    assert ([event.number for event in ended], pool.now) == (list(range(50)), 3.0)


@pytest.mark.parametrize(
    ("interval", "told"), [(0.02, [1, 2, 3, 4, 5, 6, 7]), (2.5, [3, 6]), (4.0, [4]), (9.0, [])]
)
def test_epochs_are_told_of_at_their_ends_where_nothing_was_told_for_so_long(
    interval: float, told: list[int]
) -> None:
    times = SimulatedTimes(advance_seconds=interval)
    sure = replace(run_of(8.0, epochs=8), certain_epochs=(8,) * 7)
    pool = SimulatedPool(lambda *_: sure, n_workers=1, times=times)
    pool.submit(request(0))
    advances = [(at, event.epochs) for at, event in all_events(pool) if isinstance(event, TrialAdvanced)]

    assert advances == [(float(epoch), epoch) for epoch in told]


GROWING = replace(run_of(8.0, epochs=8), certain_epochs=(10, 10, 10, 10, 12, 12, 14))
NEVER = SimulatedTimes(advance_seconds=1e9)


def told(pool: SimulatedPool) -> list[tuple[int, int]]:
    """Return the epochs that are told of, and what is certain after each."""
    return [
        (event.epochs, event.at_least) for _, event in all_events(pool) if isinstance(event, TrialAdvanced)
    ]


def test_what_becomes_certain_of_a_trial_that_is_followed_is_told_in_time() -> None:
    pool = SimulatedPool(lambda *_: GROWING, n_workers=1, times=NEVER)
    pool.follow(0)
    pool.submit(request(0))

    # 10 epochs are certain before it runs. After 7, no more than 3 were known of the 7 that are certain then.
    assert told(pool) == [(7, 14)]


def test_of_a_trial_that_is_not_followed_nothing_becomes_certain_before_its_end() -> None:
    pool = SimulatedPool(lambda *_: GROWING, n_workers=1, times=NEVER)
    pool.submit(request(0))

    assert told(pool) == []


def test_how_far_a_trial_has_come_is_told_at_once_when_it_is_followed() -> None:
    watch = Stopwatch()
    pool = SimulatedPool(lambda *_: GROWING, n_workers=1, times=NEVER, stopwatch=watch)
    pool.submit(request(0))
    watch.reading += 5.5
    pool.follow(0)

    assert told(pool) == [(5, 12)]


def test_a_start_right_after_an_end_costs_no_message() -> None:
    times = SimulatedTimes(message_seconds=0.25)
    pool = SimulatedPool(lambda *_: run_of(1.0, epochs=1), n_workers=1, times=times)
    pool.submit(request(0))
    pool.submit(request(1))
    all_events(pool)

    # Two requests; a start, an end and a start at one instant, an end.
    assert pool.now == 0.25 + 2.0 + 0.25 + 1.0


def test_a_worker_that_dies_loses_its_trial_and_another_comes_in_its_place_later() -> None:
    def deadly_at_first(_: TrialRequest, n_before: int) -> ScriptedRun:
        return run_of(4.0, dies_after=1.5 if n_before == 0 else None)

    pool = SimulatedPool(deadly_at_first, n_workers=1, times=SimulatedTimes(restart_seconds=10.0))
    pool.submit(request(0))
    seen: list[Event] = []
    while not any(isinstance(event, TrialLost) for event in seen):
        seen += pool.events(1.0)
    assert pool.now == 1.5
    pool.submit(request(0))
    again = all_events(pool)

    assert [at for at, event in again if isinstance(event, TrialStarted)] == [11.5]
    assert [at for at, event in again if isinstance(event, TrialEnded)] == [15.5]
    assert pool.busy_seconds(until=15.5) == [4.0]


def test_the_coordinators_own_time_passes_on_the_simulated_clock_and_workers_idle_in_it() -> None:
    watch = Stopwatch()
    pool = SimulatedPool(lambda *_: run_of(1.0, epochs=1), n_workers=1, stopwatch=watch)
    pool.submit(request(0))
    pool.events(1.0)
    watch.reading += 5.0  # the coordinator computes, while the trial comes to its end
    pool.submit(request(1))
    seen = all_events(pool)

    assert [(at, event.number) for at, event in seen if isinstance(event, TrialEnded)] == [(5.0, 0), (6.0, 1)]
    assert pool.use(until=6.0) == pytest.approx(1 / 3)
    assert pool.charged_seconds == 5.0


def test_a_worker_with_a_trial_in_the_queue_does_not_wait_for_the_coordinator() -> None:
    watch = Stopwatch()
    pool = SimulatedPool(lambda *_: run_of(1.0, epochs=1), n_workers=1, stopwatch=watch)
    pool.submit(request(0))
    pool.submit(request(1))
    watch.reading += 2.0
    all_events(pool)

    assert pool.use(until=2.0) == 1.0


def test_messages_have_their_price() -> None:
    times = SimulatedTimes(message_seconds=0.25)
    pool = SimulatedPool(lambda *_: run_of(1.0, epochs=1), n_workers=1, times=times)
    pool.submit(request(0))
    all_events(pool)

    assert pool.now == 0.25 + 1.0 + 0.25 + 1.0  # the timeout of the call in which nothing was left to happen


def test_an_outcome_is_the_scripts_with_the_trials_number_and_its_worker_and_time() -> None:
    scripted = run_of(7.0)
    pool = SimulatedPool(lambda *_: scripted, n_workers=1)
    pool.submit(request(3))
    end = all_events(pool)[-1][1]

    assert end == replace(scripted.end, number=3, worker="simulated-0", seconds=7.0)


def test_closing_drops_what_waits_and_runs() -> None:
    pool = SimulatedPool(long_as_its_number, n_workers=1)
    pool.submit(request(5))
    pool.submit(request(6))
    pool.close()

    assert pool.events(1.0) == []
