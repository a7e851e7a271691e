"""Types of columns that the rest of Proctor knows, whatever types a file or a frame has."""

import polars as pl

from service.errors import BadInputError
from service.tables.cells import shown

MOST_DIGITS = 38
"""Of a decimal number that Polars computes with."""


def plain_types(frame: pl.LazyFrame, place: str) -> pl.LazyFrame:
    """Give every column a type that holds one value a cell; nothing is read until the frame is collected.

    Categories become String; integers beyond 64 bits become Float64; a time of day becomes a point of
    1970-01-01, Datetime in microseconds; a duration becomes Float64, in seconds. All other columns stay as
    they are, and so do names and their order.

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
        if found := _not_plain(dtype):
            raise BadInputError(
                f"expected one number, word, truth value or date a cell, column {shown(name)} holds {found} "
                f"({place})"
            )
    changed = [
        expression.alias(name)
        for name, dtype in schema.items()
        if (expression := _as_plain(pl.col(name), dtype)) is not None
    ]
    return frame.with_columns(changed) if changed else frame


def _not_plain(dtype: pl.DataType) -> str:
    """Say what cells of this type hold where it is more than one value; else nothing."""
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


def _as_plain(column: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    """Return the column as a type that is known; None where its own is."""
    if dtype in (pl.Categorical, pl.Enum):
        return column.cast(pl.String)
    if dtype in (pl.Int128, pl.UInt128):
        return column.cast(pl.Float64)
    if dtype == pl.Time:
        return (column.cast(pl.Int64) // 1000).cast(pl.Datetime("us"))  # its nanoseconds since midnight
    if dtype == pl.Duration:
        return column.dt.total_microseconds() / 1e6
    return None
