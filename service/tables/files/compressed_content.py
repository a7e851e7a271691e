"""A file's content, decompressed if necessary: its first bytes decide, never its name."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from enum import Enum
from functools import partial
from io import BufferedIOBase
from pathlib import Path
from stat import S_ISDIR, S_ISREG

import polars as pl

from service.errors import BadInputError, TablePlaceError
from service.tables.files.tables_nearby import tables_in

MOST_TABLES_NAMED = 3
"""Of a directory's that was taken for a table."""

LINES_AT_ONCE = 100_000
"""Of a file that is decompressed by lines."""


class Compression(Enum):
    """How a file is compressed: what it is called, and how it begins."""

    GZIP = ("gzip", b"\x1f\x8b\x08")
    BZIP2 = ("bzip2", b"BZh")
    XZ = ("xz", b"\xfd7zXZ\0")
    ZSTANDARD = ("Zstandard", b"\x28\xb5\x2f\xfd")


BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")
"""What follows after "BZh" and a digit: a block, or the end; a column may well be called BZh9."""

OPENERS: dict[Compression, Callable[[Path], BufferedIOBase]] = {
    Compression.GZIP: partial(gzip.GzipFile, mode="rb"),
    Compression.BZIP2: partial(bz2.BZ2File, mode="rb"),
    Compression.XZ: partial(lzma.LZMAFile, mode="rb"),
}


def refuse_what_is_no_file(path: Path) -> None:
    """Refuse what cannot be read, or could be read only once.

    Raises
    ------
    BadInputError
        There is a directory, a device or a pipe, or nothing.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise BadInputError(f"the file cannot be read: {error.strerror} ({path})") from None
    except ValueError:
        raise BadInputError(f"expected a path without a NUL character, got {f'{path}'!a}") from None
    if S_ISDIR(mode):
        inside = tables_in(path)
        tables = ", ".join(f"{file.name!r}" for file in inside[:MOST_TABLES_NAMED])
        more = f" and {len(inside) - MOST_TABLES_NAMED} more" if len(inside) > MOST_TABLES_NAMED else ""
        holds = f" that holds {tables}{more}" if inside else ""
        message = f"expected a file, got a directory{holds} ({path})"
        raise TablePlaceError(message, place=f"{path}", meant=inside[0] if inside else None)
    if not S_ISREG(mode):
        raise BadInputError(f"expected a file, got a device or pipe ({path})")


def compression_of(path: Path) -> Compression | None:
    """Tell how the file is compressed; None where it is not.

    Raises
    ------
    BadInputError
        The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(10)
    except OSError as error:
        raise BadInputError(f"the file cannot be read: {error.strerror} ({path})") from None
    for compression in Compression:
        if head.startswith(compression.value[1]):
            is_text = compression is Compression.BZIP2 and head[4:] not in BZIP2_BLOCKS
            return None if is_text else compression
    return None


def content(path: Path, n_bytes: int) -> Iterator[bytes]:
    """Yield what the file holds, so many bytes at a time.

    Raises
    ------
    BadInputError
        The file cannot be read, or its compression is damaged or cut off.
    """
    compression = compression_of(path)
    try:
        if compression is Compression.ZSTANDARD:
            yield from _decompressed_lines(path)
            return
        with path.open("rb") if compression is None else OPENERS[compression](path) as file:
            while data := file.read(n_bytes):
                yield data
    except (EOFError, zlib.error, lzma.LZMAError, OSError) as error:
        strerror = getattr(error, "strerror", None)
        if compression is None or strerror is not None:
            raise BadInputError(f"the file cannot be read: {strerror} ({path})") from None
        name = compression.value[0]
        if isinstance(error, EOFError):
            raise BadInputError(f"the {name} file is cut off: its end is missing ({path})") from None
        raise BadInputError(f"the {name} file is damaged: {_first_line(error)} ({path})") from None


def _decompressed_lines(path: Path) -> Iterator[bytes]:
    """Have Polars decompress: Python reads Zstandard from 3.14 on. A line's end comes as a line feed."""
    try:
        for lines in pl.scan_lines(path, glob=False).collect_batches(chunk_size=LINES_AT_ONCE):
            text = lines.to_series().str.join("\n").item() if lines.height else None
            if text is not None:
                yield text.encode() + b"\n"
    except pl.exceptions.PolarsError as error:
        raise BadInputError(
            f"expected a CSV file in UTF-8 in the Zstandard file: {_first_line(error)} ({path})"
        ) from None


def _first_line(error: Exception) -> str:
    return f"{error}".splitlines()[0] if f"{error}" else type(error).__name__
