"""A CSV file block by block, each of whole records; a quoted cell may hold line ends."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from service.errors import BadInputError
from service.tables.files.file_formats import content

BYTES_AT_ONCE = 8 * 2**20
"""Large enough for Polars to parse in parallel, small beside any table that is large."""

UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def line_ends(data: bytes) -> int:
    r"""Count the ends of lines: \n, \r\n, and a lone \r."""
    line_feeds = int(np.count_nonzero(np.frombuffer(data, np.uint8) == ord("\n")))  # faster than bytes.count
    return line_feeds + (data.count(b"\r") - data.count(b"\r\n") if b"\r" in data else 0)


def utf8_bytes(path: Path, encoding: str | None, *, n_bytes: int | None = None) -> Iterator[bytes]:
    """Yield the text piece by piece, without a byte-order mark.

    A file that is in UTF-8 already comes as it is: whether it is valid is seen where its lines are known.

    Parameters
    ----------
    path
        The file.
    encoding
        None detects UTF-16 by its mark, and reads everything else as UTF-8.
    n_bytes
        Of the file, to be read at a time; None for as many as reading a whole file needs.

    Raises
    ------
    BadInputError
        The file cannot be read, or is not in this encoding.
    """
    pieces = content(path, n_bytes or BYTES_AT_ONCE)
    first = next(pieces, b"")
    if encoding is None:
        encoding = "utf-16" if first.startswith(UTF16_MARKS) else "utf-8"
    pieces = chain((first,), pieces)
    if codecs.lookup(encoding).name in {"utf-8", "utf-8-sig"}:
        yield next(pieces).removeprefix(codecs.BOM_UTF8)
        yield from pieces
    else:
        yield from _recoded(pieces, encoding, path)


def _recoded(pieces: Iterator[bytes], encoding: str, path: Path) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    try:
        for piece in chain(pieces, (b"",)):
            text = decoder.decode(piece, final=not piece)
            data = text.encode()
            line += line_ends(data)
            yield data
    except UnicodeDecodeError as error:
        line += line_ends(error.object[: error.start].decode(encoding, "replace").encode("utf-8", "replace"))
        raise BadInputError(
            f"{path}: line {line}: expected text in {encoding}, got other bytes, {error.start} to"
            f" {error.end}:"
            f" {error.reason}"
        ) from None
    except UnicodeEncodeError as error:
        raise BadInputError(
            f"{path}: expected text that UTF-8 can write, got {error.object[error.start]!a}"
        ) from None


MAX_RECORD_BYTES = 256 * 2**20
"""A longer record is assumed to have an unclosed quote, rather than held in memory."""

QUOTE = ord('"')


@dataclass(frozen=True, slots=True, eq=False)
class CsvBlock:
    """Whole records of a CSV file, as they stand in it but for the encoding.

    Attributes
    ----------
    path
        The file.
    first_line
        The line that the first record begins on, counted from 1.
    data
        In UTF-8, if the file is valid.
    is_last
        Whether the file ends here.
    """

    path: Path
    first_line: int
    data: bytes
    is_last: bool

    def line(self, position: int) -> int:
        """Return the line that a byte stands on."""
        return self.first_line + line_ends(self.data[:position])

    def place(self, position: int) -> str:
        """Say where a byte stands, for messages."""
        return f"{self.path}: line {self.line(position)}"


def csv_blocks(path: Path, encoding: str | None, *, n_bytes_before: int = 0) -> Iterator[CsvBlock]:
    """Yield the file's blocks in order; none where it is empty.

    Parameters
    ----------
    path
        The file.
    encoding
        As `utf8_bytes` has it.
    n_bytes_before
        How many bytes stand before the header, in UTF-8, and are skipped: their quotes open nothing.

    Raises
    ------
    BadInputError
        The file cannot be read, is not in its encoding, or a record does not end.
    """
    pieces = utf8_bytes(path, encoding)
    beginning = b""
    while len(beginning) < n_bytes_before and (piece := next(pieces, None)) is not None:
        beginning += piece
    line, rest = 1 + line_ends(beginning[:n_bytes_before]), b""
    for piece in chain((beginning[n_bytes_before:],), pieces):
        end = end_of_records(piece, is_inside=rest.count(b'"') % 2 == 1)
        if end:
            block = CsvBlock(path, line, b"".join((rest, memoryview(piece)[:end])), is_last=False)
            yield block
            line, rest = line + line_ends(block.data), piece[end:]
            continue
        rest += piece
        if len(rest) > MAX_RECORD_BYTES:
            raise BadInputError(
                f"{path}: line {line}: expected records of at most {MAX_RECORD_BYTES // 2**20} MiB, got one"
                " that does not end: is a quote not closed?"
            )
    if rest:
        yield CsvBlock(path, line, rest, is_last=True)


def end_of_records(data: bytes, *, is_inside: bool = False) -> int:
    """Return where the last record that surely ends in the data does so; 0 where none does.

    A line end ends a record where the number of quotes before it is even. It is searched from the end: most
    often it is after the last quote. A carriage return that comes last may be followed by a line feed.

    Parameters
    ----------
    data
        Any part of a file.
    is_inside
        Whether it begins inside quotes.
    """
    if b'"' in data:
        is_inside ^= np.count_nonzero(np.frombuffer(data, np.uint8) == QUOTE) % 2 == 1
    stop = len(data) - data.endswith(b"\r")
    while True:
        quote = data.rfind(b'"', 0, stop)
        if not is_inside:
            end = max(data.rfind(b"\n", quote + 1, stop), data.rfind(b"\r", quote + 1, stop))
            if end >= 0:
                return end + 1
        if quote < 0:
            return 0
        stop, is_inside = quote, not is_inside
