"""Trials as rows of Optuna's tables: read in bulk, and written a table's rows at once, within a transaction.

Reading takes one pass over each table, and makes no object a row.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from math import inf, nan
from sys import intern
from typing import Any

from optuna.distributions import BaseDistribution, distribution_to_json, json_to_distribution
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import (
    ColumnElement,
    Dialect,
    Float,
    String,
    Table,
    TextClause,
    bindparam,
    case,
    delete,
    func,
    literal,
    select,
    text,
    type_coerce,
)
from sqlalchemy.engine import Connection

from service.study.storage import optuna_tables as tables
from service.study.storage.kept_trials import AskedTrial, TrialResult, moved, record_of
from service.study.storage.storage_errors import StudyConflictError
from service.study.storage.study_format import LEARNING_CURVE, OF_COORDINATOR, OF_RESULT

_ROWS_AT_ONCE = 10_000
_NAMED_ONE_BY_ONE = 200
_NOT_FINITE = {"INF_POS": inf, "INF_NEG": -inf, "NAN": nan}


def read_trials(
    connection: Connection, study_id: int, *, with_curves: bool, among: Collection[int] | None = None
) -> list[FrozenTrial]:
    """Return a study's trials by number, as Optuna reads them.

    Parameters
    ----------
    connection
        The database.
    study_id
        The study's key.
    with_curves
        Whether learning curves are read. Without, the attribute is there and is empty, but for the folds that
        its epochs were of, where there are folds.
    among
        Keys of the trials to read; None for all.
    """
    trials = _empty_trials(connection, study_id, among)
    _read_params(connection, study_id, trials)
    _read_values(connection, study_id, trials)
    _read_intermediate_values(connection, study_id, trials)
    _read_attributes(connection, study_id, trials, with_curves=with_curves)
    return sorted(trials.values(), key=lambda trial: trial.number)


def read_changed_trials(
    connection: Connection, study_id: int, *, after: int, running: Collection[int]
) -> list[FrozenTrial]:
    """Return the trials that were begun or have ended since somebody looked, by number, with their curves.

    Parameters
    ----------
    connection
        The database.
    study_id
        The study's key.
    after
        The highest key of a trial that was there; 0 where there was none.
    running
        Keys of the trials that were running.
    """
    of = tables.trials.c
    is_new, has_ended = of.trial_id > after, of.trial_id.in_(running) & (of.state != TrialState.RUNNING)
    # Not the index of studies, which would have all of the study's trials read: those that change are few.
    of_study = of.study_id + 0 == study_id
    keys = connection.execute(select(of.trial_id).where(of_study, is_new | has_ended)).scalars().all()
    return read_trials(connection, study_id, with_curves=True, among=keys) if keys else []


def read_curves(connection: Connection, study_id: int, trials: Iterable[FrozenTrial]) -> None:
    """Put the learning curves of some trials, which were read without, into their attributes.

    Parameters
    ----------
    connection
        The database.
    study_id
        The study's key.
    trials
        Trials of it; one that has not ended, or failed early, has no curve.
    """
    of = tables.attributes.c
    by_key = {trial._trial_id: trial for trial in trials}  # noqa: SLF001 - the key, which Optuna shows nowhere else
    where = (of.key == LEARNING_CURVE) & of.trial_id.in_(by_key)
    for trial, curve in _rows(connection, tables.attributes, study_id, by_key, of.value_json, where=where):
        trial.user_attrs[LEARNING_CURVE] = json.loads(curve)


def _empty_trials(
    connection: Connection, study_id: int, among: Collection[int] | None
) -> dict[int, FrozenTrial]:
    """Return the trials by key, without all that other tables hold."""
    of = tables.trials.c
    where = of.study_id == study_id
    if among is not None:
        where &= of.trial_id.in_(among)
    columns = (of.trial_id, of.number, of.state, of.datetime_start, of.datetime_complete)
    return {
        trial_id: FrozenTrial(
            number=number,
            state=state,
            value=None,
            datetime_start=_local(start),
            datetime_complete=_local(complete),
            params={},
            distributions={},
            user_attrs={},
            system_attrs={},
            intermediate_values={},
            trial_id=trial_id,
        )
        for trial_id, number, state, start, complete in connection.execute(select(*columns).where(where))
    }


def _local(stored: datetime | None) -> datetime | None:
    """Return a stored time as Optuna shows it: local, without saying so."""
    return None if stored is None else stored.replace(tzinfo=UTC).astimezone().replace(tzinfo=None)


def _rows(
    connection: Connection,
    table: Table,
    study_id: int,
    trials: dict[int, FrozenTrial],
    *columns: ColumnElement[Any],
    where: ColumnElement[bool] | None = None,
) -> Iterator[tuple[Any, ...]]:
    """Yield a table's rows of the trials, each after its trial; those of trials begun since are left out."""
    asked = (
        select(table.c.trial_id, *columns)
        .join(tables.trials, tables.trials.c.trial_id == table.c.trial_id)
        .where(tables.trials.c.study_id == study_id)
    )
    if len(trials) <= _NAMED_ONE_BY_ONE:  # of a large study, the rest is not read
        asked = asked.where(table.c.trial_id.in_(trials))
    found = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(
        asked if where is None else asked.where(where)
    )
    for trial_id, *cells in found:
        if trial_id in trials:
            yield trials[trial_id], *cells


