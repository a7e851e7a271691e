"""The contract of a part of the inputs: made of some columns of one kind, beside the other parts."""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.tables.column_kinds import ColumnKind

Statistics: TypeAlias = Mapping[str, NDArray[np.generic]]
"""Arrays by name."""

RowWriter: TypeAlias = Callable[[slice, NDArray[np.float32]], None]
"""Writes the inputs of a slice of the rows into zeros: (n_rows of the slice, n_inputs of the block)."""


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

        Reading goes column by column, in parallel; writing goes by rows, into inputs that are zero.
        """
