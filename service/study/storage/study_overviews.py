"""What a listing shows of all studies of a database, from a handful of queries, however many there are.

Optuna is not imported: the tables are those of its schema, and only the columns named here are read.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    DateTime,
    Engine,
    Float,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    Text,
    and_,
    case,
    create_engine,
    exists,
    func,
    inspect,
    select,
)
from sqlalchemy.engine import Connection

from service.seal.ledger import openings
from service.seal.study_identity import IDENTITY, StudyIdentity, identities_of
from service.study.storage.database_url import is_missing_file, without_secrets
from service.study.storage.leases.table import LeaseHolder, all_holders, leases
from service.study.storage.storage_errors import NoStudiesError

_SCHEMA = MetaData()
_studies = Table("studies", _SCHEMA, Column("study_id", Integer), Column("study_name", String(512)))
_study_attributes = Table(
    "study_user_attributes",
    _SCHEMA,
    *(Column("study_id", Integer), Column("key", String(512)), Column("value_json", Text)),
)
_trials = Table(
    "trials",
    _SCHEMA,
    *(Column("trial_id", Integer), Column("number", Integer), Column("study_id", Integer)),
    *(Column("state", String(8)), Column("datetime_start", DateTime), Column("datetime_complete", DateTime)),
)
_values = Table(
    "trial_values",
    _SCHEMA,
    *(Column("trial_id", Integer), Column("objective", Integer), Column("value", Float)),
)
_attributes = Table(
    "trial_user_attributes",
    _SCHEMA,
    *(Column("trial_id", Integer), Column("key", String(512)), Column("value_json", Text)),
)

ATTRIBUTES = (
    *("format", "config", IDENTITY, "test_fingerprint", "finalists"),
    *("round", "rounds_ending", "extensions", "archived"),
)
"""Attributes of a study that a listing reads."""

SET_ASIDE = "set_aside"
"""Attribute of a trial that a person set aside."""

_AT_ONCE = 500
"""Studies that are named in one query, as databases limit that."""


@dataclass(slots=True)
class TrialCounts:
    """Trials that try a point and stand alike, and the extremes of their values.

    Attributes
    ----------
    n, n_with_value
        How many there are, and how many have a value.
    lowest, highest
        The extremes of their values; None where none has one.
    """

    n: int
    n_with_value: int
    lowest: float | None
    highest: float | None


@dataclass(frozen=True, slots=True)
class RankedTrial:
    """A finalist, or a confirmation of one: what the winner is chosen by.

    Attributes
    ----------
    number, state, value, dev_loss
        As storage has them.
    confirms
        The number of the trial that it repeats; None of a finalist.
    """

    number: int
    state: str
    value: float | None
    dev_loss: float | None
    confirms: int | None


@dataclass(slots=True)
class StudyOverview:
    """One study of a database, Proctor's or another's.

    Attributes
    ----------
    name
        Its name in the database.
    attributes
        Those of `ATTRIBUTES` that it has.
    counts
        Trials that try a point, by state.
    ranked
        Finalists and confirmations.
    last_active
        When a trial last began or ended, naive UTC; None where there is none.
    n_looks
        How often it opened its test set.
    holder
        Who runs it, or ran it last.
    identity
        What tells it from its copies; None of a study that is not Proctor's.
    """

    name: str
    attributes: dict[str, Any]
    counts: dict[str, TrialCounts] = field(default_factory=dict)
    ranked: list[RankedTrial] = field(default_factory=list)
    last_active: datetime | None = None
    n_looks: int = 0
    holder: LeaseHolder | None = None
    identity: StudyIdentity | None = None


def engine_for_reading(url: URL) -> Engine:
    """Connect to a database without Optuna; nothing is made.

    Raises
    ------
    NoStudiesError
        There is no such database, or it has no tables for studies.
    sqlalchemy.exc.SQLAlchemyError
        It cannot be reached.
    """
    shown = without_secrets(url)
    if is_missing_file(url):
        raise NoStudiesError(f"no studies here: {shown} does not exist")
    engine = create_engine(url)
    if not inspect(engine).has_table(_studies.name):
        engine.dispose()
        raise NoStudiesError(f"no studies in {shown} yet: `proctor run` begins one")
    return engine


def read_overviews(connection: Connection) -> list[StudyOverview]:
    """Return all studies of a database in the order of their making."""
    found = {
        key: StudyOverview(name, {})
        for key, name in connection.execute(select(_studies).order_by(_studies.c.study_id))
    }
    of = _study_attributes.c
    asked = select(of.study_id, of.key, of.value_json).where(of.key.in_(ATTRIBUTES))
    for key, name, written in connection.execute(asked):
        if key in found:
            found[key].attributes[name] = json.loads(written)
    _read_counts(connection, found)
    _read_ranked(connection, found)
    tables = inspect(connection)
    by_name = {overview.name: overview for overview in found.values()}
    identities = identities_of(
        [
            (overview.name, key, overview.attributes[IDENTITY])
            for key, overview in found.items()
            if IDENTITY in overview.attributes
        ]
    )
    for name, identity in identities.items():
        by_name[name].identity = identity
    if tables.has_table(openings.name):
        _read_looks(connection, by_name, identities)
    if tables.has_table(leases.name):
        for name, holder in all_holders(connection).items():
            if name in by_name:
                by_name[name].holder = holder
    return list(found.values())


def _read_looks(
    connection: Connection, by_name: Mapping[str, StudyOverview], identities: Mapping[str, StudyIdentity]
) -> None:
    """Count each study's own openings."""
    by_key: dict[str, list[StudyIdentity]] = defaultdict(list)
    for identity in identities.values():
        by_key[identity.key].append(identity)
    columns = openings.c.study_key, openings.c.study_id
    looks = select(*columns, func.count()).group_by(*columns)
    for key, study_id, n_looks in connection.execute(looks):
        for owner in [each for each in by_key[key] if each.owns(key, study_id)]:
            by_name[owner.name].n_looks += n_looks


