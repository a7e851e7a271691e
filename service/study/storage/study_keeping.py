"""Studies as things that are kept: given another name, copied, and deleted. The ledger is left as it is.

Whoever does so holds the lease of each study, so that nobody runs it meanwhile.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from sqlalchemy import Column, FromClause, String, Table, delete, insert, literal, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.sql import ColumnElement

from service.seal.database_tables import create_missing
from service.seal.identity import IDENTITY, StudyIdentity
from service.study.storage import optuna_tables as tables
from service.study.storage.database_failures import told_as_storage_errors
from service.study.storage.dev_predictions import dev_predictions, forget_dev_predictions
from service.study.storage.lease_table import leases
from service.study.storage.storage_errors import StorageError
from service.study.storage.study_format import ARCHIVED, LOOK_AGAIN, ROUND
from service.study.storage.study_rows import (
    adopt,
    change_attribute,
    new_identity,
    read_identities,
    rename_in_command,
    set_to,
)
from service.study.storage.study_store import StudyStore

_NOT_COPIED = (ARCHIVED, LOOK_AGAIN)
"""Attributes that a copy has none of: a reason to look again is one study's."""

_OF_A_STUDY = (tables.directions, tables.study_attributes, tables.study_system_attributes, dev_predictions)
_OF_A_TRIAL = (
    tables.params,
    tables.values,
    tables.intermediate_values,
    tables.attributes,
    tables.system_attributes,
)


def rename_studies(store: StudyStore, names: Mapping[str, str]) -> None:
    """Give studies other names, all or none.

    Parameters
    ----------
    store
        Where they are kept.
    names
        New names by the old ones, the first of several rounds first.

    Raises
    ------
    StudyHeldError
        Somebody runs one of them.
    StorageError
        There is no such study, a new name is taken, or the database cannot be written.
    """
    first = next(iter(names.values()))
    with _held(store, names) as connection:
        for old, new in names.items():
            _refuse_taken(connection, new, store)
            named = update(tables.studies).where(tables.studies.c.study_name == old)
            connection.execute(named.values(study_name=new))
            rename_in_command(connection, _study_id_of(connection, new), first)
            connection.execute(delete(leases).where(leases.c.study_name == new))
            lease = update(leases).where(leases.c.study_name == old)
            connection.execute(lease.values(study_name=new, holder=None))


def copy_studies(store: StudyStore, names: Mapping[str, str]) -> None:
    """Copy studies with all that belongs to them, all or none; a copy is a study of its own.

    Where the first study of several rounds is copied with the others, the copies are rounds of its copy.

    Parameters
    ----------
    store
        Where they are kept.
    names
        Names of the copies by those of the studies, the first of several rounds first.

    Raises
    ------
    StudyHeldError
        Somebody runs one of them.
    StorageError
        There is no such study, the name of a copy is taken, or the database cannot be written.
    """
    create_missing(store.engine, dev_predictions)
    with _held(store, names) as connection:
        identities, copies = read_identities(connection), []
        for original, name in names.items():
            _refuse_taken(connection, name, store)
            copies.append(_copy(connection, identities[original], name))
        of_first = {"key": copies[0]["key"], "study_id": copies[0]["study_id"]}
        for copy in copies:
            rename_in_command(connection, copy["study_id"], next(iter(names.values())))
        for copy in copies[1:]:
            change_attribute(connection, copy["study_id"], ROUND, lambda place: {**place, "first": of_first})


def archive_studies(store: StudyStore, names: Sequence[str]) -> None:
    """Put studies away from the list of studies, all or none.

    Raises
    ------
    StudyHeldError
        Somebody runs one of them.
    StorageError
        There is no such study, or the database cannot be written.
    """
    with _held(store, names) as connection:
        for name in names:
            change_attribute(connection, _study_id_of(connection, name), ARCHIVED, set_to(True))


