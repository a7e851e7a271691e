"""Telling the studies of a database apart by an attribute that every copy of one takes along.

The attribute has a random key, and the place at which the study was made. A study elsewhere with the same key
is a copy that another tool made.
"""

import json
from collections.abc import Sequence
from secrets import token_hex
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from service.seal.study_identity import IDENTITY, StudyIdentity, identities_of
from service.study.storage import optuna_tables as tables


def new_identity(study_id: int, *, copied_from: StudyIdentity | None = None) -> dict[str, Any]:
    """Return the attribute of a new study at its place in the database."""
    identity: dict[str, Any] = {"key": token_hex(16), "study_id": study_id}
    if copied_from is not None:
        identity["copied_from"] = place_of(copied_from)
    return identity


def place_of(study: StudyIdentity) -> dict[str, Any]:
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
