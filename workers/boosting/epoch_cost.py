"""About how long an iteration of boosting takes: a fixed formula of counts and settings, nothing measured."""

from math import fsum, log2

from search_spaces.boosting.point import BoostingLoss, BoostingPoint
from workers.train_dev_data import Task, TrainDevData

# Fitted to measured iterations: `python -m benchmarks.kind_costs boosting --fit`. There is one dev example to
# four of the train set, so that what one takes was measured by itself.
NANOSECONDS = {
    "iteration": 520_000.0,
    "leaf": 24_000.0,
    "leaf and feature": 35.0,
    "leaf and bin": 4.25,
    "cell and level": 1.9,
    "example": 17.0,
    "example ranked": 11.0,
    "dev example and level": 10.0,
}


def epoch_cost(point: BoostingPoint, data: TrainDevData) -> float:
    """Return about how long an iteration takes (seconds).

    It is the sum of what an iteration has to do, each weighted by the time that one of its kind takes. It
    decides the order of events in every study, so a change of it changes what the same seed gives.
    """
    amounts = amounts_of_work(point, data)
    return 1e-9 * fsum(NANOSECONDS[kind] * amount for kind, amount in amounts.items())


def amounts_of_work(point: BoostingPoint, data: TrainDevData) -> dict[str, float]:
    """Return how much of each kind an iteration has to do.

    Parameters
    ----------
    point
        The point.
    data
        Its shape decides; what it holds is not looked at.

    Returns
    -------
    amounts
        By kind, the same kinds for every point: iterations and leaves; histograms of features, and their
        bins; cells of the train set by tree, on each level of a balanced tree of as many leaves; examples by
        tree, and those whose residuals are ranked, for the absolute error; examples of the dev set by tree
        and level.
    """
    n_train, n_dev, n_features = len(data.X_train), len(data.X_dev), int(data.X_train.shape[1])
    n_trees = data.n_outputs if data.task is Task.CLASSIFICATION and data.n_outputs > 2 else 1
    n_leaves = max(1, min(point.max_leaf_nodes, n_train // point.min_samples_leaf))
    if point.max_depth is not None:
        n_leaves = min(n_leaves, 2 ** min(point.max_depth, 16))
    n_levels = log2(n_leaves) if n_leaves > 1 else 1.0
    n_histograms = n_trees * n_leaves * n_features
    return {
        "iteration": 1,
        "leaf": n_trees * n_leaves,
        "leaf and feature": n_histograms,
        "leaf and bin": n_histograms * min(point.max_bins, n_train),
        "cell and level": n_trees * n_train * n_features * n_levels,
        "example": n_trees * n_train,
        "example ranked": n_train * (point.loss is BoostingLoss.ABSOLUTE_ERROR),
        "dev example and level": n_trees * n_dev * n_levels,
    }
