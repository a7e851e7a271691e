"""A database that is away is waited for with ever longer pauses, and a last try is made at a stated time."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.study.storage.database_failures import Outage, Patience, wait_out
from service.study.storage.storage_errors import StorageAwayError, StorageError

AWAY = StorageAwayError("storage postgresql://host/studies: connection refused")


def tries(patience: Patience, *, each_takes: float = 0.0) -> tuple[list[float], Outage]:
    """Fail at every try, on a clock that starts at 100; return when each was made, and how it ended."""
    now = 100.0
    outage = patience.outage(AWAY, now=now)
    times = [now]
    while not outage.is_hopeless(now):
        now = max(now, outage.next_try_at)
        assert outage.is_due(now)
        times.append(now)
        outage = outage.failed(AWAY, now=now + each_takes)
        now += each_takes
    return times, outage


def test_waits_double_up_to_a_ceiling_and_the_last_try_is_at_the_stated_time() -> None:
    times, outage = tries(Patience(0.5, 10.0, 45.0))
    assert times == [100, 100.5, 101.5, 103.5, 107.5, 115.5, 125.5, 135.5, 145]
    assert outage.n_failures == 9


def test_by_default_it_is_tried_every_ten_seconds_and_given_up_after_ten_minutes() -> None:
    times, _ = tries(Patience())
    assert times[-1] == 700
    assert max(later - earlier for earlier, later in pairwise(times)) == 10


@given(
    first=st.floats(0.01, 5),
    longest=st.floats(0.01, 30),
    give_up=st.floats(0, 900),
    each_takes=st.floats(0, 60),
)
def test_whatever_a_try_takes_a_last_one_is_made_after_the_stated_time(
    first: float, longest: float, give_up: float, each_takes: float
) -> None:
    times, outage = tries(Patience(first, longest, give_up), each_takes=each_takes)
    assert times[-1] + each_takes >= outage.gives_up_at
    assert times[-1] <= outage.gives_up_at + each_takes
    assert times == sorted(times)


def test_an_outage_of_days_is_no_overflow() -> None:
    assert Patience().wait_seconds(10_000_000) == 10


def test_nothing_is_tried_before_it_is_due() -> None:
    outage = Patience().outage(AWAY, now=7)
    assert not outage.is_due(7.4)
    assert outage.is_due(7.5)


def test_the_screen_is_told_what_is_away_since_when_and_until_when() -> None:
    outage = Patience().outage(AWAY, now=0).failed(AWAY, now=1)
    assert outage.told(1.0, meanwhile="training goes on") == (
        "storage postgresql://host/studies: connection refused; away for 1 s, training goes on; tried again"
        " in 1 s, given up in 599 s"
    )


@pytest.mark.parametrize(("n_failures", "seconds"), [(1, 0.5), (2, 1.0), (3, 2.0), (5, 8.0), (6, 10.0)])
def test_the_wait_after_so_many_failures(n_failures: int, seconds: float) -> None:
    assert Patience().wait_seconds(n_failures) == seconds


QUICK = Patience(first_wait_seconds=0.001, longest_wait_seconds=0.002, give_up_seconds=60.0)


class Work:
    """Fails for some times, then gives how often it was begun."""

    def __init__(self, *failures: Exception) -> None:
        self._failures = list(failures)
        self.n_begun = 0

    def __call__(self) -> int:
        """Begin anew."""
        self.n_begun += 1
        if self._failures:
            raise self._failures.pop(0)
        return self.n_begun


def test_work_is_done_again_until_the_database_answers_and_both_are_said() -> None:
    away, said = StorageAwayError("storage: it does not answer"), list[str]()
    work = Work(away, away)
    assert wait_out(work, patience=QUICK, say=said.append, is_given_up=lambda: False) == 3
    assert [line.partition(";")[0] for line in said] == [str(away), str(away), "the database answers again"]
    assert "finished work is kept" in said[0]


def test_work_that_succeeds_is_done_once_and_in_silence() -> None:
    said = list[str]()
    assert wait_out(Work(), patience=QUICK, say=said.append, is_given_up=lambda: False) == 1
    assert not said


def test_another_error_is_not_waited_for() -> None:
    work = Work(StorageError("no such study"))
    with pytest.raises(StorageError, match="no such study"):
        wait_out(work, patience=QUICK, say=print, is_given_up=lambda: False)
    assert work.n_begun == 1


def test_patience_ends_with_a_last_try() -> None:
    last = StorageAwayError("the last")
    work = Work(StorageAwayError("the first"), last)
    impatient = Patience(first_wait_seconds=0.001, longest_wait_seconds=0.001, give_up_seconds=0.0)
    with pytest.raises(StorageAwayError, match="the last"):
        wait_out(work, patience=impatient, say=lambda _: None, is_given_up=lambda: False)
    assert work.n_begun == 2


def test_who_interrupts_does_not_wait() -> None:
    work = Work(StorageAwayError("it does not answer"))
    patient = Patience(first_wait_seconds=1000.0, longest_wait_seconds=1000.0, give_up_seconds=10_000.0)
    with pytest.raises(StorageAwayError, match="it does not answer"):
        wait_out(work, patience=patient, say=lambda _: None, is_given_up=lambda: True)
    assert work.n_begun == 1
