"""Types of columns that the rest of Proctor knows, whatever types a file or a frame has."""

import polars as pl

from service.errors import BadInputError
from service.tables.cells import shown

MOST_DIGITS = 38
"""Of a decimal number that Polars computes with."""


def plain_types(frame: pl.LazyFrame, place: str) -> pl.LazyFrame:
    """Give every column a type that holds one value a cell; nothing is read until the frame is collected.

    Categories become String; decimals, and integers beyond 64 bits, become Float64; a time of day becomes a
    point of 1970-01-01, Datetime in microseconds; a duration becomes Float64, in seconds. All other columns
    stay as they are, and so do names and their order.

    Parameters
    ----------
    frame
        Any frame; its schema is resolved.
    place
        Where it comes from, for messages: a path.

    Raises
    ------
    BadInputError
        A column holds lists, structs, binary data or objects, or decimals of more digits than Polars computes
        with: the first such column.
    """
    schema = frame.collect_schema()
    for name, dtype in schema.items():
        if found := nested_kind(dtype):
            raise BadInputError(f"{place}: {nested_cells(name, found)}")
    changed = [
        expression.alias(name)
        for name, dtype in schema.items()
        if (expression := as_plain(pl.col(name), dtype)) is not None
    ]
    return frame.with_columns(changed) if changed else frame


def nested_cells(name: str, found: str) -> str:
    """Say that a column's cells are no single values: `found` is what they are, in the plural."""
    return f"expected a number, text, boolean or date in each cell, got {found} in column {shown(name)}"


def nested_kind(dtype: pl.DataType) -> str:
    """Say what cells of this type hold where it is no plain value; empty otherwise."""
    if dtype in (pl.List, pl.Array):
        return "lists"
    if dtype == pl.Struct:
        return "structs"
    if dtype == pl.Binary:
        return "binary data"
    if dtype == pl.Object:
        return "Python objects"
    if isinstance(dtype, pl.Decimal) and dtype.precision is not None and dtype.precision > MOST_DIGITS:
        return f"decimals of {dtype.precision} digits; write it as float64"
    return ""


_NANOSECONDS_A_MICROSECOND = 1_000
_UNITS_A_SECOND = {"ms": 1e3, "us": 1e6, "ns": 1e9}


def as_plain(column: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    """Return a column as a type that is known; None where its own is."""
    match dtype:
        case pl.Categorical() | pl.Enum():
            return column.cast(pl.String)
        case pl.Int128() | pl.UInt128() | pl.Decimal():
            return column.cast(pl.Float64)
        case pl.Time():  # nanoseconds since midnight
            return (column.cast(pl.Int64) // _NANOSECONDS_A_MICROSECOND).cast(pl.Datetime("us"))
        case pl.Duration():
            return column.cast(pl.Int64) / _UNITS_A_SECOND[dtype.time_unit]
        case _:
            return None
