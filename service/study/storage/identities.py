"""The identities of a database's studies, read and written.

A study that another tool has copied or renamed has the identity of the study that it came from, at another
place. Before Proctor writes anything else to it, it is given one of its own: `adopt`.
"""

import json
from collections.abc import Sequence
from secrets import token_hex
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from service.seal.identity import IDENTITY, StudyIdentity, identities_of
from service.study.storage import optuna_tables as tables


def new_identity(study_id: int, *, copied_from: StudyIdentity | None = None) -> dict[str, Any]:
    """Return the attribute of a new study at its place in the database."""
    identity: dict[str, Any] = {"key": token_hex(16), "study_id": study_id}
    if copied_from is not None:
        identity["copied_from"] = _written(copied_from.places + copied_from.ancestors)
    return identity


def adopted(study: StudyIdentity) -> dict[str, Any]:
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


def _written(places: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"key": key, "study_id": study_id} for key, study_id in places]
