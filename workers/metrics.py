"""What a set of predictions is judged by. Each figure is a float, summed in float64."""

import math

import numpy as np
from numpy.typing import NDArray

SMALLEST_PROBABILITY = float(np.finfo(np.float32).tiny)
"""Stands for a probability of 0 in the log loss: one example costs at most 87.3 nats."""


def error(probabilities: NDArray[np.floating], y: NDArray[np.int64]) -> float:
    """Return the fraction of examples whose most probable class is not theirs; of equals the first counts.

    Parameters
    ----------
    probabilities
        (n_examples, n_classes).
    y
        Class indices (n_examples,).
    """
    return float(np.mean(np.argmax(probabilities, axis=1) != y))


def log_loss(probabilities: NDArray[np.floating], y: NDArray[np.int64]) -> float:
    """Return the mean of -log p (nats), p the probability given to an example's own class.

    A p below the smallest normal float32 counts as that: float32 probabilities do underflow to 0, and one
    of them should not make the mean infinite. NaN stays NaN.

    Parameters
    ----------
    probabilities
        (n_examples, n_classes).
    y
        Class indices (n_examples,).
    """
    own = probabilities[np.arange(len(y)), y].astype(np.float64)
    return -float(np.mean(np.log(np.maximum(own, SMALLEST_PROBABILITY))))


def mean_squared_error(predictions: NDArray[np.floating], targets: NDArray[np.floating]) -> float:
    """Return the mean of squared differences of predictions and targets, both (n_examples,)."""
    residuals = np.subtract(predictions, targets, dtype=np.float64)
    return float(np.dot(residuals, residuals)) / len(residuals)


def root_mean_squared_error(predictions: NDArray[np.floating], targets: NDArray[np.floating]) -> float:
    """Return the RMSE of predictions (n_examples,), in the unit of the targets (n_examples,)."""
    return math.sqrt(mean_squared_error(predictions, targets))


def r_squared(predictions: NDArray[np.floating], targets: NDArray[np.floating]) -> float:
    """Return 1 - (sum of squared residuals) / (sum of squares about the targets' mean); at most 1.

    Where the targets are all equal the quotient does not exist: 1 if the predictions are perfect, else 0,
    as in scikit-learn.
    """
    variance = mean_squared_error(
        targets, np.full_like(targets, np.mean(targets, dtype=np.float64), np.float64)
    )
    residual = mean_squared_error(predictions, targets)
    if variance == 0:
        return float(residual == 0)
    return 1 - residual / variance
