"""Trials written to Optuna's tables within somebody's transaction: a table's rows at once."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any

from optuna.distributions import distribution_to_json
from optuna.trial import TrialState
from sqlalchemy import Dialect, Float, Table, TextClause, bindparam, func, select, text
from sqlalchemy.engine import Connection

from service.study.storage import optuna_tables as tables
from service.study.storage.kept_trials import AskedTrial, TrialResult
from service.study.storage.storage_errors import StudyConflictError


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that have the same columns, if there are any.

    PostgreSQL is given an array a column, in one statement: row by row, its driver takes longer than all
    the rest of a trial. SQLite has no arrays, and no way to go: its rows are quick as they are.
    """
    if not rows:
        return
    if connection.dialect.name != "postgresql":
        connection.execute(table.insert(), rows)
        return
    columns = tuple(rows[0])
    arrays = {
        column: [_plain(row[column], is_float=isinstance(table.c[column].type, Float)) for row in rows]
        for column in columns
    }
    connection.execute(_from_arrays(table, columns, connection.dialect), arrays)


def _plain(value: Any, *, is_float: bool) -> object:  # noqa: ANN401 (whatever a column holds)
    """Return a value as the driver takes it: an array has one type, and an enum is stored by its name."""
    if is_float:
        return float(value)
    return value.name if isinstance(value, Enum) else value


@cache
def _from_arrays(table: Table, columns: tuple[str, ...], dialect: Dialect) -> TextClause:
    casts = (f"CAST(:{name} AS {table.c[name].type.compile(dialect=dialect)}[])" for name in columns)
    return text(
        f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT * FROM unnest({', '.join(casts)})"  # noqa: S608 (the tables' own names)
    )


_trials = tables.trials.c
_BEGIN = tables.trials.insert()
_END = (
    tables.trials.update()
    .where(_trials.trial_id == bindparam("of_trial"), _trials.number == bindparam("of_number"))
    .where(_trials.state == TrialState.RUNNING)
    .values(state=bindparam("state"), datetime_complete=bindparam("datetime_complete"))
)
_RUNNING = select(_trials.number, _trials.trial_id).where(
    _trials.study_id == bindparam("of_study"), _trials.state == TrialState.RUNNING
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
    trials; where another tool has done so, it is found in the database before anything is written.

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
    ) -> None:
        """Write results and new trials.

        Raises
        ------
        StudyConflictError
            When an ended trial is not running in the database, or the next trial's number is taken.
        """
        now = datetime.now(UTC).replace(tzinfo=None)  # Optuna stores UTC, without saying so
        if any(result.number not in self._ids for result in ended):
            self._remember_running(connection)
        for result in ended:
            self._end(connection, result, now)
        if asked:
            self._check_number(connection, asked[0].number)
        ids = [self._begin(connection, trial, now) for trial in asked]
        self._write_rows(connection, ended, asked, ids)

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
            raise StudyConflictError(
                f"trial {result.number} is not running in the database: another process works on this study"
            )

    def _check_number(self, connection: Connection, number: int) -> None:
        """Refuse a trial's number that is taken; Optuna's tables do not guard it themselves."""
        if self._last_id is None:
            count, last = connection.execute(_COUNT, {"of_study": self.study_id}).one()
            self._n_trials, self._last_id = count, last or 0
        else:
            since = {"of_study": self.study_id, "last": self._last_id}
            self._n_trials += connection.execute(_COUNT_SINCE, since).scalar_one()
        if self._n_trials != number:
            raise StudyConflictError(
                f"trial {number} cannot be begun, the study has {self._n_trials} trials: another process"
                " works on it"
            )

    def _begin(self, connection: Connection, trial: AskedTrial, now: datetime) -> int:
        row = {
            "study_id": self.study_id,
            "number": trial.number,
            "state": TrialState.RUNNING,
            "datetime_start": now,
        }
        (key,) = connection.execute(_BEGIN, row).inserted_primary_key or (None,)
        if key is None:
            raise RuntimeError("the database gave a new row no key")
        self._ids[trial.number] = self._last_id = int(key)
        self._n_trials += 1
        return int(key)

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
            "distribution_json": distribution_to_json(trial.distributions[name]),
        }
        for trial_id, trial in asked
        for name, value in trial.values.items()
    ]


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
