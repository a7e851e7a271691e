"""Telling how a CSV file is written, decimal commas included, from its first records."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import StringIO

from service.errors import BadInputError
from service.tables.cells import shown
from service.tables.files.csv_alignment import ALIGNED_DELIMITER, tabs_for_blanks
from service.tables.files.csv_blocks import CsvBlock, end_of_records
from service.tables.files.csv_dialect import CsvDialect

WITH_POINT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
WITH_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)?(,\d+)([eE][+-]?\d+)?")

COMMA_FOR_SURE = re.compile(r"[+-]?(0+,\d+|\d*,(\d{1,2}|\d{4,})|\d{4,},\d+|\d{1,3}(\.\d{3})+,\d+)([eE].*)?")
"""Numbers whose comma cannot group thousands."""

POINT_FOR_SURE = re.compile(
    r"[+-]?(0+\.\d+|\d*\.(\d{1,2}|\d{4,})|\d{4,}\.\d+|\d{1,3}((,\d{3})+\.\d+|(,\d{3}){2,}))([eE].*)?"
)
"""Numbers whose point cannot group thousands, or whose commas must."""

WITH_GROUPS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


def is_number(cell: str, *, may_have_comma: bool) -> bool:
    """Tell whether a cell is a decimal number, with a point or, if it may be, a comma."""
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
        is_number(cell, may_have_comma=True) for cell in cells
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
    text = text_of_sample(block.data)
    likely = likeliest_delimiter(text, DELIMITERS)
    if dialect.delimiter is None and likely is None and is_aligned(text):
        dialect = replace(dialect, delimiter=" ", is_aligned=True)
        text = tabs_for_blanks(text.encode()).decode()
    delimiter = dialect.delimiter or likely or DELIMITERS[0]
    records = sampled_records(text, ALIGNED_DELIMITER if dialect.is_aligned else delimiter)
    if records and len(records[0]) == 1:
        other = likely or likeliest_delimiter(text, OTHER_DELIMITERS)
        if other is not None:
            raise BadInputError(
                f"expected columns separated by , ; | tabs, blanks or the named delimiter, got one column,"
                f" {shown(records[0][0])}: is the delimiter {other!r}? ({block.place(0)})"
            )
    comma = dialect.decimal_comma
    if comma is None:
        comma = delimiter != "," and is_decimal_comma(records[1:], is_expected=delimiter == ";")
    return replace(dialect, delimiter=delimiter, decimal_comma=comma)


def text_of_sample(data: bytes) -> str:
    """Return the first whole records of a file as text: as much as a sample has."""
    if len(data) > SAMPLE_BYTES:
        data = data[: end_of_records(data[:SAMPLE_BYTES]) or SAMPLE_BYTES]
    return data.decode("utf-8", "ignore")


def is_aligned(text: str) -> bool:
    """Tell whether runs of blanks cut all records, two or more, into the same number of cells, above one."""
    records = sampled_records(tabs_for_blanks(text.encode()).decode(), ALIGNED_DELIMITER)
    lengths = {len(record) for record in records}
    return len(records) > 1 and len(lengths) == 1 and lengths != {1}


def sampled_records(text: str, delimiter: str) -> list[list[str]]:
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


def likeliest_delimiter(text: str, delimiters: str) -> str | None:
    """Return the delimiter that explains the sample best, the first of equals; None if no header has one."""
    likeliness = {
        delimiter: found for delimiter in delimiters if (found := _likeliness(text, delimiter)) is not None
    }
    return max(likeliness, key=likeliness.__getitem__) if likeliness else None


def _likeliness(text: str, delimiter: str) -> _Likeliness | None:
    records = sampled_records(text, delimiter)
    if not records or len(records[0]) == 1:
        return None
    header, rows = records[0], records[1:]
    cells = [cell for row in rows for cell in row if cell.strip()]
    return _Likeliness(
        rows_like_header=sum(len(row) == len(header) for row in rows) / max(len(rows), 1),
        numbers=sum(is_number(cell, may_have_comma=delimiter != ",") for cell in cells) / max(len(cells), 1),
        n_columns=len(header),
    )
