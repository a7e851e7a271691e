"""A database that fails: what its failure means, and how long a study waits for one that is away.

Whether it is away for the moment, or asking again is of no use, is decided by the codes that SQLite and
PostgreSQL give, never by their words, which change with the language. A study tries again at ever longer
intervals, and not for ever. `Patience` neither waits nor reads a clock: whoever runs a study goes on with its
trials meanwhile. Where there is nothing else to do until the database answers, `wait_out` waits.
"""

import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from service.study.storage.database_url import mask_secrets, without_secrets
from service.study.storage.storage_errors import StorageAwayError, StorageError
from workers.run_clock import run_seconds

_SQLITE_AWAY = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)
"""Locked by others, its disk full, failing or gone."""

_POSTGRESQL_AWAY = (
    "08",  # connection exceptions
    "53",  # out of disk, memory, connections
    "57P",  # shut down, crashed, starting up; a session that waited for too long
    "58",  # the server's own disk fails
    "25006",  # read only: a standby that is about to be promoted
    "25P03",  # this process was paused in a transaction, and the server has ended it
    "40",  # a deadlock, a serialization failure: the transaction may be tried again
    "55P03",  # a lock is not to be had in time
)
"""Beginnings of SQLSTATE codes: PostgreSQL manual, appendix A."""

_SQLITE_PRIMARY = 0xFF


def storage_error(error: Exception, url: URL) -> StorageError:
    """Return what to raise for an error that SQLAlchemy or Optuna raised: one line, without a password."""
    causes = list(_causes(error))
    first_line = str(causes[-1]).strip().partition("\n")[0]
    kind = StorageAwayError if any(map(_is_away, causes)) else StorageError
    return kind(f"storage {without_secrets(url)}: {mask_secrets(first_line, url)}")


def no_driver(error: Exception, url: URL) -> StorageError:
    """Return the error for a database for which no driver is installed."""
    return StorageError(
        f"storage {without_secrets(url)}: no driver for it is installed ({mask_secrets(str(error), url)});"
        " for PostgreSQL install the extra proctor[postgresql]"
    )


@contextmanager
def told_as_storage_errors(url: URL) -> Iterator[None]:
    """Raise what SQLAlchemy and Optuna raise within as the storage errors that it means."""
    try:
        yield
    except _errors_of_databases() as error:
        raise storage_error(error, url) from error


def _errors_of_databases() -> tuple[type[Exception], ...]:
    """Return SQLAlchemy's errors, and Optuna's where it is imported: a listing does without, to be quick."""
    optuna = sys.modules.get("optuna.exceptions")
    return (SQLAlchemyError,) if optuna is None else (SQLAlchemyError, optuna.OptunaError)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, and what caused it, the first cause last."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _is_away(error: BaseException) -> bool:
    if isinstance(error, PoolTimeoutError):  # no connection was to be had from the pool
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    code: int | None = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & _SQLITE_PRIMARY in _SQLITE_AWAY
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state.startswith(_POSTGRESQL_AWAY)
    # A server that cannot be reached gives no code at all.
    return isinstance(error, OperationalError)


ANSWERS_AGAIN = "the database answers again"
"""The message when it does."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How a database that is away is tried again.

    Attributes
    ----------
    first_wait_seconds
        From the first failure to the next try (seconds); each further wait is twice as long.
    longest_wait_seconds
        The longest wait between two tries (seconds).
    give_up_seconds
        From the first failure to giving up (seconds); a last try is made then.
    """

    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 10.0
    give_up_seconds: float = 600.0

    def wait_seconds(self, n_failures: int) -> float:
        """Return how long to wait after so many failures, 1 or more (seconds)."""
        doublings = min(n_failures - 1, 60)  # a float's exponent has an end, an outage need not have one
        return float(min(self.first_wait_seconds * 2**doublings, self.longest_wait_seconds))

    def outage(self, error: Exception, *, now: float) -> "Outage":
        """Return an outage that begins with a first failure.

        Parameters
        ----------
        error
            What failed.
        now
            The time, on a clock that does not jump (seconds).
        """
        return Outage(self, began_at=now, n_failures=0, next_try_at=now, error=error).failed(error, now=now)


@dataclass(frozen=True, slots=True)
class Outage:
    """A database that is away, from the first failure on.

    Attributes
    ----------
    patience
        How it is tried again.
    began_at
        When the first try failed, on a clock that does not jump (seconds).
    n_failures
        How many tries have failed.
    next_try_at
        When it is tried again, on the same clock (seconds).
    error
        What the last try failed with.
    """

    patience: Patience
    began_at: float
    n_failures: int
    next_try_at: float
    error: Exception

    @property
    def gives_up_at(self) -> float:
        """When the last try is made (seconds)."""
        return self.began_at + self.patience.give_up_seconds

    def is_due(self, now: float) -> bool:
        """Whether it is time to try again."""
        return now >= self.next_try_at

    def is_hopeless(self, now: float) -> bool:
        """Whether the last try has been made: a failure at this time is final."""
        return now >= self.gives_up_at

    def failed(self, error: Exception, *, now: float) -> "Outage":
        """Return the outage after another failure."""
        n_failures = self.n_failures + 1
        next_try_at = min(now + self.patience.wait_seconds(n_failures), max(self.gives_up_at, now))
        return replace(self, n_failures=n_failures, next_try_at=next_try_at, error=error)

    def told(self, now: float, *, meanwhile: str) -> str:
        """Return a line for the screen, which also says what becomes of the study meanwhile."""
        return (
            f"{self.error}; away for {now - self.began_at:.0f} s, {meanwhile}; tried again in"
            f" {max(self.next_try_at - now, 0.0):.0f} s, given up in {max(self.gives_up_at - now, 0.0):.0f} s"
        )


T = TypeVar("T")

_LOOK_SECONDS = 0.1


def wait_out(
    work: Callable[[], T], *, patience: Patience, say: Callable[[str], None], is_given_up: Callable[[], bool]
) -> T:
    """Do some work again, from its beginning, until the database has not been away on the way.

    Parameters
    ----------
    work
        What is done; doing it twice, or half and then whole, comes to the same.
    patience
        How often and for how long it is tried.
    say
        Told of each failure, and of the end of the outage.
    is_given_up
        Asked on the way: whether nobody waits for it any more.

    Raises
    ------
    StorageAwayError
        The database was away for longer than is waited for, or it is given up.
    """
    outage: Outage | None = None
    while True:
        try:
            done = work()
        except StorageAwayError as error:
            now = run_seconds()
            if outage is not None and outage.is_hopeless(now):
                raise
            outage = patience.outage(error, now=now) if outage is None else outage.failed(error, now=now)
            say(outage.told(now, meanwhile="finished work is kept"))
        else:
            if outage is not None:
                say(ANSWERS_AGAIN)
            return done
        while not outage.is_due(run_seconds()):
            if is_given_up():
                raise outage.error
            time.sleep(_LOOK_SECONDS)
