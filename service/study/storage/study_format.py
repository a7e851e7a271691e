"""The format of stored studies: what this version reads, and what it refuses. Nothing heavy is imported."""

from collections.abc import Mapping
from typing import Any

from service.study.storage.storage_errors import OthersStudyError, OtherVersionError

FORMAT = 8
"""The format that is written and read."""


def check_format(name: str, attributes: Mapping[str, Any]) -> None:
    """Refuse a study that this version cannot go on with.

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
    OtherVersionError
        Its format is newer or older.
    """
    written = attributes.get("format")
    if not isinstance(written, int) or "config" not in attributes:
        raise OthersStudyError(f"study {name!r} was not made by Proctor; this version reads format {FORMAT}")
    if written > FORMAT:
        raise OtherVersionError(
            f"study {name!r} was written by a newer Proctor: expected format {FORMAT}, got {written};"
            " upgrade Proctor to continue it"
        )
    if written < FORMAT:
        raise OtherVersionError(
            f"study {name!r} was begun by an older Proctor, which this version cannot continue: expected"
            f" format {FORMAT}, got {written}; start another with --name NAME, or use that version"
        )
