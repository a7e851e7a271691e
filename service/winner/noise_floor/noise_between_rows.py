"""The floor that noise between rows sets: where features agree and targets differ, nobody is always right.

Equal rows prove a floor. Near rows suggest one: what their targets differ by, carried on to a distance of
nothing.
"""

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
"""Of fewer groups of equal rows nothing is estimated."""

Sums = NDArray[np.float64]


def floor_of_equal_rows(
    metric: Metric, X: NDArray[np.float32], y: NDArray[np.int64] | NDArray[np.float64]
) -> FloorBelow | None:
    """Return the figure that equal rows leave to anyone, less two standard errors; None where there is none.

    In a group of equal rows the best that can be done is to name one class, or one number. What the best such
    choice gets wrong among these very rows is no more, on average, than what it gets wrong among all rows
    like them. Rows without an equal count as if nobody needed to err on them, and copies of a row agree: both
    make the floor lower than it is, never higher. Of the plain error, pairs show more: groups of few rows
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


MOST_ROWS = 5000
"""More are drawn from by lot: the distances between all pairs of them take some seconds."""

FEWEST_ROWS = 100
N_NEIGHBORS = 32
NEAR = slice(0, 2)
FAR = slice(16, 32)
"""Of a row's neighbors, in the order of their distance: those that are near, and those that are farther."""


def floor_of_nearest_rows(
    metric: Metric,
    X: NDArray[np.float32],
    y: NDArray[np.int64] | NDArray[np.float64],
    *,
    rng: np.random.Generator,
) -> FloorBelow | None:
    """Return the figure that noise between near rows leaves to anyone, less two standard errors.

    A row and its neighbor differ by noise, and by how the target changes over the distance between them. The
    bound of Cover and Hart takes the second for nothing, which holds for ever more rows alone: of 5,000 rows
    with six features and no noise at all it says 5 %, with twenty features 15 %. So the difference is
    measured at two distances and carried on, in a straight line, to no distance at all: g(0) = g(near) -
    (g(far) - g(near)) d(near) / (d(far) - d(near)). Over a boundary between classes it does fall like that;
    where the target is smooth it falls faster, and the line is too low. In many dimensions near rows are
    hardly nearer than others, the way to nothing is long, and the standard error says so. A target that
    changes to and fro between near rows cannot be told from noise by this: a model that does better shows it.

    Parameters
    ----------
    metric
        The error, the balanced error, RMSE or R².
    X, y
        Inputs (n_rows, n_inputs), and class indices or numbers in the target's unit (n_rows,).
    rng
        Source of the rows that are drawn.

    References
    ----------
    Cover, T. M. and Hart, P. E. (1967). Nearest neighbor pattern classification. IEEE Transactions on
    Information Theory 13.
    Evans, D. and Jones, A. J. (2002). A proof of the Gamma test. Proceedings of the Royal Society A 458: the
    variance of noise, by a regression on squared distances.
    """
    rows = _drawn(metric, y, rng)
    if len(rows) < FEWEST_ROWS:
        return None
    distances, neighbors = _neighbors(X[rows])
    targets = y[rows]
    if metric in OF_CLASSES:
        differences = (targets[:, np.newaxis] != targets[neighbors]).astype(np.float64)
    else:
        differences = 0.5 * (targets[:, np.newaxis] - targets[neighbors]) ** 2
    noise = _at_no_distance(distances, differences)
    if metric in OF_CLASSES:
        n_classes = len(np.unique(targets))
        figure = error_of_disagreement(noise, max(n_classes, 2))
    else:
        figure = figure_of_variance(metric, noise, of_targets=float(y.var()))
    is_perfect = metric.badness(figure) <= metric.badness(metric.perfect)
    return None if is_perfect else FloorBelow(source=Source.NEAREST_ROWS, figure=figure, n_rows=len(rows))


def _drawn(
    metric: Metric, y: NDArray[np.int64] | NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.intp]:
    """Return the rows that are compared: for the balanced error as many of each class (n_drawn,)."""
    in_lot = rng.permutation(len(y))
    if metric is not Metric.BALANCED_ERROR:
        return np.sort(in_lot[:MOST_ROWS])
    present, counts = np.unique(y, return_counts=True)
    n_each = min(int(counts.min()), MOST_ROWS // len(present))
    return np.sort(np.concatenate([in_lot[y[in_lot] == each][:n_each] for each in present]))


def _neighbors(X: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return each row's distances to its neighbors, and which these are (n_rows, 32) each."""
    from sklearn.neighbors import NearestNeighbors  # noqa: PLC0415 (half a second, which few commands need)

    found = NearestNeighbors(n_neighbors=N_NEIGHBORS).fit(X.astype(np.float64))
    distances, neighbors = found.kneighbors()
    return distances, neighbors


def _at_no_distance(distances: NDArray[np.float64], differences: NDArray[np.float64]) -> float:
    """Return the mean difference at a distance of 0, less two standard errors.

    A row is in its neighbors' differences as in its own: the variance over rows counts twice.
    """
    near, far = float(distances[:, NEAR].mean()), float(distances[:, FAR].mean())
    if far <= near:  # all rows at one place: nothing to carry on
        return 0.0
    reach = near / (far - near)
    carried = (1 + reach) * differences[:, NEAR].mean(axis=1) - reach * differences[:, FAR].mean(axis=1)
    return float(carried.mean() - 2 * np.sqrt(2 * carried.var() / len(carried)))