def study_attribute(connection: Connection, key: str, names: Collection[str]) -> dict[str, Any]:
    """Return one attribute of some studies that have it, by the study's name.

    Parameters
    ----------
    connection
        The database.
    key
        The attribute.
    names
        The studies.
    """
    of = _study_attributes.c
    found: dict[str, Any] = {}
    asked = select(_studies.c.study_name, of.value_json).join(_studies, _studies.c.study_id == of.study_id)
    for some in _parts(list(names)):
        where = (of.key == key) & _studies.c.study_name.in_(some)
        found |= {name: json.loads(written) for name, written in connection.execute(asked.where(where))}
    return found


def _read_counts(connection: Connection, found: Mapping[int, StudyOverview]) -> None:
    """Count the trials that a coordinator asked to try a point; values are of those that may win."""
    start, confirms, aside = _attributes.alias(), _attributes.alias(), _attributes.alias()
    value = case((aside.c.trial_id.is_(None), _values.c.value))
    asked = (
        select(
            _trials.c.study_id,
            _trials.c.state,
            func.count(),
            func.count(value),
            func.min(value),
            func.max(value),
            func.max(_trials.c.datetime_start),
            func.max(_trials.c.datetime_complete),
        )
        .join(start, and_(start.c.trial_id == _trials.c.trial_id, start.c.key == "virtual_start"))
        .outerjoin(confirms, and_(confirms.c.trial_id == _trials.c.trial_id, confirms.c.key == "confirms"))
        .outerjoin(aside, and_(aside.c.trial_id == _trials.c.trial_id, aside.c.key == SET_ASIDE))
        .where(confirms.c.trial_id.is_(None))
        .outerjoin(_values, and_(_values.c.trial_id == _trials.c.trial_id, _values.c.objective == 0))
        .group_by(_trials.c.study_id, _trials.c.state)
    )
    for key, state, n, n_with_value, lowest, highest, *times in connection.execute(asked):
        overview = found.get(key)
        if overview is not None:
            overview.counts[state] = TrialCounts(n, n_with_value, lowest, highest)
            known = [time for time in (*times, overview.last_active) if time is not None]
            overview.last_active = max(known, default=None)


def _read_ranked(connection: Connection, found: Mapping[int, StudyOverview]) -> None:
    """Read confirmations, and the finalists that they repeat and that were not set aside."""
    confirms = _attributes.alias()
    of_confirmations = connection.execute(
        _with_figures(confirms.c.value_json).join(
            confirms, and_(confirms.c.trial_id == _trials.c.trial_id, confirms.c.key == "confirms")
        )
    ).all()
    marked = _attributes.alias()
    is_aside = exists().where(marked.c.trial_id == _trials.c.trial_id, marked.c.key == SET_ASIDE)
    finalists: dict[int, set[int]] = defaultdict(set)
    for row in of_confirmations:
        if row.study_id in found:
            finalists[row.study_id].add(json.loads(row[-1]))
            found[row.study_id].ranked.append(_ranked(row, json.loads(row[-1])))
    for keys in _parts(sorted(finalists)):
        numbers = sorted({number for key in keys for number in finalists[key]})
        for some in _parts(numbers):
            where = _trials.c.study_id.in_(keys) & _trials.c.number.in_(some) & ~is_aside
            for row in connection.execute(_with_figures().where(where)):
                if row.number in finalists[row.study_id]:
                    found[row.study_id].ranked.append(_ranked(row, None))


def _with_figures(*more: Any) -> Any:  # noqa: ANN401 (SQLAlchemy's types of a select depend on its columns)
    loss = _attributes.alias()
    columns = (_trials.c.study_id, _trials.c.number, _trials.c.state, _values.c.value)
    return (
        select(*columns, loss.c.value_json.label("dev_loss"), *more)
        .select_from(_trials)
        .outerjoin(_values, and_(_values.c.trial_id == _trials.c.trial_id, _values.c.objective == 0))
        .outerjoin(loss, and_(loss.c.trial_id == _trials.c.trial_id, loss.c.key == "dev_loss"))
    )


def _ranked(row: Row[Any], confirms: int | None) -> RankedTrial:
    loss = None if row.dev_loss is None else json.loads(row.dev_loss)
    return RankedTrial(row.number, row.state, row.value, loss, confirms)


def _parts(whole: Sequence[Any]) -> list[Sequence[Any]]:
    return [whole[start : start + _AT_ONCE] for start in range(0, len(whole), _AT_ONCE)]
