"""A study's own rows, written within somebody's transaction: its beginning, and its attributes."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from optuna.study import StudyDirection
from sqlalchemy import bindparam, delete, select
from sqlalchemy.engine import Connection

from service.seal.identity import IDENTITY, StudyIdentity
from service.study.storage import optuna_tables as tables
from service.study.storage.attribute_names import COMMAND, LOOK_AGAIN
from service.study.storage.dev_predictions import forget_dev_predictions
from service.study.storage.identities import adopted, new_identity
from service.study.storage.leases.table import leases
from service.study.storage.present_names import command_under

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
    change_attribute(connection, study.study_id, IDENTITY, set_to(adopted(study)))
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
