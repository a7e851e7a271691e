"""Cells spread evenly over a column's order: quantiles, with nothing made up between two cells."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray


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
