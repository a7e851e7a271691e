"""Statistics of numeric columns: range, median, quantiles, mean and deviation."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

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

    @property
    def varies(self) -> NDArray[np.bool_]:
        """Whether a column has two finite cells that differ: (n_columns,)."""
        return self.lowest < self.highest

    @property
    def misses_some(self) -> NDArray[np.bool_]:
        """Whether a column has missing cells, and finite ones too: (n_columns,)."""
        return (self.n_missing > 0) & ~np.isnan(self.lowest)

    def reason_left_out(self, column: int, *, n_rows: int) -> str:
        """Say why nothing can be learned from a column, by its place, that neither varies nor misses some."""
        if self.n_missing[column] == n_rows:
            return "every cell is missing in the train set"
        if np.isnan(self.lowest[column]):
            return "no cell is a finite number in the train set"
        return "constant in the train set"

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
    are_finite = numbers.select(pl.all().is_finite().all(ignore_nulls=False)).row(0)
    finite = [
        pl.col(name) if all_are else pl.col(name).filter(pl.col(name).is_finite())
        for name, all_are in zip(numbers.columns, are_finite, strict=True)
    ]
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


class SpreadCells(NamedTuple):
    """Some cells of a column.

    Attributes
    ----------
    halves
        Half of each cell, so that the difference of two huge ones is finite; ascending, (n_cells,).
    ranks
        The share of the column's other cells that come before each, from 0 to 1: (n_cells,).
    """

    halves: NDArray[np.float64]
    ranks: NDArray[np.float64]


def spread_cells(numbers: pl.DataFrame, *, max_steps: int) -> list[SpreadCells]:
    """Take finite cells of each column, the first to the last, in about even steps of rank.

    The order of rows moves no bit. All columns are sorted in parallel.

    Parameters
    ----------
    numbers
        Columns of Float64, each with two finite cells at least.
    max_steps
        The most steps there are; a column of fewer cells has a step between any two.
    """
    last = (numbers.select(pl.all().is_finite().sum()).to_numpy()[0].astype(np.int64) - 1).tolist()
    positions = [np.arange(n + 1) * end // n for end in last for n in [min(max_steps, end)]]
    chosen = numbers.select(
        pl.col(name).filter(pl.col(name).is_finite()).sort().gather(position).implode()
        for name, position in zip(numbers.columns, positions, strict=True)
    )
    return [
        SpreadCells(cells.item().to_numpy() / 2, position / end)
        for cells, position, end in zip(chosen, positions, last, strict=True)
    ]


_SMALLEST_DEVIATION = np.finfo(np.float64).smallest_normal


def moments(X: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and deviation of each column of X (n_rows, n_columns), which is finite; see below."""
    return moments_by_rows(lambda: (X,), largest=np.abs(X).max(axis=0))


def moments_by_rows(
    parts: Callable[[], Iterable[NDArray[np.float64]]], *, largest: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and deviation of the finite cells of each column: (n_columns,).

    Taken of the column divided by its largest magnitude, so that columns near 1e308 do not overflow and
    constant ones, which become exactly 1, have a deviation of exactly 0 before it is set to 1. Rows are added
    one after the other, whatever the parts: these do not move a bit. (NumPy adds the cells of a lone column
    in another order; of such a column there shall be one part.)

    Parameters
    ----------
    parts
        Called twice, for some rows at a time: (n_rows, n_columns) in the order of rows.
    largest
        Largest magnitude of the finite cells of each column: (n_columns,); NaN where none is.
    """
    scale = np.where(largest > 0, largest, 1)
    count = np.zeros(len(scale))
    total = None
    for X in parts():
        scaled, finite = _scaled(X, scale)
        count += len(X) if finite is None else finite.sum(axis=0)
        total = _sum(scaled, before=total)
    count = np.maximum(count, 1)
    mean = (0.0 if total is None else total) / count
    total = None
    for X in parts():
        scaled, finite = _scaled(X, scale)
        scaled -= mean
        scaled *= scaled
        if finite is not None:
            scaled *= finite
        total = _sum(scaled, before=total)
    deviation = np.sqrt((0.0 if total is None else total) / count) * scale
    deviation[deviation < _SMALLEST_DEVIATION] = 1
    return mean * scale, deviation


def _scaled(
    X: NDArray[np.float64], scale: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_] | None]:
    """Return X / scale, with 0 in place of what is not finite, and what is; None for all."""
    finite = np.isfinite(X)
    if finite.all():
        return X / scale, None
    return np.where(finite, X, 0) / scale, finite


def _sum(X: NDArray[np.float64], *, before: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Go on adding rows where a sum stopped; the first row of X is written over."""
    if before is not None:
        X[0] += before
    total: NDArray[np.float64] = X.sum(axis=0)
    return total
