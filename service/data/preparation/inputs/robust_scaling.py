"""Scale a column by its median and quartiles on the train set, then draw in what lies far out."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.data.preparation.inputs.column_summary import ColumnSummary

FARTHEST = 1e9
"""Beyond this many ranges the clip is at its limit to the last bit, and a square could overflow."""

_SMALLEST_RANGE = np.finfo(np.float64).smallest_normal


@dataclass(frozen=True, slots=True, eq=False)
class RobustScaling:
    """z = (x - median) / spread; then z / sqrt(1 + (z / 3)**2), which stays within -3 and 3.

    Attributes
    ----------
    median, spread
        Of the train set's finite cells: (n_columns,), in the column's unit. The spread lies between the
        quartiles; where these agree, it is half of that between the smallest and the largest cell.

    References
    ----------
    Holzmüller, Grinsztajn and Steinwart, "Better by Default: Strong Pre-Tuned MLPs and Boosted Trees on
    Tabular Data", 2024, section 3: robust scaling and smooth clipping.
    """

    median: NDArray[np.float64]
    spread: NDArray[np.float64]

    def apply(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scale X (n_rows, n_columns) in place; halves keep the difference of two huge numbers finite."""
        X *= 0.5
        X -= self.median / 2
        with np.errstate(over="ignore"):  # an infinity is clipped next
            X /= self.spread / 2
        np.clip(X, -FARTHEST, FARTHEST, out=X)
        X /= np.sqrt(1 + (X / 3) ** 2)
        return X

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """Return what was fitted, by name."""
        return {"median": self.median, "spread": self.spread}

    def input_names(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Name the inputs: one a column."""
        return columns


def fit_robust_scaling(numbers: pl.DataFrame, summary: ColumnSummary) -> RobustScaling:
    """Take median and spread; the same to the last bit in whatever order the rows are."""
    lower, upper = (
        numbers.select(
            (pl.col(name).filter(pl.col(name).is_finite()) / 2).quantile(share, "linear")
            for name in numbers.columns
        )
        .to_numpy()
        .astype(np.float64)[0]
        for share in (0.25, 0.75)
    )
    between_halves = np.where(upper > lower, upper - lower, (summary.highest / 2 - summary.lowest / 2) / 2)
    # A range may be up to twice the largest float: what exceeds it is the largest float, to one bit of scale.
    spread = np.minimum(between_halves, np.finfo(np.float64).max / 2) * 2
    return RobustScaling(summary.median, np.where(spread < _SMALLEST_RANGE, 1.0, spread))
