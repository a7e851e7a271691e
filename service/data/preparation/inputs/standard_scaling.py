"""Scale a column by its mean and deviation on the train set."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.data.preparation.inputs.column_summary import ColumnSummary
from service.data.preparation.inputs.moments import moments_by_rows

_COLUMNS_AT_ONCE = 64
_CELLS_AT_ONCE = 100_000
"""Cells that are copied when moments are taken: with their copies they stay in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class StandardScaling:
    """z = (x - mean) / deviation.

    Attributes
    ----------
    mean, deviation
        Of the train set's finite cells: (n_columns,), in the column's unit. The deviation is the population's
        (divided by their number); 1 where it would be 0.
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]

    def apply(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scale X (n_rows, n_columns) in place; halves keep the difference of two huge numbers finite."""
        X *= 0.5
        X -= self.mean / 2
        with np.errstate(over="ignore"):  # whoever makes float32 of it takes care of infinities
            X /= self.deviation / 2
        return X

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """Return what was fitted, by name."""
        return {"mean": self.mean, "deviation": self.deviation}

    def input_names(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Name the inputs: one a column."""
        return columns


def fit_standard_scaling(numbers: pl.DataFrame, summary: ColumnSummary) -> StandardScaling:
    """Take mean and deviation of the finite cells of each column.

    Rows are added one after the other, so another order of rows moves both by rounding.
    """
    largest = np.maximum(np.abs(summary.lowest), np.abs(summary.highest))
    mean, deviation = np.empty(numbers.width), np.empty(numbers.width)
    for columns in _column_blocks(numbers.width):
        block = numbers[:, columns]
        n_rows = numbers.height if numbers.width == 1 else -(-_CELLS_AT_ONCE // block.width)
        mean[columns], deviation[columns] = moments_by_rows(
            partial(_parts, block, n_rows), largest=largest[columns]
        )
    return StandardScaling(mean, deviation)


def _column_blocks(n_columns: int) -> Iterator[slice]:
    """Part columns into blocks; none has a lone column, unless that is all there is."""
    n_blocks = -(-n_columns // _COLUMNS_AT_ONCE)
    ends = [n_columns * block // n_blocks for block in range(n_blocks + 1)] if n_blocks else []
    yield from (slice(first, end) for first, end in pairwise(ends))


def _parts(block: pl.DataFrame, n_rows: int) -> Iterator[NDArray[np.float64]]:
    for first in range(0, block.height, n_rows):
        yield block[first : first + n_rows].to_numpy(order="c")
