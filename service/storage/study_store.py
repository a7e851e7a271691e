"""Studies in a database, as plain Optuna studies: read through Optuna, written in one transaction a step.

Optuna's own storage takes a transaction for each value of a trial; here a trial's whole row, or its whole
result, is written at once, to the tables of Optuna's schema.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import optuna
import sqlalchemy
from optuna.distributions import BaseDistribution, distribution_to_json
from optuna.storages import RDBStorage
from optuna.storages._rdb import models
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import Insert
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from search_spaces.nearest_word import nearest_word
from search_spaces.values import Value
from service.errors import ProctorError
from service.storage.database_url import is_missing_file, parse_url, without_secrets
from service.storage.storage_errors import NoStudiesError, StorageError

T = TypeVar("T")

_STUDIES = models.StudyModel.__table__
_DIRECTIONS = models.StudyDirectionModel.__table__
_STUDY_ATTRIBUTES = models.StudyUserAttributeModel.__table__
_TRIALS = models.TrialModel.__table__
_PARAMS = models.TrialParamModel.__table__
_VALUES = models.TrialValueModel.__table__
_INTERMEDIATE_VALUES = models.TrialIntermediateValueModel.__table__
_ATTRIBUTES = models.TrialUserAttributeModel.__table__
_FINITE_VALUE = models.TrialValueModel.TrialValueType.FINITE
_FINITE_INTERMEDIATE_VALUE = models.TrialIntermediateValueModel.TrialIntermediateValueType.FINITE

_TRIES_AT_TABLES = 10
_SECONDS_BETWEEN_TRIES = 0.1


class StudyConflictError(ProctorError):
    """Somebody else has written to the study that a coordinator runs."""


@dataclass(frozen=True, slots=True)
class AskedTrial:
    """A trial as it is before it runs.

    Attributes
    ----------
    number
        Its number in the study.
    values, distributions
        The searched hyperparameters' values, and what they were drawn from.
    attributes
        User attributes: plain values that JSON can hold.
    """

    number: int
    values: Mapping[str, Value]
    distributions: Mapping[str, BaseDistribution]
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What is kept of a trial that has ended.

    Attributes
    ----------
    number
        Its number in the study.
    state
        COMPLETE, PRUNED or FAIL.
    value
        The study's metric, on the dev set; None where it failed.
    intermediate_values
        The watched metric after each epoch, from epoch 1.
    attributes
        User attributes: plain values that JSON can hold.
    """

    number: int
    state: TrialState
    value: float | None
    intermediate_values: Sequence[float]
    attributes: Mapping[str, Any]


