"""A column of times, which decides what comes before what: dates of any format, or numbers."""

import polars as pl

from service.tables.column_kinds import ColumnKind
from service.tables.columns import Column, typed_cells
from service.tables.date_cells import told_format
from service.tables.missing_cells import is_missing
from service.tables.number_cells import numbers


def times(cells: pl.Series, *, decimal_comma: bool) -> pl.Series:
    """Read each cell as a time: Datetime in microseconds, or Float64 (n,); null where it is none.

    Parameters
    ----------
    cells
        Text, dates or numbers (n,).
    decimal_comma
        Whether numbers may be written with one.
    """
    is_text = cells.dtype == pl.String
    written = told_format(cells.filter(~is_missing(cells))) if is_text else None
    if written is None and (is_text or cells.dtype.is_numeric()):
        return numbers(cells, decimal_comma=decimal_comma)
    column = Column(name=cells.name, kind=ColumnKind.DATE, date_format=written)
    return typed_cells(cells, column).values.rename(cells.name)
