"""A study's trials read in bulk: one pass over each of Optuna's tables, no object a row."""

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from math import inf, nan
from sys import intern
from typing import Any

from optuna.distributions import BaseDistribution, json_to_distribution
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import ColumnElement, String, Table, case, literal, select, type_coerce
from sqlalchemy.engine import Connection

from service.study.storage import optuna_tables as tables
from service.study.storage.attribute_names import LEARNING_CURVE
from service.study.storage.trial_attributes import record_of

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
