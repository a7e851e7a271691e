"""Where nothing else is to be done, a database that is away is waited for, and no longer than is said."""

import pytest

from service.study.storage.patience import Patience, wait_out
from service.study.storage.storage_errors import StorageAwayError, StorageError

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
