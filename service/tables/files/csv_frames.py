"""A CSV file as frames of text, block by block: every column a string, an empty cell null.

The next blocks are worked on in threads while the first one's frame is used. Frames keep their order.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from io import StringIO
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl

from search_spaces.counted import counted
from service.errors import BadInputError
from service.tables.cells import shown
from service.tables.files.csv_blocks import CsvBlock, csv_blocks, end_of_records
from service.tables.files.csv_dialect import CsvDialect, Preamble, read_preamble, told_dialect
from service.tables.files.csv_structure import (
    ALIGNED_DELIMITER,
    CsvStructure,
    count,
    csv_structure,
    has_blank_lines,
    positions,
    record_structure,
    tabs_for_blanks,
    without_blank_lines,
)
from service.tables.header import column_names
from service.tables.results_in_order import results_in_order


def plain_records(data: bytes, delimiter: str, n_columns: int) -> int | None:
    """Count the records of data that has neither quotes, carriage returns nor blank lines: it takes no masks.

    None where it has, or where `counts_fit` would be false.
    """
    if b'"' in data or b"\r" in data or b"\n\n" in data or data.startswith(b"\n"):
        return None
    values = np.frombuffer(data, np.uint8)
    n_records = np.count_nonzero(values == ord("\n")) + (not data.endswith(b"\n"))
    n_delimiters = np.count_nonzero(values == ord(delimiter))
    return int(n_records) if n_delimiters == n_records * (n_columns - 1) else None


def counts_fit(structure: CsvStructure, n_columns: int) -> bool:
    """Tell whether the block has as many cells as its records should have together.

    A short record may still make up for a long one; a reader that refuses long ones makes this a proof.
    Only for blocks without blank lines.
    """
    return count(structure.delimiters) == structure.n_records * (n_columns - 1)


def refuse_ragged_records(structure: CsvStructure, n_columns: int) -> None:
    """Refuse the first record that has more or fewer cells than the header; blank lines are no records.

    Raises
    ------
    BadInputError
        There is one; with its line.
    """
    starts, ends = structure.record_spans()
    delimiters = positions(structure.delimiters)
    n_cells = np.searchsorted(delimiters, ends) - np.searchsorted(delimiters, starts) + 1
    ragged = np.flatnonzero((n_cells != n_columns) & ~structure.is_blank())
    if ragged.size:
        first = ragged[0]
        raise BadInputError(
            f"expected {counted(n_columns, 'cell')}, as in the header, got {n_cells[first]}"
            f" ({structure.block.place(int(starts[first]))})"
        )


WORD_AROUND = 12
"""Bytes on either side of a faulty one that are shown."""


def refuse_other_bytes(block: CsvBlock) -> None:
    """Refuse bytes that are no text, or text in another encoding: to guess it would change words silently.

    Raises
    ------
    BadInputError
        The block is not UTF-8, or has a NUL byte; with the line, and what the encoding may be.
    """
    data = block.data
    nul = data.find(b"\0")
    if nul >= 0:
        hint = "; is the file in UTF-16?" if _is_every_other_byte_nul(data, nul) else ""
        raise BadInputError(f"expected text in a CSV file, got a NUL byte{hint} ({block.place(nul)})")
    if data.isascii():
        return
    try:
        data.decode()
    except UnicodeDecodeError as error:
        start = error.start
        raise BadInputError(
            f"expected a CSV file in UTF-8, got other bytes in line {block.line(start)}:"
            f" {_guess(data, start)} ({block.place(start)})"
        ) from None


def _is_every_other_byte_nul(data: bytes, nul: int) -> bool:
    begin = nul % 2
    head = data[begin : begin + 64 : 2]
    return len(head) > 1 and head.count(0) > len(head) / 2


def _guess(data: bytes, start: int) -> str:
    line_start = data.rfind(b"\n", 0, start) + 1
    around = data[max(line_start, start - WORD_AROUND) : start + WORD_AROUND].splitlines()[0]
    try:
        word = shown(around.decode("cp1252"))
    except UnicodeDecodeError:
        return f"byte 0x{data[start]:02x} is in an encoding that cannot be guessed; convert the file to UTF-8"
    return (
        f"the bytes look like cp1252 (Windows), where they read {word}: convert the file, for example with"
        f" `iconv -f CP1252 -t UTF-8`, or name its encoding"
    )


HEADER_BYTES = 2**16
"""Where a header is looked for first."""

BYTE_ORDER_MARK = "\ufeff".encode()


@dataclass(frozen=True, slots=True, eq=False)
class CsvFrames:
    """A CSV file whose header has been read.

    Attributes
    ----------
    names
        Of the columns, in the file's order.
    dialect
        How the file is written: complete, except for an encoding that is UTF-8 or detected.
    preamble
        What stands before the header and is skipped.
    frames
        The examples; once.
    """

    names: tuple[str, ...]
    dialect: CsvDialect
    preamble: Preamble
    frames: Iterator[pl.DataFrame]


def open_csv(path: Path, dialect: CsvDialect) -> CsvFrames:
    """Read a CSV file's header, and tell how it is written.

    Raises
    ------
    BadInputError
        The file cannot be read, or has no header that can be used. The frames raise it, too: where a row is
        ragged, a quote misplaced, or a byte no text.
    """
    preamble = read_preamble(path, dialect)
    dialect = replace(dialect, delimiter=dialect.delimiter or preamble.delimiter)
    blocks = csv_blocks(path, dialect.encoding, n_bytes_before=preamble.n_bytes)
    first = next((found for block in blocks if (found := _after_blank_lines(block)).data), None)
    if first is None:
        raise BadInputError(f"expected a header, got an empty file ({path})")
    refuse_other_bytes(first)
    dialect = told_dialect(first, dialect)
    header_end = _end_of_header(first, dialect.delimiter or ",")
    header = replace(first, data=first.data[:header_end])
    names = _names(*_delimited(header, dialect))
    rest = replace(first, first_line=first.line(header_end), data=first.data[header_end:])
    frames = results_in_order(partial(_frame, names=names, dialect=dialect), chain((rest,), blocks))
    return CsvFrames(names, dialect, preamble, frames)


def _delimited(block: CsvBlock, dialect: CsvDialect) -> tuple[CsvBlock, str]:
    """Return a block with one character between cells, and that character."""
    if dialect.is_aligned:
        return replace(block, data=tabs_for_blanks(block.data)), ALIGNED_DELIMITER
    return block, dialect.delimiter or ","


def _after_blank_lines(block: CsvBlock) -> CsvBlock:
    data = block.data.lstrip(b"\r\n")
    return replace(block, first_line=block.line(len(block.data) - len(data)), data=data)


def _end_of_header(block: CsvBlock, delimiter: str) -> int:
    """Return where the first record ends, its line end included."""
    beginning = block.data[: end_of_records(block.data[:HEADER_BYTES])] or block.data
    structure = record_structure(replace(block, data=beginning), delimiter)
    return int(structure.record_spans()[1][0]) + 1


def _names(header: CsvBlock, delimiter: str) -> tuple[str, ...]:
    place = header.place(0)
    try:
        (cells,) = csv.reader(StringIO(header.data.decode(), newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise BadInputError(f"a CSV record is malformed: {error} ({place})") from None
    return column_names(cells, place)


def _frame(block: CsvBlock, names: tuple[str, ...], dialect: CsvDialect) -> pl.DataFrame:
    refuse_other_bytes(block)
    block, delimiter = _delimited(block, dialect)
    schema = dict.fromkeys(names, pl.String())
    n_records = plain_records(block.data, delimiter, len(names))
    if n_records and (frame := _parsed(block.data, schema, delimiter, n_records)) is not None:
        return frame
    structure = csv_structure(block, delimiter)
    if has_blank_lines(structure):
        structure = csv_structure(replace(structure.block, data=without_blank_lines(structure)), delimiter)
    data = structure.block.data
    if not data:
        return pl.DataFrame(schema=schema)
    fits = counts_fit(structure, len(names))
    frame = _parsed(data, schema, delimiter, structure.n_records) if fits else None
    if frame is None:
        refuse_ragged_records(csv_structure(block, delimiter), len(names))
        raise BadInputError(f"the CSV records cannot be told apart ({block.place(0)} and after)")
    if b'""' in data:
        return frame.with_columns(pl.when(pl.all() != "").then(pl.all()))
    return frame


def _parsed(data: bytes, schema: dict[str, pl.String], delimiter: str, n_records: int) -> pl.DataFrame | None:
    """Have Polars parse so many records; None where it refuses, as it does one with too many cells."""
    begins_with_mark = data.startswith(BYTE_ORDER_MARK)  # which Polars would take for the file's own
    if begins_with_mark:
        data = b"\n" + data
    try:
        frame = pl.read_csv(
            data,
            has_header=False,
            skip_rows=int(begins_with_mark),
            schema=schema,
            infer_schema=False,
            separator=delimiter,
            quote_char='"' if b'"' in data else None,
        )
    except pl.exceptions.PolarsError:
        return None
    return frame if frame.height == n_records else None
