"""The records of a CSV file, one at a time, with the lines that they end on."""

import csv
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TextIO

from service.errors import BadInputError


def csv_records(path: Path, *, max_bytes: int | None = None) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that is not blank, with the number of its last line; no more than one is kept.

    UTF-8 (a byte-order mark is fine), commas.

    Parameters
    ----------
    path
        The file.
    max_bytes
        The largest file that is read; None reads any.

    Raises
    ------
    BadInputError
        The file cannot be read, is too large, or a record is malformed.
    """
    try:
        _refuse_by_size_or_kind(path, max_bytes)
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _records(file, path)
    except UnicodeDecodeError:
        line = _first_line_that_is_not_utf8(path)
        raise BadInputError(f"a table is a CSV file in UTF-8, line {line} is not UTF-8 ({path})") from None
    except OSError as error:
        raise BadInputError(f"the file cannot be read: {error.strerror} ({path})") from None


def _refuse_by_size_or_kind(path: Path, max_bytes: int | None) -> None:
    status = path.stat()
    if S_ISDIR(status.st_mode):
        raise BadInputError(f"a table is a CSV file, found a directory ({path})")
    if not S_ISREG(status.st_mode):
        raise BadInputError(f"a table is a CSV file, found a device or pipe ({path})")
    if max_bytes is not None and status.st_size > max_bytes:
        raise BadInputError(
            f"big files are not read yet, at most {max_bytes // 2**20} MiB: "
            f"found {status.st_size / 2**20:.0f} MiB ({path})"
        )


def _records(file: TextIO, path: Path) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(file, strict=True)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise BadInputError(f"a CSV record is malformed: {error} ({path}: line {reader.line_num})") from None


def _first_line_that_is_not_utf8(path: Path) -> int:
    """Find what the decoder, which reads ahead in blocks, cannot tell."""
    with path.open("rb") as file:
        for number_of_line, line in enumerate(file, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number_of_line
    return 1
