"""Encode a number by how far it has come through each of some bins."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.data.preparation.inputs.sorted_cells import spread_cells

MAX_BINS = 16


@dataclass(frozen=True, slots=True, eq=False)
class PiecewiseLinearEncoding:
    """z_t = 2 e_t - 1, where e_t = (x - b_(t-1)) / (b_t - b_(t-1)), not below 0 and not above 1.

    The edges b_0 < b_1 < ... are 17 cells of the train set in even steps of rank, equal ones taken once. The
    inputs stand in place of the scaled number. Doubling and shifting gives them about the size of scaled
    numbers. The first bin and the last go no further than the others, where the source lets them go on: a
    number outside the train set's range shall not become a huge input.

    Attributes
    ----------
    half_edges
        Half of the edges, in the column's unit, ascending in each column; all columns' one after the other.
    n_edges
        How many of them each column has: int64 (n_columns,).

    References
    ----------
    Gorishniy, Rubachev and Babenko, "On Embeddings for Numerical Features in Tabular Deep Learning", 2022,
    equation 1.
    """

    half_edges: NDArray[np.float64]
    n_edges: NDArray[np.int64]

    def apply(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Encode X (n_rows, n_columns) as (n_rows, n_bins of all columns)."""
        ends = np.cumsum(self.n_edges)
        encoded = np.empty((len(X), len(self.half_edges) - len(self.n_edges)))
        for j, (first, end) in enumerate(zip(ends - self.n_edges, ends, strict=True)):
            edges = self.half_edges[first:end]
            bins = encoded[:, first - j : end - 1 - j]
            np.subtract(X[:, j, np.newaxis] / 2, edges[:-1], out=bins)
            with np.errstate(over="ignore"):  # an infinity is clipped next
                bins /= edges[1:] - edges[:-1]
        np.clip(encoded, 0, 1, out=encoded)
        encoded *= 2
        encoded -= 1
        return encoded

    def arrays(self) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
        """Return what was fitted, by name."""
        return {"half_edges": self.half_edges, "n_edges": self.n_edges}

    def input_names(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Name the inputs: one a bin of each column."""
        return tuple(
            f"{column} (bin {t} of {n - 1})"
            for column, n in zip(columns, self.n_edges.tolist(), strict=True)
            for t in range(1, n)
        )


def fit_piecewise_linear(numbers: pl.DataFrame) -> PiecewiseLinearEncoding:
    """Take the bins' edges; the same to the last bit in whatever order the rows are."""
    edges = [np.unique(cells.halves) for cells in spread_cells(numbers, max_steps=MAX_BINS)]
    return PiecewiseLinearEncoding(np.concatenate(edges), np.array([len(column) for column in edges]))
