"""Polars' errors on a damaged file, in one line."""

from pathlib import Path

import polars as pl

from service.errors import BadInputError
from service.tables.files.file_formats import FileFormat

FAILURES = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, OverflowError)
"""What Polars raises on a damaged file; a panic is not an `Exception`."""


def damaged(path: Path, file_format: FileFormat, error: BaseException) -> BadInputError:
    """Shorten Polars' error to one line."""
    reason = (f"{error}".splitlines() or [type(error).__name__])[0]
    if "precision must be between" in reason:
        return BadInputError(
            f"expected decimals of at most 38 digits: {reason}; write them as float64 ({path})"
        )
    if file_format in {FileFormat.JSON_LINES, FileFormat.JSON}:
        expected = (
            "one JSON object per line"
            if file_format is FileFormat.JSON_LINES
            else "one JSON array of objects"
        )
        return BadInputError(f"expected {expected}, and could not read it: {reason} ({path})")
    return BadInputError(f"the {file_format.value} file is damaged or cut off: {reason} ({path})")
