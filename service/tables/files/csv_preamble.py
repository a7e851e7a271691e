"""Lines before the header of a CSV file: Excel's line on the delimiter, comments, a title."""

import csv
import re
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from service.tables.cells import MISSING_WORDS
from service.tables.files.csv_blocks import utf8_bytes
from service.tables.files.csv_dialect import CsvDialect
from service.tables.files.csv_telling import (
    DELIMITERS,
    SAMPLE_BYTES,
    is_number,
    likeliest_delimiter,
    sampled_records,
    text_of_sample,
)

SEPARATOR_LINE = re.compile(rb'[\r\n]*"?sep=([\t -!#-~])"?(?:\r\n|\r|\n)', re.IGNORECASE)
COMMENT_LINE = re.compile(rb"[\r\n]*#[^\r\n]*(?:\r\n|\r|\n)")


class Preamble(NamedTuple):
    """The lines that are skipped at a file's beginning, and what they declare.

    Attributes
    ----------
    n_bytes
        Of the text in UTF-8, without a byte-order mark.
    n_lines
        How many lines these are, blank ones aside.
    delimiter
        What it names as delimiter; None if nothing.
    """

    n_bytes: int = 0
    n_lines: int = 0
    delimiter: str | None = None


NO_PREAMBLE = Preamble()


def read_preamble(path: Path, dialect: CsvDialect) -> Preamble:
    """Look at a file's beginning for lines that are no part of the table.

    - `sep=;` on the first line, as Excel writes and reads it, names the delimiter.
    - Lines that begin with `#` are comments, but for the last where it is the header: it has as many cells as
      the record after it, which is none itself.
    - A record of one cell is a title where all sampled records after it, two or more, have the same larger
      number of cells.

    Raises
    ------
    BadInputError
        The file cannot be read, or is not in its encoding.
    """
    data = b"".join(islice(utf8_bytes(path, dialect.encoding, n_bytes=SAMPLE_BYTES), 1))
    start, delimiter = 0, dialect.delimiter
    named = SEPARATOR_LINE.match(data)
    if named is not None:
        start = named.end()
        delimiter = delimiter or named[1].decode()
    start = _after_comments(data, start, delimiter)
    start = _after_title(data, start, delimiter)
    n_lines = sum(line != b"" for line in data[:start].splitlines())
    return Preamble(start, n_lines, named[1].decode() if named else None)


def _after_comments(data: bytes, start: int, delimiter: str | None) -> int:
    last = None
    while (comment := COMMENT_LINE.match(data, start)) is not None:
        last, start = comment, comment.end()
    if last is not None and _is_header(
        last[0].decode("utf-8", "ignore").strip("\r\n"), data[start:], delimiter
    ):
        return last.start()
    return start


def _is_header(line: str, data: bytes, delimiter: str | None) -> bool:
    """Tell whether a line that begins with # is the header of what follows: `#,name,score` is one."""
    text = text_of_sample(data)
    delimiter = delimiter or likeliest_delimiter(text, DELIMITERS)
    if delimiter is None:
        return False
    cells = next(csv.reader([line], delimiter=delimiter))
    first, *rows = sampled_records(text, delimiter) or [[]]
    if len(cells) == 1 or len(cells) != len(first):
        return False
    columns = zip(first, *(row for row in rows if len(row) == len(first)), strict=True)
    return not any(_has_name(name, cells_below) for name, *cells_below in columns)


def _has_name(first: str, cells: list[str]) -> bool:
    """Tell whether a column's first cell is a name of numbers."""
    present = [cell for cell in cells if cell.strip().lower() not in MISSING_WORDS]
    is_name = first.strip().lower() not in MISSING_WORDS and not is_number(first, may_have_comma=True)
    return is_name and bool(present) and all(is_number(cell, may_have_comma=True) for cell in present)


def _after_title(data: bytes, start: int, delimiter: str | None) -> int:
    text = text_of_sample(data[start:])
    with_title = None
    for candidate in delimiter or DELIMITERS:
        lengths = [len(record) for record in sampled_records(text, candidate)] if candidate in text else []
        if len(set(lengths)) == 1 and lengths[0] > 1:
            return start  # each row is like the first, which is a header
        first, *others = lengths or [0]
        if first == 1 and len(others) > 1 and len(set(others)) == 1 and others[0] > 1:
            with_title = with_title or candidate
    return start if with_title is None else start + _length_of_record(data[start:], with_title)


def _length_of_record(data: bytes, delimiter: str) -> int:
    """Return where the first record that is not blank ends, its line end included; 0 if it is malformed."""
    lines = list(StringIO(data.decode("latin-1"), newline=""))  # a character a byte: some may be no UTF-8
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        next(record for record in reader if record)
    except csv.Error:
        return 0
    return sum(map(len, lines[: reader.line_num]))