def _read_params(connection: Connection, study_id: int, trials: dict[int, FrozenTrial]) -> None:
    of = tables.params.c
    distributions: dict[str, BaseDistribution] = {}
    columns = (of.param_id, of.param_name, of.param_value, of.distribution_json)
    rows = sorted(
        _rows(connection, tables.params, study_id, trials, *columns), key=lambda row: int(row[1])
    )  # a trial's in the order of their suggestion
    for trial, _, name, value, written in rows:
        if written not in distributions:
            distributions[written] = json_to_distribution(written)
        distribution = distributions[written]
        trial.distributions[intern(name)] = distribution
        trial.params[intern(name)] = distribution.to_external_repr(value)


def _read_values(connection: Connection, study_id: int, trials: dict[int, FrozenTrial]) -> None:
    of = tables.values.c
    columns = (of.objective, of.value, type_coerce(of.value_type, String))
    rows = sorted(_rows(connection, tables.values, study_id, trials, *columns), key=lambda row: int(row[1]))
    for trial, _, value, kind in rows:
        trial.values = [*(trial.values or ()), _NOT_FINITE.get(kind, value)]


def _read_intermediate_values(connection: Connection, study_id: int, trials: dict[int, FrozenTrial]) -> None:
    of = tables.intermediate_values.c
    columns = (of.step, of.intermediate_value, type_coerce(of.intermediate_value_type, String))
    for trial, step, value, kind in _rows(connection, tables.intermediate_values, study_id, trials, *columns):
        trial.intermediate_values[step] = value if kind == "FINITE" else _NOT_FINITE[kind]


