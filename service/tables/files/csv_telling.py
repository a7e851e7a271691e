"""Telling how a CSV file is written, from its first records."""

import csv
from dataclasses import dataclass, replace
from io import StringIO

from service.errors import BadInputError
from service.tables.csv_cells import shown
from service.tables.files.csv_blocks import CsvBlock, end_of_records
from service.tables.files.csv_dialect import CsvDialect
from service.tables.files.decimal_commas import is_decimal_comma, is_number

DELIMITERS = ",;\t|"
"""What is told, the likelier first."""

OTHER_DELIMITERS = ":~^ "
"""What is offered where none of these is there."""

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
    text = _sample(block)
    likely = _likeliest(text, DELIMITERS)
    delimiter = dialect.delimiter or likely or DELIMITERS[0]
    records = _records(text, delimiter)
    if records and len(records[0]) == 1:
        other = likely or _likeliest(text, OTHER_DELIMITERS)
        if other is not None:
            raise BadInputError(
                f"the cells of a row are separated by one of , ; | or a tab, or what is named as delimiter; "
                f"found one column, {shown(records[0][0])}: is the delimiter {other!r}? ({block.place(0)})"
            )
    comma = dialect.decimal_comma
    if comma is None:
        comma = delimiter != "," and is_decimal_comma(records[1:], is_expected=delimiter == ";")
    return replace(dialect, delimiter=delimiter, decimal_comma=comma)


def _sample(block: CsvBlock) -> str:
    data = block.data
    if len(data) > SAMPLE_BYTES:
        data = data[: end_of_records(data[:SAMPLE_BYTES]) or SAMPLE_BYTES]
    return data.decode("utf-8", "ignore")


def _records(text: str, delimiter: str) -> list[list[str]]:
    """Return the first records that are not blank: as far as they can be read, for the reading tells."""
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


def _likeliest(text: str, delimiters: str) -> str | None:
    """Return the delimiter that explains the sample best, the first of equals; None if no header has one."""
    likeliness = {
        delimiter: found for delimiter in delimiters if (found := _likeliness(text, delimiter)) is not None
    }
    return max(likeliness, key=likeliness.__getitem__) if likeliness else None


def _likeliness(text: str, delimiter: str) -> _Likeliness | None:
    records = _records(text, delimiter)
    if not records or len(records[0]) == 1:
        return None
    header, rows = records[0], records[1:]
    cells = [cell for row in rows for cell in row if cell.strip()]
    return _Likeliness(
        rows_like_header=sum(len(row) == len(header) for row in rows) / max(len(rows), 1),
        numbers=sum(is_number(cell, may_have_comma=delimiter != ",") for cell in cells) / max(len(cells), 1),
        n_columns=len(header),
    )
