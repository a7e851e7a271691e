"""The floor that near rows suggest: what their targets differ by, carried on to a distance of nothing."""

import numpy as np
from numpy.typing import NDArray

from service.winner.noise_floor.equal_rows import OF_CLASSES, error_of_disagreement, figure_of_variance
from service.winner.noise_floor.floor import FloorBelow, Source
from workers.metrics.metric import Metric

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
