"""What predicted numbers are judged by: each figure is a float, summed in float64.

Predictions and targets are (n_examples,) or (n_examples, n_targets), of one shape; of several targets the
mean of their figures is reported.
"""

import math

import numpy as np
from numpy.typing import NDArray

Deviation = float | NDArray[np.float64]
"""What a standardised unit is in the target's own: one number, or one a target (n_targets,)."""


def mean_squared_error(predictions: NDArray[np.floating], targets: NDArray[np.floating]) -> float:
    """Return the mean of squared differences, over examples and targets alike."""
    residuals = np.subtract(predictions, targets, dtype=np.float64).ravel()
    return float(np.dot(residuals, residuals)) / len(residuals)


def root_mean_squared_error(
    predictions: NDArray[np.floating], targets: NDArray[np.floating], *, deviation: Deviation = 1.0
) -> float:
    """Return the square root of the mean squared error, times the deviation: in the target's unit."""
    return _mean_in_unit([math.sqrt(error) for error in _squared_errors(predictions, targets)], deviation)


def mean_absolute_error(
    predictions: NDArray[np.floating], targets: NDArray[np.floating], *, deviation: Deviation = 1.0
) -> float:
    """Return the mean of absolute differences, times the deviation: in the target's unit."""
    residuals = _columns(np.subtract(predictions, targets, dtype=np.float64))
    return _mean_in_unit([float(np.mean(np.abs(column))) for column in residuals], deviation)


def r_squared(
    predictions: NDArray[np.floating],
    targets: NDArray[np.floating],
    *,
    deviation: Deviation = 1.0,  # noqa: ARG001 (a quotient has no unit)
) -> float:
    """Return 1 - (sum of squared residuals) / (sum of squares about the targets' mean); at most 1.

    Where the targets are all equal the quotient does not exist: 1 if the predictions are perfect, else 0,
    as in scikit-learn.
    """
    means = np.mean(targets, axis=0, dtype=np.float64)
    variances = _squared_errors(targets, np.broadcast_to(means, targets.shape))
    explained = [
        1 - residual / variance if variance > 0 else float(residual == 0)
        for residual, variance in zip(_squared_errors(predictions, targets), variances, strict=True)
    ]
    return sum(explained) / len(explained)


def _columns(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the array with a row a target: contiguous, so that sums are the same for one as for several."""
    return np.ascontiguousarray(array.reshape(len(array), -1).T)


def _squared_errors(predictions: NDArray[np.floating], targets: NDArray[np.floating]) -> list[float]:
    residuals = _columns(np.subtract(predictions, targets, dtype=np.float64))
    return [float(np.dot(column, column)) / len(column) for column in residuals]


def _mean_in_unit(figures: list[float], deviation: Deviation) -> float:
    if len(figures) == 1:
        return figures[0] * float(np.reshape(deviation, ()))
    return float(np.mean(np.multiply(figures, deviation)))