def delete_studies(store: StudyStore, names: Sequence[str]) -> None:
    """Delete studies with all that belongs to them but the ledger's openings, all or none.

    Raises
    ------
    StudyHeldError
        Somebody runs one of them.
    StorageError
        There is no such study, or the database cannot be written.
    """
    create_missing(store.engine, dev_predictions)
    with _held(store, names) as connection:
        _part_from_copies(connection, names)
        for name in names:
            study_id = _study_id_of(connection, name)
            of_study = select(tables.trials.c.trial_id).where(tables.trials.c.study_id == study_id)
            for table in (*_OF_A_TRIAL, tables.heartbeats):
                connection.execute(delete(table).where(table.c.trial_id.in_(of_study)))
            for table in (tables.trials, *_OF_A_STUDY, tables.studies):
                connection.execute(delete(table).where(table.c.study_id == study_id))
            connection.execute(delete(leases).where(leases.c.study_name == name))


def _part_from_copies(connection: Connection, names: Sequence[str]) -> None:
    """Make other tools' copies of some studies studies of their own: none takes a deleted one's place."""
    identities = read_identities(connection)
    keys = {identities[name].key for name in names if name in identities}
    for study in identities.values():
        if study.is_copy and study.key in keys and study.name not in names:
            adopt(connection, study)


@contextmanager
def _held(store: StudyStore, names: Sequence[str] | Mapping[str, str]) -> Iterator[Connection]:
    """Hold the leases of some studies, and a transaction."""
    with ExitStack() as held:
        taken = [held.enter_context(store.take_lease(name)) for name in names]
        with told_as_storage_errors(store.engine.url), store.engine.begin() as connection:
            for lease in taken:
                lease.hold(connection)
            yield connection


def _refuse_taken(connection: Connection, name: str, store: StudyStore) -> None:
    if connection.execute(select(tables.studies).where(tables.studies.c.study_name == name)).first():
        raise StorageError(f"study {name!r} exists in {store.shown_url}: expected another name")


def _study_id_of(connection: Connection, name: str) -> int:
    """Return the key of a study that is there."""
    asked = select(tables.studies.c.study_id).where(tables.studies.c.study_name == name)
    return int(connection.execute(asked).scalar_one())


def _copy(connection: Connection, original: StudyIdentity, name: str) -> Mapping[str, Any]:
    """Copy a study's rows; return the identity of the copy."""
    made = connection.execute(
        insert(tables.studies).values(study_name=name).returning(tables.studies.c.study_id)
    )
    study_id = made.scalar_one()
    identity = new_identity(study_id, copied_from=original)
    # A study of this place or name that another tool has deleted may have left rows.
    forget_dev_predictions(connection, study_id)
    connection.execute(delete(leases).where(leases.c.study_name == name))
    for table in (*_OF_A_STUDY, tables.trials):
        of_original = table.c.study_id == original.study_id
        if table is tables.study_attributes:
            of_original &= table.c.key.not_in(_NOT_COPIED)
        _copy_rows(connection, table, {table.c.study_id: literal(study_id)}, table, of_original)
    change_attribute(connection, study_id, IDENTITY, lambda _: identity)
    changed_name = {leases.c.study_name: literal(name), leases.c.holder: literal(None, String)}
    _copy_rows(connection, leases, changed_name, leases, leases.c.study_name == original.name)
    old, new = tables.trials.alias(), tables.trials.alias()
    pairs = old.join(new, (old.c.number == new.c.number) & (new.c.study_id == study_id))
    for table in _OF_A_TRIAL:
        source = pairs.join(table, table.c.trial_id == old.c.trial_id)
        changed = {table.c.trial_id: new.c.trial_id}
        _copy_rows(connection, table, changed, source, old.c.study_id == original.study_id)
    return identity


def _copy_rows(
    connection: Connection,
    table: Table,
    changed: Mapping[Column[Any], ColumnElement[Any]],
    source: FromClause,
    condition: ColumnElement[bool],
) -> None:
    """Copy rows of a table within it, with other values in some columns and keys that the database gives."""
    kept = [
        column for column in table.c if column is not table.autoincrement_column and column not in changed
    ]
    rows = select(*kept, *changed.values()).select_from(source).where(condition)
    connection.execute(insert(table).from_select([*kept, *changed], rows))
