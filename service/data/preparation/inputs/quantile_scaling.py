"""Scale a column by the ranks of its cells on the train set, brought to a normal distribution."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from service.data.preparation.inputs.sorted_cells import SpreadCells, spread_cells

MAX_STEPS = 1000
"""The most steps between a column's quantiles."""

LARGEST_SCORE = 3.0
"""Scores end here: a share of 0.00135 of a normal distribution lies beyond, to each side."""


@dataclass(frozen=True, slots=True, eq=False)
class QuantileScaling:
    """z: interpolated between the distinct quantiles of the column, each at the normal score of its rank.

    A cell of rank p, from 0 to 1, has the score inverse_cdf(p) of the normal distribution, not beyond -3 and
    3. Quantiles that agree are one, of their mean rank, so that a column of two values becomes two moderate
    numbers.

    Attributes
    ----------
    half_quantiles, scores
        Half of the distinct quantiles, in the column's unit, ascending in each column, and their scores, in
        deviations; all columns' one after the other.
    n_points
        How many of them each column has: int64 (n_columns,).

    References
    ----------
    Bliss, "The Calculation of the Dosage-Mortality Curve", 1935 (normal scores); scikit-learn's
    QuantileTransformer, which puts the smallest and largest cell of any column at -5.2 and 5.2.
    """

    half_quantiles: NDArray[np.float64]
    scores: NDArray[np.float64]
    n_points: NDArray[np.int64]

    def apply(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scale X (n_rows, n_columns) in place; what lies outside the quantiles has the score of the last."""
        ends = np.cumsum(self.n_points)
        for j, (first, end) in enumerate(zip(ends - self.n_points, ends, strict=True)):
            X[:, j] = _interpolated(X[:, j] / 2, self.half_quantiles[first:end], self.scores[first:end])
        return X

    def arrays(self) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
        """Return what was fitted, by name."""
        return {"half_quantiles": self.half_quantiles, "scores": self.scores, "n_points": self.n_points}

    def input_names(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Name the inputs: one a column."""
        return columns


def _interpolated(
    half_cells: NDArray[np.float64], quantiles: NDArray[np.float64], scores: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Interpolate as NumPy does, also where two quantiles are so near that the slope between is infinite."""
    with np.errstate(over="ignore"):
        z: NDArray[np.float64] = np.interp(half_cells, quantiles, scores)
    is_steep = np.isinf(z)
    if is_steep.any():
        between = half_cells[is_steep]
        lower = np.searchsorted(quantiles, between) - 1
        share = (between - quantiles[lower]) / (quantiles[lower + 1] - quantiles[lower])
        z[is_steep] = scores[lower] + share * (scores[lower + 1] - scores[lower])
    return z


def fit_quantile_scaling(numbers: pl.DataFrame) -> QuantileScaling:
    """Take quantiles and their scores; the same to the last bit in whatever order the rows are."""
    fitted = [_points(cells) for cells in spread_cells(numbers, max_steps=MAX_STEPS)]
    return QuantileScaling(
        np.concatenate([quantiles for quantiles, _ in fitted]),
        np.concatenate([scores for _, scores in fitted]),
        np.array([len(quantiles) for quantiles, _ in fitted]),
    )


def _points(cells: SpreadCells) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    quantiles, first, counts = np.unique(cells.halves, return_index=True, return_counts=True)
    mean_rank = (cells.ranks[first] + cells.ranks[first + counts - 1]) / 2
    return quantiles, np.clip(ndtri(mean_rank), -LARGEST_SCORE, LARGEST_SCORE)
