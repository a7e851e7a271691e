"""Columns that tell the target by themselves: more often a leak than luck."""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from threadpoolctl import threadpool_limits

from workers.train_dev_data import Task

MOST_EXAMPLES = 5000
"""Of more so many are drawn: a column that tells everything does so in any of them."""

LEAST_ACCURACY = 0.99
LEAST_R_SQUARED = 0.995
MOST_ERROR_LEFT = 0.1
"""Of a constant prediction's errors, what a telling column leaves at most: rare classes come for nothing."""

_LEAVES_A_CLASS = 4
_LEAVES_OF_NUMBERS = 200


def telling_columns(
    values: pl.DataFrame, y: NDArray[np.int64] | NDArray[np.float64], *, task: Task, seed: int
) -> Mapping[str, float]:
    """Return the columns that tell the target nearly perfectly, with the accuracy or R² that each reaches.

    A small decision tree on the column alone is grown on one half of the examples and judged on the other.

    Parameters
    ----------
    values
        The columns' values, as `service.tables.columns.typed_frame` makes them.
    y
        Class indices, or numbers (n_examples,).
    task
        Which of the two.
    seed
        Source of what is drawn.
    """
    rng = np.random.default_rng(np.random.SeedSequence([seed, int.from_bytes(b"telling columns")]))
    rows = rng.permutation(len(y))[:MOST_EXAMPLES]
    grown_on, judged_on = rows[::2], rows[1::2]
    found = {}
    with threadpool_limits(1):
        for column in values.iter_columns():
            x = _numbers(column)[:, np.newaxis]
            score = _score(x[grown_on], y[grown_on], x[judged_on], y[judged_on], task)
            if score is not None:
                found[column.name] = score
    return found


def _score(
    X: NDArray[np.float64],
    y: NDArray[np.int64] | NDArray[np.float64],
    X_judged: NDArray[np.float64],
    y_judged: NDArray[np.int64] | NDArray[np.float64],
    task: Task,
) -> float | None:
    """Return how well the column does where that is nearly perfect; else None."""
    if task is Task.REGRESSION:
        tree = DecisionTreeRegressor(max_leaf_nodes=_LEAVES_OF_NUMBERS, random_state=0).fit(X, y)
        r_squared = float(tree.score(X_judged, y_judged))
        return r_squared if r_squared >= LEAST_R_SQUARED else None
    n_classes = len(np.unique(y))
    leaves = max(2, _LEAVES_A_CLASS * n_classes)
    accuracy = float(
        DecisionTreeClassifier(max_leaf_nodes=leaves, random_state=0).fit(X, y).score(X_judged, y_judged)
    )
    commonest = float(np.mean(y_judged == np.bincount(y.astype(np.int64)).argmax()))
    is_telling = accuracy >= LEAST_ACCURACY and 1 - accuracy <= MOST_ERROR_LEFT * (1 - commonest)
    return accuracy if is_telling else None


def _numbers(column: pl.Series) -> NDArray[np.float64]:
    """Return a column as numbers that a tree can cut: categories by their order, missing ones below all."""
    if column.dtype == pl.String:
        column = column.rank("dense")
    elif column.dtype.is_temporal():
        column = column.dt.epoch("us")
    values = column.cast(pl.Float64).to_numpy().copy()
    finite = np.isfinite(values)
    low, high = (values[finite].min(), values[finite].max()) if finite.any() else (0.0, 0.0)
    values[np.isnan(values)] = low - 1 if np.isfinite(low - 1) else low
    within: NDArray[np.float64] = np.clip(values, max(low - 1, -1e30), min(high, 1e30))
    return within