class StudyStore:
    """The database that a study, and the ledger beside it, are kept in.

    Parameters
    ----------
    url
        A SQLAlchemy URL.
    create
        Whether a database without Optuna's tables is given them (`sqlite` files are made).

    Raises
    ------
    StorageError
        When the database cannot be reached, or holds no studies and `create` is false. A password in the
        URL is never shown.
    """

    def __init__(self, url: str, *, create: bool) -> None:
        self.url = url
        parsed = parse_url(url)
        self.shown_url = without_secrets(parsed)
        is_sqlite = parsed.get_backend_name() == "sqlite"
        if not create and is_missing_file(parsed):
            raise NoStudiesError(f"no studies here: {self.shown_url} does not exist")
        options: dict[str, object] = {"timeout": 60} if is_sqlite else {"connect_timeout": 10}
        try:
            if is_sqlite and create:
                _use_write_ahead_log(parsed)
            optuna.logging.set_verbosity(optuna.logging.ERROR)
            if not create and not _has_tables(url, options):
                raise NoStudiesError(f"no studies in {self.shown_url} yet: `proctor run` begins one")
            self._storage = _connect(url, options, create=create)
        except (ImportError, NoSuchModuleError) as error:
            raise StorageError(
                f"storage {self.shown_url}: no driver for it is installed ({error});"
                " for PostgreSQL install the extra proctor[postgresql]"
            ) from error
        except (SQLAlchemyError, optuna.exceptions.OptunaError, RuntimeError, ValueError) as error:
            raise self._error(error) from error

    @property
    def engine(self) -> Engine:
        """The database, for the ledger."""
        return self._storage.engine

    @property
    def optuna_storage(self) -> RDBStorage:
        """The database as Optuna knows it, for its own tools."""
        return self._storage

    def close(self) -> None:
        """Give up the connections."""
        self._storage.remove_session()
        self._storage.engine.dispose()

    def study_names(self) -> list[str]:
        """Return the names of all studies, Proctor's and others', in the order of their making."""
        return [study.study_name for study in self._read(self._storage.get_all_studies)]

    def create(
        self,
        name: str,
        attributes: Mapping[str, Any],
        *,
        direction: StudyDirection = StudyDirection.MINIMIZE,
    ) -> None:
        """Make an empty study.

        Parameters
        ----------
        name
            Its name.
        attributes
            User attributes: plain values that JSON can hold.
        direction
            Whether its trials' values are to be low or high.

        Raises
        ------
        StorageError
            When a study of that name exists, or the database cannot be written.
        """
        try:
            with self.engine.begin() as connection:
                _write_study(connection, name, attributes, direction)
        except IntegrityError:
            raise name_is_taken(name, self.shown_url) from None
        except SQLAlchemyError as error:
            raise self._error(error) from error

    def attributes(self, name: str) -> dict[str, Any]:
        """Return a study's user attributes.

        Raises
        ------
        StorageError
            When there is no such study, or the database cannot be read.
        """
        return self._read(lambda: self._storage.get_study_user_attrs(self._study_id(name)))

    def set_attribute(self, name: str, key: str, value: object) -> None:
        """Set one of a study's user attributes."""
        self._read(lambda: self._storage.set_study_user_attr(self._study_id(name), key, value))

    def trials(self, name: str) -> list[FrozenTrial]:
        """Return a study's trials, by number."""
        trials = self._read(lambda: self._storage.get_all_trials(self._study_id(name), deepcopy=False))
        return sorted(trials, key=lambda trial: trial.number)

    def record(self, name: str, *, ended: Sequence[TrialResult], asked: Sequence[AskedTrial]) -> None:
        """Make results and new trials durable, all of them or none, in one transaction.

        Raises
        ------
        StorageError
            When the database cannot be written.
        StudyConflictError
            When an ended trial is not running in the database, or the next trial's number is taken.
        """
        if not ended and not asked:
            return
        study_id = self._read(lambda: self._study_id(name))
        try:
            with self.engine.begin() as connection:
                _keep_others_out(connection, study_id)
                for result in ended:
                    _write_result(connection, study_id, result)
                if asked:
                    _check_number(connection, study_id, asked[0].number)
                for trial in asked:
                    _write_asked(connection, study_id, trial)
        except SQLAlchemyError as error:
            raise self._error(error) from error

    def _study_id(self, name: str) -> int:
        try:
            return self._storage.get_study_id_from_name(name)
        except KeyError:
            near = nearest_word(name, self.study_names())
            hint = f"; did you mean {near}?" if near else "; `proctor list` shows what there is"
            raise StorageError(f"no study {name!r} in {self.shown_url}{hint}") from None

    def _read(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except (SQLAlchemyError, optuna.exceptions.OptunaError) as error:
            raise self._error(error) from error

    def _error(self, error: Exception) -> StorageError:
        cause: BaseException = error
        while cause.__cause__ is not None:
            cause = cause.__cause__
        first_line = str(cause).strip().partition("\n")[0]
        return StorageError(f"storage {self.shown_url}: {first_line}")


def name_is_taken(name: str, shown_url: str) -> StorageError:
    """Return the error for a name that a study has."""
    return StorageError(
        f"study {name!r} exists in {shown_url}: `proctor resume {name}` goes on with it,"
        " --name NAME begins another"
    )


def _connect(url: str, options: Mapping[str, object], *, create: bool) -> RDBStorage:
    """Connect as Optuna does; with `create`, make its tables where they are missing."""
    engine_options = {"connect_args": options, "pool_pre_ping": True}
    if not create:
        return RDBStorage(url, engine_kwargs=dict(engine_options), skip_table_creation=True)
    for _ in range(_TRIES_AT_TABLES - 1):
        try:
            return RDBStorage(url, engine_kwargs=dict(engine_options))
        except DBAPIError:
            # Of processes that make the tables at once, some are told that one exists already, half-way.
            if not _has_tables(url, options):
                raise
            time.sleep(_SECONDS_BETWEEN_TRIES)
    return RDBStorage(url, engine_kwargs=dict(engine_options))


def _has_tables(url: str, options: Mapping[str, object]) -> bool:
    engine = sqlalchemy.create_engine(url, connect_args=dict(options))
    try:
        return sqlalchemy.inspect(engine).has_table("version_info")
    finally:
        engine.dispose()


def _use_write_ahead_log(url: sqlalchemy.URL) -> None:
    """Let readers read while the coordinator writes; SQLite remembers it in the file."""
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    engine.dispose()


def _utc_now() -> datetime:
    """Return the time as Optuna stores it: UTC, without saying so."""
    return datetime.now(UTC).replace(tzinfo=None)


def _insert(connection: Connection, row: Insert) -> int:
    """Insert a row, and return its key."""
    (key,) = connection.execute(row).inserted_primary_key or (None,)
    if key is None:
        raise RuntimeError("the database gave a new row no key")
    return int(key)


def _insert_all(connection: Connection, table: sqlalchemy.Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows at once, if there are any."""
    if rows:
        connection.execute(table.insert(), rows)


def _write_study(
    connection: Connection, name: str, attributes: Mapping[str, Any], direction: StudyDirection
) -> None:
    study_id = _insert(connection, _STUDIES.insert().values(study_name=name))
    connection.execute(_DIRECTIONS.insert().values(study_id=study_id, direction=direction, objective=0))
    _insert_all(
        connection,
        _STUDY_ATTRIBUTES,
        [
            {"study_id": study_id, "key": key, "value_json": json.dumps(value)}
            for key, value in attributes.items()
        ],
    )


def _keep_others_out(connection: Connection, study_id: int) -> None:
    """Let no other process write to the study until the transaction ends, so that what is checked stays true.

    An update that changes nothing takes the lock on every kind of database; SQLite has no SELECT FOR UPDATE.
    """
    of_study = _STUDIES.c.study_id == study_id
    connection.execute(_STUDIES.update().where(of_study).values(study_name=_STUDIES.c.study_name))


def _check_number(connection: Connection, study_id: int, number: int) -> None:
    """Refuse a trial's number that is taken; Optuna's tables do not guard it themselves."""
    of_study = _TRIALS.c.study_id == study_id
    n_trials = connection.execute(sqlalchemy.select(sqlalchemy.func.count()).where(of_study)).scalar_one()
    if n_trials != number:
        raise StudyConflictError(
            f"trial {number} cannot be begun, the study has {n_trials} trials: another process works on it"
        )


def _write_asked(connection: Connection, study_id: int, trial: AskedTrial) -> None:
    row = _TRIALS.insert().values(
        study_id=study_id, number=trial.number, state=TrialState.RUNNING, datetime_start=_utc_now()
    )
    trial_id = _insert(connection, row)
    params = [
        {
            "trial_id": trial_id,
            "param_name": name,
            "param_value": trial.distributions[name].to_internal_repr(value),
            "distribution_json": distribution_to_json(trial.distributions[name]),
        }
        for name, value in trial.values.items()
    ]
    _insert_all(connection, _PARAMS, params)
    _write_attributes(connection, trial_id, trial.attributes)


def _write_result(connection: Connection, study_id: int, result: TrialResult) -> None:
    running = sqlalchemy.and_(
        _TRIALS.c.study_id == study_id,
        _TRIALS.c.number == result.number,
        _TRIALS.c.state == TrialState.RUNNING,
    )
    trial_id = connection.execute(sqlalchemy.select(_TRIALS.c.trial_id).where(running)).scalar_one_or_none()
    if trial_id is None:
        raise StudyConflictError(
            f"trial {result.number} is not running in the database: another process works on this study"
        )
    connection.execute(
        _TRIALS.update()
        .where(_TRIALS.c.trial_id == trial_id)
        .values(state=result.state, datetime_complete=_utc_now())
    )
    if result.value is not None:
        connection.execute(
            _VALUES.insert().values(
                trial_id=trial_id, objective=0, value=result.value, value_type=_FINITE_VALUE
            )
        )
    _insert_all(
        connection,
        _INTERMEDIATE_VALUES,
        [
            {
                "trial_id": trial_id,
                "step": epoch,
                "intermediate_value": value,
                "intermediate_value_type": _FINITE_INTERMEDIATE_VALUE,
            }
            for epoch, value in enumerate(result.intermediate_values, start=1)
        ],
    )
    _write_attributes(connection, trial_id, result.attributes)


def _write_attributes(connection: Connection, trial_id: int, attributes: Mapping[str, Any]) -> None:
    _insert_all(
        connection,
        _ATTRIBUTES,
        [
            {"trial_id": trial_id, "key": key, "value_json": json.dumps(value)}
            for key, value in attributes.items()
        ],
    )
