"""The format of a study's attributes: how an older one is read, and a newer one refused.

A study keeps the format that it was written in; it is only read as if it were of this one. A change of the
attributes' names or shapes is a new format, and has its entry here.
"""

from collections.abc import Callable, Mapping
from typing import Any

from service.storage.storage_errors import OthersStudyError, StorageError

FORMAT = 4
"""What is written, and read without more ado."""

_FIGURES_BY_THEMSELVES = 4
"""The first format in which a trial's dev figures are attributes of their own."""


def as_current(name: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a study's attributes as this version writes them.

    Parameters
    ----------
    name
        The study.
    attributes
        What is stored.

    Raises
    ------
    OthersStudyError
        The study was not made by Proctor.
    StorageError
        Its format is newer than this version, or older than any that can be read.
    """
    written = attributes.get("format")
    if not isinstance(written, int) or "config" not in attributes:
        raise OthersStudyError(f"study {name!r} was not made by Proctor; this version reads format {FORMAT}")
    if written > FORMAT:
        raise StorageError(
            f"study {name!r} was written by a newer Proctor: it has format {written}, this version reads"
            f" {min(_STEPS)} to {FORMAT}; upgrade Proctor to go on with it"
        )
    if written < min(_STEPS):
        raise StorageError(
            f"study {name!r} has format {written}, this version reads {min(_STEPS)} to {FORMAT}:"
            " an older Proctor goes on with it"
        )
    read = dict(attributes)
    for step in range(written, FORMAT):
        read = _STEPS[step](read)
    return read


def are_figures_in_curves(attributes: Mapping[str, Any]) -> bool:
    """Tell of a study's stored attributes whether its trials' dev figures stand in their curves alone."""
    written: int = attributes.get("format", FORMAT)
    return written < _FIGURES_BY_THEMSELVES


def _from_3(read: dict[str, Any]) -> dict[str, Any]:
    """Format 3 had no confirmation, and one word for the machine; all else that is new may be missing."""
    config = {**read["config"], "confirmation": {"finalists": 0}}
    machine = {"architecture": read["machine"], "processor": None, "blas": None}
    return {**read, "format": 4, "config": config, "machine": machine}


_STEPS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {3: _from_3}
"""By format: what makes the next one's attributes of it."""
