"""How a CSV file is written: its delimiter, its decimal commas, and the lines before its header.

The user may say it. What is left open is detected from the first records. Lines before the header are
Excel's line on the delimiter, comments, or a title.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from service.errors import BadInputError
from service.tables.cells import MISSING_WORDS, shown
from service.tables.files.csv_blocks import CsvBlock, end_of_records, utf8_bytes
from service.tables.files.csv_structure import ALIGNED_DELIMITER, tabs_for_blanks

QUOTE = '"'


@dataclass(frozen=True, slots=True)
class CsvDialect:
    """How a CSV file is written; None where that is inferred from the file.

    Attributes
    ----------
    encoding
        Python's name of the encoding. UTF-8 and, by its byte-order mark, UTF-16 are detected.
    delimiter
        What stands between cells, one ASCII character.
    decimal_comma
        Whether 1,5 is one and a half, and 1.234 more than a thousand.
    is_aligned
        Whether a run of blanks stands between cells, rather than the delimiter; only the file tells.

    Raises
    ------
    BadInputError
        The delimiter can be none, or there is no such encoding.
    """

    encoding: str | None = None
    delimiter: str | None = None
    decimal_comma: bool | None = None
    is_aligned: bool = False

    def __post_init__(self) -> None:
        if self.delimiter is not None and not _can_delimit(self.delimiter):
            raise BadInputError(
                f"expected one ASCII character as delimiter, neither a quote nor a line end, got"
                f" {shown(self.delimiter)}"
            )
        if self.encoding is not None:
            try:
                "".encode(self.encoding)
            except (LookupError, UnicodeError, ValueError):
                raise BadInputError(
                    f"expected an encoding that Python knows, such as cp1252, got {shown(self.encoding)}"
                ) from None


def _can_delimit(text: str) -> bool:
    return len(text) == 1 and text.isascii() and text not in f"{QUOTE}\r\n\0"


WITH_POINT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
WITH_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)?(,\d+)([eE][+-]?\d+)?")

COMMA_FOR_SURE = re.compile(r"[+-]?(0+,\d+|\d*,(\d{1,2}|\d{4,})|\d{4,},\d+|\d{1,3}(\.\d{3})+,\d+)([eE].*)?")
"""Numbers whose comma cannot group thousands."""

POINT_FOR_SURE = re.compile(
    r"[+-]?(0+\.\d+|\d*\.(\d{1,2}|\d{4,})|\d{4,}\.\d+|\d{1,3}((,\d{3})+\.\d+|(,\d{3}){2,}))([eE].*)?"
)
"""Numbers whose point cannot group thousands, or whose commas must."""

WITH_GROUPS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


def _is_number(cell: str, *, may_have_comma: bool) -> bool:
    """Return whether a cell is a decimal number, with a point or, if it may be, a comma."""
    cell = cell.strip()
    return bool(WITH_POINT.fullmatch(cell) or (may_have_comma and WITH_COMMA.fullmatch(cell)))


def is_decimal_comma(rows: Sequence[Sequence[str]], *, is_expected: bool) -> bool:
    """Tell whether 1,5 is one and a half in these rows.

    Each column has a say: it is for the comma if all its cells are numbers if read so, and a comma is there;
    a number such as 1,234 could be read either way.

    Parameters
    ----------
    rows
        Cells by row; rows may be ragged.
    is_expected
        What commas are read as if all could be either.
    """
    n_columns = max(map(len, rows), default=0)
    columns = [
        [cell for row in rows if column < len(row) and (cell := row[column].strip())]
        for column in range(n_columns)
    ]
    with_comma = [cells for cells in columns if _are_numbers_with_comma(cells)]
    votes = sum(any(map(COMMA_FOR_SURE.fullmatch, cells)) for cells in with_comma)
    against = sum(any(map(POINT_FOR_SURE.fullmatch, cells)) for cells in columns if _are_numbers(cells))
    if votes or against:
        return votes > against
    return bool(with_comma) and is_expected


def _are_numbers_with_comma(cells: Sequence[str]) -> bool:
    return any(map(WITH_COMMA.fullmatch, cells)) and all(
        _is_number(cell, may_have_comma=True) for cell in cells
    )


def _are_numbers(cells: Sequence[str]) -> bool:
    return bool(cells) and all(WITH_POINT.fullmatch(cell) or WITH_GROUPS.fullmatch(cell) for cell in cells)


DELIMITERS = ",;\t|"
"""Delimiters that are detected, the likelier first."""

OTHER_DELIMITERS = ":~^ "
"""Delimiters that an error suggests if none of these is there."""

SAMPLE_BYTES = 2**18
SAMPLE_RECORDS = 500


@dataclass(frozen=True, slots=True, order=True)
class _Likeliness:
    """How well a delimiter explains the sample: the greater the better, the first number before the next."""

    rows_like_header: float
    numbers: float
    n_columns: int


def told_dialect(block: CsvBlock, dialect: CsvDialect) -> CsvDialect:
    """Fill in what the dialect leaves open.

    Parameters
    ----------
    block
        The file's first, from its header on.
    dialect
        What is known already.

    Raises
    ------
    BadInputError
        There is one column, and another delimiter would give more.
    """
    text = _text_of_sample(block.data)
    likely = _likeliest_delimiter(text, DELIMITERS)
    if dialect.delimiter is None and likely is None and is_aligned(text):
        dialect = replace(dialect, delimiter=" ", is_aligned=True)
        text = tabs_for_blanks(text.encode()).decode()
    delimiter = dialect.delimiter or likely or DELIMITERS[0]
    records = _sampled_records(text, ALIGNED_DELIMITER if dialect.is_aligned else delimiter)
    if records and len(records[0]) == 1:
        other = likely or _likeliest_delimiter(text, OTHER_DELIMITERS)
        if other is not None:
            raise BadInputError(
                f"{block.place(0)}: expected columns separated by , ; | tabs, blanks or the named"
                " delimiter, got one column,"
                f" {shown(records[0][0])}: is the delimiter {other!r}?"
            )
    comma = dialect.decimal_comma
    if comma is None:
        comma = delimiter != "," and is_decimal_comma(records[1:], is_expected=delimiter == ";")
    return replace(dialect, delimiter=delimiter, decimal_comma=comma)


def _text_of_sample(data: bytes) -> str:
    """Return the first whole records of a file as text: as much as a sample has."""
    if len(data) > SAMPLE_BYTES:
        data = data[: end_of_records(data[:SAMPLE_BYTES]) or SAMPLE_BYTES]
    return data.decode("utf-8", "ignore")


def is_aligned(text: str) -> bool:
    """Tell whether runs of blanks cut all records, two or more, into the same number of cells, above one."""
    records = _sampled_records(tabs_for_blanks(text.encode()).decode(), ALIGNED_DELIMITER)
    lengths = {len(record) for record in records}
    return len(records) > 1 and len(lengths) == 1 and lengths != {1}


def _sampled_records(text: str, delimiter: str) -> list[list[str]]:
    """Return the first records that are not blank, as far as they can be read."""
    records: list[list[str]] = []
    try:
        for cells in csv.reader(StringIO(text, newline=""), delimiter=delimiter):
            if cells:
                records.append(cells)
            if len(records) > SAMPLE_RECORDS:
                break
    except csv.Error:
        pass  # a cell too long for a sample
    return records


def _likeliest_delimiter(text: str, delimiters: str) -> str | None:
    """Return the delimiter that explains the sample best, the first of equals; None if no header has one."""
    likeliness = {
        delimiter: found for delimiter in delimiters if (found := _likeliness(text, delimiter)) is not None
    }
    return max(likeliness, key=likeliness.__getitem__) if likeliness else None


def _likeliness(text: str, delimiter: str) -> _Likeliness | None:
    records = _sampled_records(text, delimiter)
    if not records or len(records[0]) == 1:
        return None
    header, rows = records[0], records[1:]
    cells = [cell for row in rows for cell in row if cell.strip()]
    return _Likeliness(
        rows_like_header=sum(len(row) == len(header) for row in rows) / max(len(rows), 1),
        numbers=sum(_is_number(cell, may_have_comma=delimiter != ",") for cell in cells) / max(len(cells), 1),
        n_columns=len(header),
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
    """Return whether a line that begins with # is the header of what follows: `#,name,score` is one."""
    text = _text_of_sample(data)
    delimiter = delimiter or _likeliest_delimiter(text, DELIMITERS)
    if delimiter is None:
        return False
    cells = next(csv.reader([line], delimiter=delimiter))
    first, *rows = _sampled_records(text, delimiter) or [[]]
    if len(cells) == 1 or len(cells) != len(first):
        return False
    columns = zip(first, *(row for row in rows if len(row) == len(first)), strict=True)
    return not any(_has_name(name, cells_below) for name, *cells_below in columns)


def _has_name(first: str, cells: list[str]) -> bool:
    """Return whether a column's first cell is a name of numbers."""
    present = [cell for cell in cells if cell.strip().lower() not in MISSING_WORDS]
    is_name = first.strip().lower() not in MISSING_WORDS and not _is_number(first, may_have_comma=True)
    return is_name and bool(present) and all(_is_number(cell, may_have_comma=True) for cell in present)


def _after_title(data: bytes, start: int, delimiter: str | None) -> int:
    text = _text_of_sample(data[start:])
    with_title = None
    for candidate in delimiter or DELIMITERS:
        lengths = [len(record) for record in _sampled_records(text, candidate)] if candidate in text else []
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
