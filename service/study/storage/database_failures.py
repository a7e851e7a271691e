"""What a database's failure means: that it is away for the moment, or that asking again is of no use.

Told by the codes that SQLite and PostgreSQL give, never by their words, which change with the language.
"""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from service.study.storage.database_url import mask_secrets, without_secrets
from service.study.storage.storage_errors import StorageAwayError, StorageError

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
    """Return what is said of a database for which no driver is installed."""
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
