"""The floor that equal rows set: where features agree and targets differ, nobody is always right."""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from service.winner.noise_floor.floor import FloorBelow, Source
from workers.metrics.metric import Metric

OF_CLASSES = (Metric.ERROR, Metric.BALANCED_ERROR)
OF_NUMBERS = (Metric.RMSE, Metric.R_SQUARED)
HAVE_FLOOR_BELOW = (*OF_CLASSES, *OF_NUMBERS)
"""Metrics whose best figure has a lower bound from the noise between rows."""


def error_of_disagreement(disagreement: float, n_classes: int) -> float:
    """Return the least error where two rows with the same features differ in class so often.

    R* >= (K - 1) / K (1 - sqrt(1 - K / (K - 1) G)), with G the probability that they differ: what two draws
    of one distribution over K classes differ by. It is convex in G, so that a mean of G over features may
    stand for G.

    Parameters
    ----------
    disagreement
        G (fraction); what is below 0 counts as 0, and what no distribution has as its largest value.
    n_classes
        K, 2 or more.

    References
    ----------
    Cover, T. M. and Hart, P. E. (1967). Nearest neighbor pattern classification. IEEE Transactions on
    Information Theory 13, the theorem solved for R*.
    """
    most = (n_classes - 1) / n_classes
    return most * (1 - sqrt(1 - min(max(disagreement, 0.0), most) / most))


def figure_of_variance(metric: Metric, variance: float, *, of_targets: float) -> float:
    """Return the best RMSE or R² where the targets of equal rows have so much variance.

    Parameters
    ----------
    metric
        RMSE or R².
    variance
        In the target's unit squared; below 0 counts as 0.
    of_targets
        Variance of all targets, above 0.
    """
    kept = max(variance, 0.0)
    return sqrt(kept) if metric is Metric.RMSE else 1 - kept / of_targets


FEWEST_GROUPS = 10
"""Of fewer groups of equal rows nothing is said."""

Sums = NDArray[np.float64]


def floor_of_equal_rows(
    metric: Metric, X: NDArray[np.float32], y: NDArray[np.int64] | NDArray[np.float64]
) -> FloorBelow | None:
    """Return the figure that equal rows leave to anyone, less two standard errors; None where there is none.

    In a group of equal rows the best that can be done is to name one class, or one number. What the best such
    choice gets wrong among these very rows is no more, on average, than what it gets wrong among all rows
    like them. Rows without an equal count as if nobody needed to err on them, and copies of a row agree: both
    make the floor lower than it is, never higher. Of the plain error, pairs tell more: groups of few rows
    disagree as often as their class is uncertain, see `error_of_disagreement`.

    Parameters
    ----------
    metric
        The error, the balanced error, RMSE or R².
    X
        Inputs (n_rows, n_inputs).
    y
        Class indices, or numbers in the target's unit (n_rows,).
    """
    group, sizes = _groups(X)
    is_repeated = sizes > 1
    if np.count_nonzero(is_repeated) < FEWEST_GROUPS:
        return None
    rows = np.flatnonzero(is_repeated[group])
    _, own = np.unique(group[rows], return_inverse=True)
    share = len(rows) / len(y)
    if metric in OF_CLASSES:
        figure = _of_classes(metric, y.astype(np.int64), rows, own, share=share)
    else:
        figure = _of_numbers(metric, y.astype(np.float64), rows, own)
    is_perfect = metric.badness(figure) <= metric.badness(metric.perfect)
    return None if is_perfect else FloorBelow(source=Source.EQUAL_ROWS, figure=figure, n_rows=len(rows))


def _groups(X: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the number of each row's group of equal rows, and the groups' sizes."""
    whole = np.ascontiguousarray(X + np.float32(0))  # -0 is 0
    as_bytes = whole.view(np.dtype((np.void, whole.dtype.itemsize * whole.shape[1]))).ravel()
    _, group, sizes = np.unique(as_bytes, return_inverse=True, return_counts=True)
    return group.reshape(-1), sizes


def _of_classes(
    metric: Metric, y: NDArray[np.int64], rows: NDArray[np.intp], own: NDArray[np.intp], *, share: float
) -> float:
    n_classes = int(y.max()) + 1
    weights = _balancing_weights(y) if metric is Metric.BALANCED_ERROR else np.ones(len(y))
    by_class = np.zeros((int(own.max()) + 1, n_classes))
    np.add.at(by_class, (own, y[rows]), weights[rows])
    losses = weights[rows] * (y[rows] != by_class.argmax(axis=1)[own])
    sizes = np.bincount(own)
    within = losses - (np.bincount(own, losses) / sizes)[own]
    found = float(losses.sum() - 2 * np.sqrt(np.sum(within**2))) / len(y)
    if metric is Metric.ERROR:
        found = max(found, share * _of_pairs(by_class, sizes, n_classes))
    return max(found, 0.0)


def _balancing_weights(y: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return n / (K n_k) of each example, so that the K classes that are there count alike (n_examples,)."""
    counts = np.bincount(y)
    return np.asarray(len(y) / (np.count_nonzero(counts) * counts[y]))


def _of_pairs(by_class: Sums, sizes: NDArray[np.intp], n_classes: int) -> float:
    """Return the least error among rows that have an equal: by how often two of them differ, less 2 s.e."""
    differ = 1 - (by_class * (by_class - 1)).sum(axis=1) / (sizes * (sizes - 1))
    mean = float(differ @ sizes / sizes.sum())
    error = float(np.sqrt(np.sum((sizes * (differ - mean)) ** 2)) / sizes.sum())
    return error_of_disagreement(mean - 2 * error, max(n_classes, 2))


def _of_numbers(
    metric: Metric, y: NDArray[np.float64], rows: NDArray[np.intp], own: NDArray[np.intp]
) -> float:
    sizes = np.bincount(own)
    within = y[rows] - (np.bincount(own, y[rows]) / sizes)[own]
    variances = np.bincount(own, within**2) / (sizes - 1)
    of_groups = sizes * variances
    error = np.sqrt(np.sum(of_groups**2 * 2 / (sizes - 1)))
    return figure_of_variance(metric, float(of_groups.sum() - 2 * error) / len(y), of_targets=float(y.var()))