def _read_attributes(
    connection: Connection, study_id: int, trials: dict[int, FrozenTrial], *, with_curves: bool
) -> None:
    of = tables.attributes.c
    is_curve = of.key == LEARNING_CURVE
    written = of.value_json if with_curves else case((is_curve, literal("{}")), else_=of.value_json)
    for trial, key, value in _rows(connection, tables.attributes, study_id, trials, of.key, written):
        trial.user_attrs[intern(key)] = json.loads(value)
    if not with_curves and any(record_of(trial).has_folds for trial in trials.values()):
        curves = _rows(connection, tables.attributes, study_id, trials, of.value_json, where=is_curve)
        for trial, curve in curves:
            folds = json.loads(curve).get("folds")
            if folds is not None:
                trial.user_attrs[LEARNING_CURVE]["folds"] = folds
    of_system = tables.system_attributes.c
    columns = (of_system.key, of_system.value_json)
    for trial, key, value in _rows(connection, tables.system_attributes, study_id, trials, *columns):
        trial.system_attrs[intern(key)] = json.loads(value)


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that have the same columns, if there are any.

    PostgreSQL is given an array a column, in one statement: row by row, its driver takes longer than all
    the rest of a trial. SQLite has no arrays, and no way to go: its driver is given the rows as they are, as
    SQLAlchemy takes longer over each than the database does.
    """
    if not rows:
        return
    columns = tuple(rows[0])
    plain = {column: _plain(table, column, [row[column] for row in rows]) for column in columns}
    if connection.dialect.name == "postgresql":
        connection.execute(_from_arrays(table, columns, connection.dialect), plain)
    else:
        connection.exec_driver_sql(
            _insertion(table, columns, connection.dialect), list(zip(*plain.values(), strict=True))
        )


@cache
def _insertion(table: Table, columns: tuple[str, ...], dialect: Dialect) -> str:
    """Return the statement that inserts a row, its values in the order of the columns."""
    return str(table.insert().compile(dialect=dialect, column_keys=columns))


def _plain(table: Table, column: str, cells: list[Any]) -> list[Any]:
    """Return a column's cells as the driver takes them: all of one type, and an enum's member by its name."""
    if isinstance(table.c[column].type, Float):
        return [float(cell) for cell in cells]
    return [cell.name for cell in cells] if isinstance(cells[0], Enum) else cells


@cache
def _from_arrays(table: Table, columns: tuple[str, ...], dialect: Dialect) -> TextClause:
    casts = (f"CAST(:{name} AS {table.c[name].type.compile(dialect=dialect)}[])" for name in columns)
    return text(
        f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT * FROM unnest({', '.join(casts)})"  # noqa: S608 (the tables' own names)
    )


def write_mark(connection: Connection, study_id: int, number: int, key: str, value: object | None) -> None:
    """Set an attribute of a locked study's trial, or drop it where the value is None."""
    of, found = tables.attributes.c, tables.trials.c
    where = (found.study_id == study_id) & (found.number == number)
    trial_id = connection.execute(select(found.trial_id).where(where)).scalar_one()
    connection.execute(delete(tables.attributes).where(of.trial_id == trial_id, of.key == key))
    if value is not None:
        row = {"trial_id": trial_id, "key": key, "value_json": json.dumps(value)}
        connection.execute(tables.attributes.insert(), row)


_trials = tables.trials.c
_BEGIN = tables.trials.insert().returning(_trials.trial_id, sort_by_parameter_order=True)
_END = (
    tables.trials.update()
    .where(_trials.trial_id == bindparam("of_trial"), _trials.number == bindparam("of_number"))
    .where(_trials.state == TrialState.RUNNING)
    .values(state=bindparam("state"), datetime_complete=bindparam("datetime_complete"))
)
_RUNNING = select(_trials.number, _trials.trial_id).where(
    _trials.study_id == bindparam("of_study"), _trials.state == TrialState.RUNNING
)
_attributes_of = tables.attributes.c
_HAS_RESULT = select(1).where(_attributes_of.trial_id == _trials.trial_id, _attributes_of.key == OF_RESULT)
_IS_OURS = (
    select(1)
    .where(_attributes_of.trial_id == _trials.trial_id, _attributes_of.key.in_(OF_COORDINATOR))
    .exists()
)
_ENDED_BY_OTHERS = (
    select(_trials.trial_id)
    .where(_trials.study_id == bindparam("of_study"), _trials.number == bindparam("of_number"))
    .where(_IS_OURS, ~_HAS_RESULT.exists())
)
_OURS_FROM = (
    select(_trials.number)
    .where(_trials.study_id == bindparam("of_study"), _trials.number >= bindparam("first"), _IS_OURS)
    .order_by(_trials.number)
)
_COUNT = select(func.count(), func.max(_trials.trial_id)).where(_trials.study_id == bindparam("of_study"))
_COUNT_SINCE = select(func.count()).where(
    _trials.trial_id > bindparam("last"),
    # Not the index of studies, which would have all of the study's trials read: the newest are few.
    _trials.study_id + 0 == bindparam("of_study"),
)


