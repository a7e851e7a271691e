"""Telling the studies of a database apart by an attribute that every copy of one takes along.

The attribute has a random key, and the place at which the study was made. A study elsewhere with the same key
is a copy that another tool made.
"""

import json
from collections import Counter
from collections.abc import Sequence
from secrets import token_hex
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from service.seal.study_identity import StudyIdentity
from service.study.storage import optuna_tables as tables

IDENTITY = "identity"
"""The attribute's name."""


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
    stored = read_attribute(connection, IDENTITY)
    n_with_key = Counter(identity["key"] for _, _, identity in stored)
    found = []
    for name, study_id, identity in stored:
        is_original = study_id == identity["study_id"]
        is_alone = n_with_key[identity["key"]] == 1
        found.append(
            StudyIdentity(
                name,
                identity["key"],
                study_id,
                is_copy=not is_original and not is_alone,
                is_successor=not is_original and is_alone,
                copy_of=_name_at(identity.get("copied_from"), stored)
                if is_original
                else _name_at(identity, stored),
            )
        )
    return {each.name: each for each in found}


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


def _name_at(place: dict[str, Any] | None, stored: Sequence[tuple[str, int, Any]]) -> str | None:
    """Return the name of the study that was made at a place, if it is there."""
    if place is None:
        return None
    wanted = place["key"], place["study_id"]
    return next((name for name, at, identity in stored if (identity["key"], at) == wanted), None)
