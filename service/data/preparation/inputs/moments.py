"""Mean and deviation of columns that may hold anything, read some rows at a time."""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

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
