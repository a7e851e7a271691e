"""Optuna's tables, as SQLAlchemy knows them, and the connections to them.

Optuna's models are private: all that is used of them is named here. What is locked: whoever writes to a study
holds the study's row until the transaction ends. A connection waits only so long, and keeps nobody waiting
for ever.
"""

import time
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, Protocol

import optuna
import sqlalchemy
from optuna.storages import RDBStorage
from optuna.storages._rdb import models
from sqlalchemy import URL, Engine, bindparam, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from service.study.storage.database_url import connect_options, for_optuna, storage_argument, without_secrets
from service.study.storage.storage_errors import StorageError

studies = models.StudyModel.__table__
directions = models.StudyDirectionModel.__table__
study_attributes = models.StudyUserAttributeModel.__table__
study_system_attributes = models.StudySystemAttributeModel.__table__
trials = models.TrialModel.__table__
params = models.TrialParamModel.__table__
values = models.TrialValueModel.__table__
intermediate_values = models.TrialIntermediateValueModel.__table__
attributes = models.TrialUserAttributeModel.__table__
heartbeats = models.TrialHeartbeatModel.__table__
system_attributes = models.TrialSystemAttributeModel.__table__

ValueType = models.TrialValueModel.TrialValueType
IntermediateValueType = models.TrialIntermediateValueModel.TrialIntermediateValueType

_SCHEMA_HERE: list[str] = []

# An update that changes nothing takes the lock on every kind of database; SQLite has no SELECT FOR UPDATE.
_LOCK = (
    studies.update()
    .where(studies.c.study_name == bindparam("of_name"))
    .values(study_name=studies.c.study_name)
    .returning(studies.c.study_id)
)


def locked_study(connection: Connection, name: str) -> int | None:
    """Let no other process write to a study until the transaction ends; return its key, if it is there."""
    study_id: int | None = connection.execute(_LOCK, {"of_name": name}).scalar_one_or_none()
    return study_id


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
        _check_schema(storage, without_secrets(url))
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


def _check_schema(storage: RDBStorage, shown_url: str) -> None:
    """Refuse tables of another schema: Optuna's own command upgrades older ones.

    Raises
    ------
    StorageError
        With that command, or the advice to upgrade Optuna instead.
    """
    found, expected = storage.get_current_version(), _schema_here(storage)
    if found == expected:
        return
    remedy = (
        f"`optuna storage upgrade --storage {storage_argument(shown_url)}` upgrades them"
        if found in storage.get_all_versions()
        else "a newer Optuna made them: upgrade Optuna to use them"
    )
    raise StorageError(
        f"storage {shown_url}: its tables have Optuna's schema {found}, Optuna {version('optuna')} has"
        f" {expected}: {remedy}"
    )


def _schema_here(storage: RDBStorage) -> str:
    """Return the schema of the Optuna that is installed; asked for once, as it reads all migrations."""
    if not _SCHEMA_HERE:
        _SCHEMA_HERE.append(storage.get_head_version())
    return _SCHEMA_HERE[0]