class TrialWriter:
    """Writes one study's trials.

    Keys are remembered between the transactions of one lease, as only its holder makes and ends the study's
    trials. Another tool may do so at any time: that is looked up before anything is written.

    Parameters
    ----------
    study_id
        The study's key.
    """

    def __init__(self, study_id: int) -> None:
        self.study_id = study_id
        self._ids: dict[int, int] = {}
        self._n_trials = 0
        self._last_id: int | None = None

    def write(
        self, connection: Connection, *, ended: Sequence[TrialResult], asked: Sequence[AskedTrial]
    ) -> Sequence[int]:
        """Write results and new trials; return the new trials' numbers.

        They are the next free ones: another tool may have made trials meanwhile, which keep theirs.

        Raises
        ------
        StudyConflictError
            When an ended trial is not to be ended, or a trial of ours has the next trial's number.
        """
        now = datetime.now(UTC).replace(tzinfo=None)  # Optuna stores UTC, without saying so
        if any(result.number not in self._ids for result in ended):
            self._remember_running(connection)
        for result in ended:
            self._end(connection, result, now)
        if asked:
            first = self._free_number(connection, asked[0].number)
            asked = [moved(trial, number) for number, trial in enumerate(asked, start=first)]
        ids = self._begin(connection, asked, now)
        self._write_rows(connection, ended, asked, ids)
        return [trial.number for trial in asked]

    def written(self, connection: Connection, asked: Sequence[AskedTrial]) -> Sequence[int]:
        """Return the numbers of the newest trials, which were written by a step whose answer was lost."""
        if not asked:
            return []
        of = {"of_study": self.study_id, "first": asked[0].number}
        return connection.execute(_OURS_FROM, of).scalars().all()

    def committed(self, *, ended: Sequence[TrialResult]) -> None:
        """Forget the keys of trials that are written for good."""
        for result in ended:
            self._ids.pop(result.number, None)

    def _remember_running(self, connection: Connection) -> None:
        rows = connection.execute(_RUNNING, {"of_study": self.study_id})
        self._ids = {row.number: row.trial_id for row in rows}

    def _end(self, connection: Connection, result: TrialResult, now: datetime) -> None:
        row = {
            "of_trial": self._ids.get(result.number, -1),
            "of_number": result.number,
            "state": result.state,
            "datetime_complete": now,
        }
        if connection.execute(_END, row).rowcount != 1:
            self._take_back(connection, result.number)
            connection.execute(_END, row | {"of_trial": self._ids[result.number]})

    def _take_back(self, connection: Connection, number: int) -> None:
        """Let a trial of ours run on that another tool ended: what that tool wrote of it is forgotten.

        Raises
        ------
        StudyConflictError
            It is not ours, or a coordinator has ended it.
        """
        of = {"of_study": self.study_id, "of_number": number}
        key = connection.execute(_ENDED_BY_OTHERS, of).scalar_one_or_none()
        if key is None:
            raise StudyConflictError(
                f"trial {number} is not running in the database: another process works on this study"
            )
        for table in (tables.values, tables.intermediate_values):
            connection.execute(delete(table).where(table.c.trial_id == key))
        running = tables.trials.update().where(_trials.trial_id == key).values(state=TrialState.RUNNING)
        connection.execute(running)
        self._ids[number] = key

    def _free_number(self, connection: Connection, number: int) -> int:
        """Return the next free number; Optuna's tables do not guard them themselves.

        Parameters
        ----------
        connection
            The transaction.
        number
            The one that is free where no other tool has made a trial since.

        Raises
        ------
        StudyConflictError
            A trial of ours has it, or trials are gone.
        """
        if self._last_id is None:
            count, last = connection.execute(_COUNT, {"of_study": self.study_id}).one()
            self._n_trials, self._last_id = count, last or 0
        else:
            since = {"of_study": self.study_id, "last": self._last_id}
            self._n_trials += connection.execute(_COUNT_SINCE, since).scalar_one()
        taken = {"of_study": self.study_id, "first": number}
        if self._n_trials < number or (
            self._n_trials > number and connection.execute(_OURS_FROM, taken).first() is not None
        ):
            raise StudyConflictError(
                f"trial {number} cannot be begun, the study has {self._n_trials} trials: another process"
                " works on it"
            )
        return self._n_trials

    def _begin(self, connection: Connection, asked: Sequence[AskedTrial], now: datetime) -> Sequence[int]:
        """Make the rows of new trials, and return their keys."""
        if not asked:
            return []
        rows = [
            {
                "study_id": self.study_id,
                "number": trial.number,
                "state": TrialState.RUNNING,
                "datetime_start": now,
            }
            for trial in asked
        ]
        keys = connection.execute(_BEGIN, rows).scalars().all()
        self._ids |= {trial.number: key for trial, key in zip(asked, keys, strict=True)}
        self._last_id = max(keys)
        self._n_trials += len(keys)
        return keys

    def _write_rows(
        self,
        connection: Connection,
        ended: Sequence[TrialResult],
        asked: Sequence[AskedTrial],
        asked_ids: Sequence[int],
    ) -> None:
        of_ended = [(self._ids[result.number], result) for result in ended]
        of_asked = list(zip(asked_ids, asked, strict=True))
        insert_rows(connection, tables.params, _params(of_asked))
        insert_rows(connection, tables.values, _values(of_ended))
        insert_rows(connection, tables.intermediate_values, _intermediate_values(of_ended))
        attributes = [(trial_id, result.attributes) for trial_id, result in of_ended]
        attributes += [(trial_id, trial.attributes) for trial_id, trial in of_asked]
        insert_rows(connection, tables.attributes, _attributes(attributes))


