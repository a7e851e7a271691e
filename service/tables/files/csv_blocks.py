"""A CSV file block by block, each of whole records; a quoted cell may hold line ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from service.errors import BadInputError
from service.tables.files.csv_bytes import line_ends, utf8_bytes

MAX_RECORD_BYTES = 256 * 2**20
"""A longer record is taken for one whose quote is not closed, rather than held in memory."""

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


def csv_blocks(path: Path, encoding: str | None) -> Iterator[CsvBlock]:
    """Yield the file's blocks in order; none where it is empty.

    Raises
    ------
    BadInputError
        The file cannot be read, is not in its encoding, or a record does not end.
    """
    line, rest = 1, b""
    for piece in utf8_bytes(path, encoding):
        end = end_of_records(piece, is_inside=rest.count(b'"') % 2 == 1)
        if end:
            block = CsvBlock(path, line, b"".join((rest, memoryview(piece)[:end])), is_last=False)
            yield block
            line, rest = line + line_ends(block.data), piece[end:]
            continue
        rest += piece
        if len(rest) > MAX_RECORD_BYTES:
            raise BadInputError(
                f"a record has at most {MAX_RECORD_BYTES // 2**20} MiB, this one does not end: "
                f"is a quote not closed? ({path}: line {line})"
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
