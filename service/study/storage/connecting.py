"""Connections to a study's database: how long they wait, and that none keeps others waiting for ever."""

import time
from collections.abc import Mapping
from typing import Any, Protocol

import optuna
import sqlalchemy
from optuna.storages import RDBStorage
from sqlalchemy import URL, Engine, event
from sqlalchemy.exc import DBAPIError

from service.study.storage.database_url import connect_options, for_optuna, without_secrets
from service.study.storage.optuna_tables import check_schema
from service.study.storage.storage_errors import StorageError

_TRIES_AT_TABLES = 10
_SECONDS_BETWEEN_TRIES = 0.1
_PAUSE_SECONDS = 30


class _Session(Protocol):
    """A driver's connection, new."""

    def cursor(self) -> Any: ...  # noqa: ANN401 (drivers have no type in common)

    def commit(self) -> None: ...


def connect(url: URL, *, create: bool) -> RDBStorage:
    """Connect as Optuna does; with `create`, make its tables where they are missing.

    Parameters
    ----------
    url
        The database.
    create
        Whether tables are made.

    Raises
    ------
    StorageError
        The tables are of another Optuna.
    sqlalchemy.exc.SQLAlchemyError, optuna.exceptions.OptunaError, ValueError, ImportError
        As Optuna has it.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    options = connect_options(url)
    if url.get_backend_name() == "sqlite" and create:
        _use_write_ahead_log(url, options)
    storage = _storage(url, options, create=create)
    try:
        check_schema(storage, without_secrets(url))
    except StorageError:
        storage.remove_session()
        storage.engine.dispose()
        raise
    if url.get_backend_name() == "postgresql":
        event.listen(storage.engine, "connect", _end_paused_transactions)
        storage.engine.dispose()  # connections made before have not heard of it
    return storage


def has_tables(url: URL) -> bool:
    """Whether Optuna's tables are there.

    Raises
    ------
    sqlalchemy.exc.SQLAlchemyError
        When the database cannot be reached.
    """
    engine = sqlalchemy.create_engine(url, connect_args=connect_options(url))
    try:
        return sqlalchemy.inspect(engine).has_table("version_info")
    finally:
        engine.dispose()


def _storage(url: URL, options: Mapping[str, Any], *, create: bool) -> RDBStorage:
    engine_options = {"connect_args": dict(options), "pool_pre_ping": True}

    def storage() -> RDBStorage:
        return RDBStorage(
            for_optuna(url),
            engine_kwargs=dict(engine_options),
            skip_compatibility_check=True,
            skip_table_creation=not create,
        )

    if not create:
        return storage()
    for _ in range(_TRIES_AT_TABLES - 1):
        try:
            return storage()
        except DBAPIError:
            # If several processes create the tables at once, some fail half-way because a table exists.
            if not has_tables(url):
                raise
            time.sleep(_SECONDS_BETWEEN_TRIES)
    return storage()


def _use_write_ahead_log(url: URL, options: Mapping[str, Any]) -> None:
    """Let readers read while the coordinator writes; SQLite remembers it in the file."""
    engine: Engine = sqlalchemy.create_engine(url, connect_args=dict(options))
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    engine.dispose()


def _end_paused_transactions(session: _Session, _: object) -> None:
    """Let the server end a session that was paused inside a transaction, and with it the locks it holds."""
    session.cursor().execute(f"SET idle_in_transaction_session_timeout = '{_PAUSE_SECONDS}s'")
    session.commit()
