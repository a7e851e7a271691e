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
    ColumnElement,
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
    tuple_,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import NoSuchModuleError

from service.seal.database_tables import has_own_table
from service.seal.identity import IDENTITY, StudyIdentity, identities_of
from service.seal.ledger import openings
from service.study.storage.database_failures import no_driver
from service.study.storage.database_url import connect_options, is_missing_file, without_secrets
from service.study.storage.lease_table import LeaseHolder, all_holders, leases
from service.study.storage.storage_errors import NoStudiesError
from service.study.storage.study_format import (
    ARCHIVED,
    CONFIRMS,
    DEV_LOSS,
    EXTENSIONS,
    FINALISTS,
    OF_RESULT,
    ROUND,
    ROUNDS_ENDING,
    SET_ASIDE,
    VIRTUAL_START,
)

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
    *("format", "config", IDENTITY, "test_fingerprint", FINALISTS),
    *(ROUND, ROUNDS_ENDING, EXTENSIONS, ARCHIVED),
)
"""Attributes of a study that a listing reads."""

COMPLETE, PRUNED, FAILED, RUNNING = "COMPLETE", "PRUNED", "FAIL", "RUNNING"
"""States of trials, as Optuna writes them."""

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
        The extremes of the values of those that may win, as nobody set them aside; None where none has one.
    """

    n: int = 0
    n_with_value: int = 0
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True, slots=True)
class RankedTrial:
    """What the winner is chosen by of a trial: of a finalist, a confirmation, or one with the best value.

    Attributes
    ----------
    number, state, value, dev_loss
        As storage has them; one that another tool ended runs on, without a value.
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
    key
        Its place in the database.
    name
        Its name in the database.
    attributes
        Those of `ATTRIBUTES` that it has.
    counts
        Trials that try a point, by state; one that another tool ended runs on.
    ranked
        Finalists and confirmations.
    last_active
        When a trial last began or ended, naive UTC; None where there is none.
    n_looks
        How often it opened its test set.
    holder
        Who runs it, or ran it last.
    identity
        What distinguishes it from its copies; None of a study that is not Proctor's.
    damage
        What of it could not be read, if anything.
    """

    key: int
    name: str
    attributes: dict[str, Any]
    counts: dict[str, TrialCounts] = field(default_factory=dict)
    ranked: list[RankedTrial] = field(default_factory=list)
    last_active: datetime | None = None
    n_looks: int = 0
    holder: LeaseHolder | None = None
    identity: StudyIdentity | None = None
    damage: Exception | None = None

    def loaded(self, written: str) -> Any:  # noqa: ANN401 (whatever was written)
        """Return what was written as JSON; None where it is damaged, which is remembered."""
        try:
            return json.loads(written)
        except ValueError as error:
            self.damage = error
            return None


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
    try:
        engine = create_engine(url, connect_args=connect_options(url))
    except (ImportError, NoSuchModuleError) as error:
        raise no_driver(error, url) from error
    if not inspect(engine).has_table(_studies.name):
        engine.dispose()
        raise NoStudiesError(f"no studies in {shown} yet: `proctor run` begins one")
    return engine


def study_names(connection: Connection) -> list[str]:
    """Return the names of all studies of a database, Proctor's and others'."""
    return list(connection.scalars(select(_studies.c.study_name).order_by(_studies.c.study_name)))


def read_overviews(connection: Connection) -> list[StudyOverview]:
    """Return all studies of a database in the order of their making."""
    found = {
        key: StudyOverview(key, name, {})
        for key, name in connection.execute(select(_studies).order_by(_studies.c.study_id))
    }
    of = _study_attributes.c
    asked = select(of.study_id, of.key, of.value_json).where(of.key.in_(ATTRIBUTES))
    for key, name, written in connection.execute(asked):
        if key in found:
            found[key].attributes[name] = found[key].loaded(written)
    _read_counts(connection, found)
    _read_ranked(connection, found)
    by_name = {overview.name: overview for overview in found.values()}
    identities = identities_of(
        [(each.name, each.key, each.attributes[IDENTITY]) for each in found.values() if _has_identity(each)]
    )
    for name, identity in identities.items():
        by_name[name].identity = identity
    if has_own_table(connection, openings):
        _read_looks(connection, by_name, identities)
    if has_own_table(connection, leases):
        for name, holder in all_holders(connection).items():
            if name in by_name:
                by_name[name].holder = holder
    return list(found.values())


def _has_identity(overview: StudyOverview) -> bool:
    """Whether a study has what tells it from others, whole: that of all of them is told together."""
    identity = overview.attributes.get(IDENTITY)
    return isinstance(identity, dict) and {"key", "study_id"} <= identity.keys()


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


def study_attribute(connection: Connection, key: str, overviews: Collection[StudyOverview]) -> dict[str, Any]:
    """Return one attribute of some studies that have it, by the study's name.

    Parameters
    ----------
    connection
        The database.
    key
        The attribute.
    overviews
        The studies.
    """
    of, by_key = _study_attributes.c, {each.key: each for each in overviews}
    found: dict[str, Any] = {}
    for some in _parts(list(by_key)):
        where = (of.key == key) & of.study_id.in_(some)
        for study_id, written in connection.execute(select(of.study_id, of.value_json).where(where)):
            overview = by_key[study_id]
            found[overview.name] = overview.loaded(written)
    return found


def read_extremes(
    connection: Connection, overviews: Collection[StudyOverview]
) -> dict[str, list[RankedTrial]]:
    """Return the complete trials with the lowest and the highest value that may win, by the study's name.

    Parameters
    ----------
    connection
        The database.
    overviews
        The studies.
    """
    by_key = {each.key: each for each in overviews}
    complete = [(key, each.counts[COMPLETE]) for key, each in by_key.items() if COMPLETE in each.counts]
    ends = {(key, end) for key, counts in complete for end in (counts.lowest, counts.highest)}
    wanted = sorted((key, end) for key, end in ends if end is not None)
    found: dict[str, list[RankedTrial]] = defaultdict(list)
    confirms = _attributes.alias()
    is_confirmation = exists().where(_is_attribute(confirms, CONFIRMS))
    for some in _parts(wanted):
        has_value = tuple_(_trials.c.study_id, _values.c.value).in_(some)
        for row in connection.execute(_with_figures().where(has_value, ~is_confirmation, ~_is_aside())):
            overview = by_key[row.study_id]
            trial = _ranked(overview, row, None)
            if trial.state == COMPLETE:
                found[overview.name].append(trial)
    return found


def _read_counts(connection: Connection, found: Mapping[int, StudyOverview]) -> None:
    """Count the trials that a coordinator asked to try a point, as `sort_trials` tells them."""
    start, confirms, aside, result = (_attributes.alias() for _ in range(4))
    has_result = result.c.trial_id.is_not(None)
    value = case((has_result, _values.c.value))
    of_eligible = case((has_result & aside.c.trial_id.is_(None), _values.c.value))
    asked = (
        select(
            _trials.c.study_id,
            _trials.c.state,
            has_result,
            func.count(),
            func.count(value),
            func.min(of_eligible),
            func.max(of_eligible),
            func.max(_trials.c.datetime_start),
            func.max(_trials.c.datetime_complete),
        )
        .join(start, _is_attribute(start, VIRTUAL_START))
        .outerjoin(confirms, _is_attribute(confirms, CONFIRMS))
        .outerjoin(aside, _is_attribute(aside, SET_ASIDE))
        .outerjoin(result, _is_attribute(result, OF_RESULT))
        .where(confirms.c.trial_id.is_(None))
        .outerjoin(_values, and_(_values.c.trial_id == _trials.c.trial_id, _values.c.objective == 0))
        .group_by(_trials.c.study_id, _trials.c.state, has_result)
    )
    for key, state, is_ours, n, n_with_value, lowest, highest, began, ended in connection.execute(asked):
        overview = found.get(key)
        if overview is None:
            continue
        if is_ours and state != RUNNING:
            overview.counts[state] = TrialCounts(n, n_with_value, lowest, highest)
        else:
            overview.counts.setdefault(RUNNING, TrialCounts()).n += n
        known = [began, ended if is_ours else None, overview.last_active]
        overview.last_active = max((time for time in known if time is not None), default=None)


def _read_ranked(connection: Connection, found: Mapping[int, StudyOverview]) -> None:
    """Read confirmations, and the finalists that they repeat and that were not set aside."""
    confirms = _attributes.alias()
    of_confirmations = connection.execute(
        _with_figures(confirms.c.value_json).join(confirms, _is_attribute(confirms, CONFIRMS))
    ).all()
    finalists: dict[int, set[int]] = defaultdict(set)
    for row in of_confirmations:
        if row.study_id in found:
            overview = found[row.study_id]
            number = overview.loaded(row[-1])
            finalists[row.study_id].add(number)
            overview.ranked.append(_ranked(overview, row, number))
    for keys in _parts(sorted(finalists)):
        numbers = sorted({number for key in keys for number in finalists[key] if number is not None})
        for some in _parts(numbers):
            where = _trials.c.study_id.in_(keys) & _trials.c.number.in_(some) & ~_is_aside()
            for row in connection.execute(_with_figures().where(where)):
                if row.number in finalists[row.study_id]:
                    overview = found[row.study_id]
                    overview.ranked.append(_ranked(overview, row, None))


def _with_figures(*more: Any) -> Any:  # noqa: ANN401 (SQLAlchemy's types of a select depend on its columns)
    loss, result = _attributes.alias(), _attributes.alias()
    columns = (_trials.c.study_id, _trials.c.number, _trials.c.state, _values.c.value)
    has_result = result.c.trial_id.is_not(None).label("has_result")
    return (
        select(*columns, loss.c.value_json.label("dev_loss"), has_result, *more)
        .select_from(_trials)
        .outerjoin(_values, and_(_values.c.trial_id == _trials.c.trial_id, _values.c.objective == 0))
        .outerjoin(loss, _is_attribute(loss, DEV_LOSS))
        .outerjoin(result, _is_attribute(result, OF_RESULT))
    )


def _is_attribute(alias: Any, key: str) -> ColumnElement[bool]:  # noqa: ANN401 (SQLAlchemy's alias of a table)
    return and_(alias.c.trial_id == _trials.c.trial_id, alias.c.key == key)


def _is_aside() -> ColumnElement[bool]:
    marked = _attributes.alias()
    return exists().where(_is_attribute(marked, SET_ASIDE))


def _ranked(overview: StudyOverview, row: Row[Any], confirms: int | None) -> RankedTrial:
    if not row.has_result:
        return RankedTrial(row.number, RUNNING, None, None, confirms)
    loss = None if row.dev_loss is None else overview.loaded(row.dev_loss)
    return RankedTrial(row.number, row.state, row.value, loss, confirms)


def _parts(whole: Sequence[Any]) -> list[Sequence[Any]]:
    return [whole[start : start + _AT_ONCE] for start in range(0, len(whole), _AT_ONCE)]
