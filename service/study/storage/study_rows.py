"""A study's own rows: who it is, what it is called now, its attributes; written in somebody's transaction.

A study that another tool has copied or renamed has the identity of the study that it came from, at another
place. Before Proctor writes anything else to it, it is given one of its own: `adopt`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from secrets import token_hex
from typing import Any

from optuna.study import StudyDirection
from sqlalchemy import bindparam, delete, select
from sqlalchemy.engine import Connection

from service.configuration.study_config import plain_name
from service.seal.identity import IDENTITY, StudyIdentity, identities_of
from service.shell_command import with_flags
from service.study.storage import optuna_tables as tables
from service.study.storage.dev_predictions import forget_dev_predictions
from service.study.storage.lease_table import leases
from service.study.storage.study_format import COMMAND, LOOK_AGAIN

ORIGIN, STUDY = "origin", "study"
"""Keys of an enqueued point: where it comes from, and what finds the study that is named there."""


def new_identity(study_id: int, *, copied_from: StudyIdentity | None = None) -> dict[str, Any]:
    """Return the attribute of a new study at its place in the database."""
    identity: dict[str, Any] = {"key": token_hex(16), "study_id": study_id}
    if copied_from is not None:
        identity["copied_from"] = _written(copied_from.places + copied_from.ancestors)
    return identity


def key_of(study: StudyIdentity) -> dict[str, Any]:
    """Return what finds a study again, whatever it is called then, in values that JSON can hold."""
    return {"key": study.key, "study_id": study.study_id}


def read_identities(connection: Connection) -> dict[str, StudyIdentity]:
    """Return the identity of each of Proctor's studies, by name, the oldest study first."""
    return identities_of(read_attribute(connection, IDENTITY))


def read_attribute(connection: Connection, key: str) -> Sequence[tuple[str, int, Any]]:
    """Return an attribute of all studies that have it: name, place and value, the oldest study first."""
    studies, attributes = tables.studies.c, tables.study_attributes.c
    query = (
        select(studies.study_name, studies.study_id, attributes.value_json)
        .join(tables.study_attributes, attributes.study_id == studies.study_id)
        .where(attributes.key == key)
        .order_by(studies.study_id)
    )
    return [(name, study_id, json.loads(value)) for name, study_id, value in connection.execute(query)]


def command_under(command: str, name: str) -> str:
    """Return the command that gives a study again, under the name that the study has now.

    Parameters
    ----------
    command
        What gave it; one that was fitted from Python has none, and it stays as it is.
    name
        The name, or what comes closest to it where another tool gave one that no new study may have.
    """
    return with_flags(command, {"--name": plain_name(name)})


def place_of_origin(study: StudyIdentity) -> dict[str, Any]:
    """Return what an enqueued point keeps of the study that it comes from."""
    return {STUDY: key_of(study)}


def present_names(
    enqueued: Sequence[Mapping[str, Any]], identities: Mapping[str, StudyIdentity]
) -> dict[str, str]:
    """Return what studies are called now that points come from, by what they were called then.

    Parameters
    ----------
    enqueued
        A study's enqueued points, as they are stored. A study that is there no more keeps its old name.
    identities
        All studies of the database.
    """
    found = {}
    for point in enqueued:
        if STUDY in point:
            owners = (each.name for each in identities.values() if each.owns(**point[STUDY]))
            found[point[ORIGIN]] = next(owners, point[ORIGIN])
    return found


def with_present_origin(point: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return an enqueued point with the present name of the study that it comes from."""
    return {**point, ORIGIN: names[point[ORIGIN]]} if STUDY in point else dict(point)


_of = tables.study_attributes.c
_IS_ATTRIBUTE = (_of.study_id == bindparam("of_study")) & (_of.key == bindparam("of_key"))


def write_study(
    connection: Connection, name: str, attributes: Mapping[str, Any], direction: StudyDirection
) -> None:
    """Write a new study, on which nobody has a lease.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        When its name is taken.
    """
    (study_id,) = connection.execute(
        tables.studies.insert().values(study_name=name)
    ).inserted_primary_key or (None,)
    if study_id is None:
        raise RuntimeError("the database gave a new study no key")
    connection.execute(tables.directions.insert().values(study_id=study_id, direction=direction, objective=0))
    rows = [
        {"study_id": study_id, "key": key, "value_json": json.dumps(value)}
        for key, value in {**attributes, IDENTITY: new_identity(study_id)}.items()
    ]
    connection.execute(tables.study_attributes.insert(), rows)
    # A study of this name, or this key, that another tool has deleted may have left rows.
    connection.execute(delete(leases).where(leases.c.study_name == name))
    forget_dev_predictions(connection, study_id)


def adopt(connection: Connection, study: StudyIdentity) -> None:
    """Give a study that another tool copied or renamed an identity of its own.

    A reason to look again is one study's: a copy has none.
    """
    change_attribute(connection, study.study_id, IDENTITY, set_to(_adopted(study)))
    rename_in_command(connection, study.study_id, study.name)
    if study.is_copy:
        change_attribute(connection, study.study_id, LOOK_AGAIN, set_to(None))


def rename_in_command(connection: Connection, study_id: int, name: str) -> None:
    """Let the command that gives a study again give it under another name; another format may have none."""

    def renamed(command: str | None) -> str | None:
        return None if command is None else command_under(command, name)

    change_attribute(connection, study_id, COMMAND, renamed)


def set_to(value: object) -> Callable[[Any], object]:
    """Return the change that gives an attribute a value, whatever it was."""
    return lambda _: value


def change_attribute(
    connection: Connection, study_id: int, key: str, change: Callable[[Any], object]
) -> None:
    """Write what a change makes of a locked study's attribute; it is given None where there is none."""
    of = {"of_study": study_id, "of_key": key}
    found = connection.execute(select(_of.value_json).where(_IS_ATTRIBUTE), of).scalar_one_or_none()
    written = json.dumps(change(None if found is None else json.loads(found)))
    if found is None:
        row = {"study_id": study_id, "key": key, "value_json": written}
        connection.execute(tables.study_attributes.insert(), row)
    else:
        changed = tables.study_attributes.update().where(_IS_ATTRIBUTE).values(value_json=written)
        connection.execute(changed, of)


def _adopted(study: StudyIdentity) -> dict[str, Any]:
    """Return the attribute of a study that another tool copied or renamed, as one of its own.

    A copy is another study from now on, with a key of its own. A study that was renamed keeps its key, and
    all that was written down for it.
    """
    if study.is_copy:
        return {"key": token_hex(16), "study_id": study.study_id, "copied_from": _written(study.ancestors)}
    return {
        "key": study.key,
        "study_id": study.study_id,
        "former": list(study.former),
        "copied_from": _written(study.ancestors),
    }


def _written(places: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"key": key, "study_id": study_id} for key, study_id in places]
