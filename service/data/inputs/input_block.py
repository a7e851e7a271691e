"""The contract of a part of the inputs, made of columns of one kind, and the types it takes them in."""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.tables.column_kinds import ColumnKind

Statistics: TypeAlias = Mapping[str, NDArray[np.generic]]
"""Arrays by name."""

Rows: TypeAlias = slice | NDArray[np.intp]
"""Some rows of a table: all from one to another, or those at these positions."""

RowWriter: TypeAlias = Callable[[Rows, NDArray[np.float32]], None]
"""Writes the inputs of some of the rows into zeros: (n_rows of these, n_inputs of the block)."""


class InputBlock(Protocol):
    """Some inputs next to each other, fitted; a row's inputs depend on that row alone."""

    @property
    def kinds(self) -> Mapping[str, ColumnKind]:
        """The columns that are read, each with its kind."""

    @property
    def input_names(self) -> tuple[str, ...]:
        """A readable name for each input."""

    def arrays(self) -> Statistics:
        """Return the statistics that were fitted, by name."""

    def writer(self, frame: pl.DataFrame) -> RowWriter:
        """Read all that is needed of a table, and return what writes the inputs of some of its rows.

        Reading goes column by column, in parallel; writing goes by rows, into inputs that are zero, and in
        several threads at once.
        """


MICROSECONDS_A_DAY = 86_400_000_000

TYPES: dict[ColumnKind, pl.DataType] = {
    ColumnKind.IMAGE: pl.Float64(),
    ColumnKind.NUMERIC: pl.Float64(),
    ColumnKind.BOOLEAN: pl.Boolean(),
    ColumnKind.DATE: pl.Datetime("us"),
    ColumnKind.CATEGORICAL: pl.String(),
}
"""Type of the columns of each kind that is learned from, in the order that their inputs have."""


def insist_on_types(frame: pl.DataFrame, kinds: Mapping[str, ColumnKind]) -> None:
    """Refuse a frame that lacks a column, or has it in another type.

    Raises
    ------
    ValueError
        Naming the column, the type expected and what was found.
    """
    schema = frame.schema
    for name, kind in kinds.items():
        if name not in schema:
            raise ValueError(f"expected every column that was learned from, got none called {name!r}")
        if schema[name] != TYPES[kind]:
            raise ValueError(f"expected {TYPES[kind]} in a {kind} column, got {schema[name]} ({name!r})")


def as_numbers(frame: pl.DataFrame, columns: tuple[str, ...], *, kind: ColumnKind) -> pl.DataFrame:
    """Read columns of one kind as Float64, missing cells null.

    A boolean is 0 or 1, a date the days since 1970 began; numbers are as they are, and not copied.
    """
    match kind:
        case ColumnKind.BOOLEAN:
            return frame.select(pl.col(columns).cast(pl.Float64))
        case ColumnKind.DATE:
            return frame.select(pl.col(columns).cast(pl.Int64) / MICROSECONDS_A_DAY)
        case _:
            return frame.select(columns)
