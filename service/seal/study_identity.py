"""Which study this is, whatever it is called: names change, and a copy is another study."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

IDENTITY = "identity"
"""The attribute that tells studies apart: a random `key`, and the `study_id` at which the study was made."""


@dataclass(frozen=True, slots=True)
class StudyIdentity:
    """A study of a database, as the ledger knows it.

    Attributes
    ----------
    name
        What it is called in the database now.
    key
        Drawn when it was made, and shared by the copies that other tools make.
    study_id
        Its place in the database, which a copy has not.
    is_copy
        Whether another tool made it as a copy of a study.
    is_successor
        Whether it took the place of the study that it was copied from: optuna-dashboard renames a study by
        copying and deleting it.
    copy_of
        The name of the study that it was copied from, by whichever tool, while that is there.
    """

    name: str
    key: str
    study_id: int
    is_copy: bool = False
    is_successor: bool = False
    copy_of: str | None = None

    def owns(self, key: str, study_id: int) -> bool:
        """Whether what was written down for a key and a place is this study's own."""
        return key == self.key and (study_id == self.study_id or self.is_successor)


def identities_of(stored: Sequence[tuple[str, int, Mapping[str, Any]]]) -> dict[str, StudyIdentity]:
    """Return the identities of all studies of a database, by name.

    Parameters
    ----------
    stored
        Name, place in the database, and the attribute `IDENTITY` of each.
    """
    n_with_key = Counter(identity["key"] for _, _, identity in stored)
    found = {}
    for name, study_id, identity in stored:
        is_original = study_id == identity["study_id"]
        is_alone = n_with_key[identity["key"]] == 1
        found[name] = StudyIdentity(
            name,
            identity["key"],
            study_id,
            is_copy=not is_original and not is_alone,
            is_successor=not is_original and is_alone,
            copy_of=_name_at(identity.get("copied_from") if is_original else identity, stored),
        )
    return found


def _name_at(
    place: Mapping[str, Any] | None, stored: Sequence[tuple[str, int, Mapping[str, Any]]]
) -> str | None:
    """Return the name of the study that was made at a place, if it is there."""
    if place is None:
        return None
    wanted = place["key"], place["study_id"]
    return next((name for name, at, identity in stored if (identity["key"], at) == wanted), None)
