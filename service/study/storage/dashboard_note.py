"""A study's note as optuna-dashboard keeps it: system attributes, a version and the text in parts.

A note that a person has written, or changed, is left alone: ours is known by the hash that is kept beside it.
"""

from hashlib import sha256

from optuna.storages import BaseStorage

_VERSION = "dashboard:note_ver"
_PART = "dashboard:note_str:"
_OURS = "proctor:note"
_LONGEST = 2045
"""Characters of a part, as optuna-dashboard cuts them: what its databases hold in a value."""


def write_dashboard_note(storage: BaseStorage, study: str, body: str) -> bool:
    """Write a study's note, unless there is one that is not ours.

    Parameters
    ----------
    storage
        Optuna's.
    study
        The study's name.
    body
        Markdown.

    Returns
    -------
    bool
        Whether it is there now.
    """
    study_id = storage.get_study_id_from_name(study)
    attributes = storage.get_study_system_attrs(study_id)
    n_parts = sum(key.startswith(_PART) for key in attributes)
    there = "".join(attributes[f"{_PART}{place}"] for place in range(n_parts))
    if there == body:
        return True
    ours = _hash(there) in attributes.get(_OURS, "").split()
    if there and not ours:
        return False
    parts = [body[start : start + _LONGEST] for start in range(0, len(body), _LONGEST)]
    parts += [""] * (n_parts - len(parts))
    # Both are ours until the new one is whole: a process that dies in between leaves no stranger's note.
    storage.set_study_system_attr(study_id, _OURS, f"{_hash(there)} {_hash(body)}")
    storage.set_study_system_attr(study_id, _VERSION, attributes.get(_VERSION, 0) + 1)
    for place, part in enumerate(parts):
        storage.set_study_system_attr(study_id, f"{_PART}{place}", part)
    return True


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
