"""What is told of numeric columns by their order alone: the range, the median, and how many cells miss."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class ColumnSummary:
    """Of each column, and of its finite cells but for `n_missing`: arrays (n_columns,).

    NaN where a column has no finite cell.
    """

    lowest: NDArray[np.float64]
    median: NDArray[np.float64]
    highest: NDArray[np.float64]
    n_missing: NDArray[np.int64]

    def of(self, is_chosen: NDArray[np.bool_]) -> "ColumnSummary":
        """Return the summary of some of the columns."""
        return ColumnSummary(
            self.lowest[is_chosen], self.median[is_chosen], self.highest[is_chosen], self.n_missing[is_chosen]
        )


def summarize(numbers: pl.DataFrame) -> ColumnSummary:
    """Summarize columns of Float64; the same to the last bit in whatever order the rows are.

    The median of an even number of cells is half-way between the two in the middle. It is taken of halves, so
    that two cells near 1e308 do not overflow.
    """
    finite = [pl.col(name).filter(pl.col(name).is_finite()) for name in numbers.columns]
    return ColumnSummary(
        lowest=_row(numbers.select(cells.min() for cells in finite)),
        median=_row(numbers.select((cells / 2).median() for cells in finite)) * 2,
        highest=_row(numbers.select(cells.max() for cells in finite)),
        n_missing=numbers.select(pl.all().null_count() + pl.all().is_nan().sum())
        .to_numpy()[0]
        .astype(np.int64),
    )


def _row(one_row: pl.DataFrame) -> NDArray[np.float64]:
    """Return a frame of one row as an array, null as NaN."""
    first: NDArray[np.float64] = one_row.to_numpy().astype(np.float64)[0]
    return first
