"""Excel workbooks: one sheet as a table. Imported where one is read: fastexcel is an extra."""

import re
from pathlib import Path
from typing import NamedTuple

import polars as pl
from fastexcel import ExcelReader, ExcelSheet, FastExcelError, read_excel

from search_spaces.nearest_word import nearest_word
from service.errors import BadInputError
from service.tables.cells import shown
from service.tables.header import listed

MOST_ROWS_BEFORE_HEADER = 20
"""Rows of one cell or none, a title and the space under it, that are looked past."""

NUMBERED = re.compile(r"(.*)_\d+")
"""How the reader calls a column whose name was there before."""


class Sheet(NamedTuple):
    """A sheet: its name, the names in its header, empty where there is none, and its rows."""

    name: str
    header: list[str]
    frame: pl.DataFrame


def read_workbook(path: Path, sheet: str | None) -> Sheet:
    """Read a sheet. Its header is the first row with two cells that are filled.

    A column is numbers, truth values, dates or text, and text where it is some of each. A cell with an Excel
    error, such as #N/A, is missing. Columns without name and cells, and empty rows at the end, are left out.

    Parameters
    ----------
    path
        The workbook.
    sheet
        The sheet's name; None for the first.

    Raises
    ------
    BadInputError
        The workbook is damaged, or there is no such sheet, or it is empty.
    """
    try:
        reader = read_excel(path)
        name = _chosen(sheet, tuple(reader.sheet_names), path)
        return _read(reader, name, path)
    except FastExcelError as error:
        reason = f"{error}".splitlines()[0]
        raise BadInputError(f"the Excel workbook cannot be read: {reason} ({path})") from None


def _chosen(sheet: str | None, names: tuple[str, ...], path: Path) -> str:
    if not names:
        raise BadInputError(f"expected an Excel workbook with a sheet, got one without ({path})")
    if sheet is None:
        return names[0]
    if sheet in names:
        return sheet
    nearest = nearest_word(sheet, names)
    hint = f"did you mean {shown(nearest)}?" if nearest else f"the sheets are {listed(names)}"
    raise BadInputError(f"the workbook has no sheet {shown(sheet)}; {hint} ({path})")


def _read(reader: ExcelReader, name: str, path: Path) -> Sheet:
    row = 0
    found = first = _loaded(reader, name, row)
    while found.width > 1 and _n_named(found) < 2 and row < MOST_ROWS_BEFORE_HEADER:
        row += 1
        found = _loaded(reader, name, row)
    if _n_named(found) < 2:
        row, found = 0, first
    if not found.width:
        raise BadInputError(f"expected a header, got the empty sheet {shown(name)} ({path})")
    columns = found.available_columns()
    header = [column.name if column.column_name_from == "looked_up" else "" for column in columns]
    if any((numbered := NUMBERED.fullmatch(cell)) and numbered[1] in header for cell in header):
        written = reader.load_sheet(name, header_row=None, skip_rows=row or None, n_rows=1, dtypes="string")
        header = [cell or "" for cell in written.to_polars().row(0)]
    frame = found.to_polars()
    kept = [
        index
        for index, cell in enumerate(header)
        if cell.strip() or frame.to_series(index).null_count() < len(frame)
    ]
    return Sheet(name, [header[index] for index in kept], frame.select(pl.nth(kept)))


def _loaded(reader: ExcelReader, name: str, header_row: int) -> ExcelSheet:
    return reader.load_sheet(
        name, header_row=header_row, schema_sample_rows=None, skip_whitespace_tail_rows=True
    )


def _n_named(sheet: ExcelSheet) -> int:
    return sum(column.column_name_from == "looked_up" for column in sheet.available_columns())