def _params(asked: Iterable[tuple[int, AskedTrial]]) -> list[dict[str, Any]]:
    return [
        {
            "trial_id": trial_id,
            "param_name": name,
            "param_value": trial.distributions[name].to_internal_repr(value),
            "distribution_json": _written_distribution(trial.distributions[name]),
        }
        for trial_id, trial in asked
        for name, value in trial.values.items()
    ]


_written: dict[str, str] = {}
"""What is written of distributions, by their `repr`: choices of 1 and of 1.0 are equal to Optuna."""


def _written_distribution(distribution: BaseDistribution) -> str:
    key = repr(distribution)
    if key not in _written:
        _written[key] = distribution_to_json(distribution)
    return _written[key]


def _values(ended: Iterable[tuple[int, TrialResult]]) -> list[dict[str, Any]]:
    kind = tables.ValueType.FINITE
    return [
        {"trial_id": trial_id, "objective": 0, "value": result.value, "value_type": kind}
        for trial_id, result in ended
        if result.value is not None
    ]


def _intermediate_values(ended: Iterable[tuple[int, TrialResult]]) -> list[dict[str, Any]]:
    kind = tables.IntermediateValueType.FINITE
    return [
        {
            "trial_id": trial_id,
            "step": epoch,
            "intermediate_value": value,
            "intermediate_value_type": kind,
        }
        for trial_id, result in ended
        for epoch, value in enumerate(result.intermediate_values, start=1)
    ]


def _attributes(of_trials: Iterable[tuple[int, Mapping[str, Any]]]) -> list[dict[str, Any]]:
    return [
        {"trial_id": trial_id, "key": key, "value_json": json.dumps(value)}
        for trial_id, attributes in of_trials
        for key, value in attributes.items()
    ]
