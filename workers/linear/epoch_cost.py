"""About how long a linear model's fit takes: a fixed formula of counts and settings, nothing measured."""

from math import fsum

from search_spaces.linear.point import LinearPoint
from workers.train_dev_data import Task, TrainDevData

# Fitted to measured fits: `python -m benchmarks.kind_costs linear --fit`.
NANOSECONDS = {
    "fit": 640_000.0,
    "cell": 8.0,
    "product in a logistic regression": 8.0,
    "product in one with L1": 130.0,
    "product in a ridge": 0.1,
    "product in an elastic net": 2.5,
}


def epoch_cost(point: LinearPoint, data: TrainDevData) -> float:
    """Return about how long a fit takes (seconds).

    How many steps a solver takes depends on the data, too, and is not foreseen. It decides the order of
    events in every study, so a change of it changes what the same seed gives.
    """
    amounts = amounts_of_work(point, data)
    return 1e-9 * fsum(NANOSECONDS[kind] * amount for kind, amount in amounts.items())


def amounts_of_work(point: LinearPoint, data: TrainDevData) -> dict[str, float]:
    """Return how much of each kind a fit has to do.

    Parameters
    ----------
    point
        The point.
    data
        Its shape decides; what it holds is not looked at.

    Returns
    -------
    amounts
        By kind, the same kinds for every point: fits, cells of the train set that are read, and products of
        cells and coefficients, of all classes or targets, or of pairs of features in a ridge regression. With
        L1, logistic regressions take about so many fewer steps the stronger it is.
    """
    n_train, n_features = len(data.X_train), int(data.X_train.shape[1])
    is_class, is_ridge = data.task is Task.CLASSIFICATION, point.l1_ratio == 0
    n_cells = n_train * n_features
    fewer_steps = 1 + 10 * point.strength / n_train
    n_products = n_cells * (1 if is_class and data.n_outputs == 2 else data.n_outputs)
    return {
        "fit": 1,
        "cell": n_cells,
        "product in a logistic regression": n_products * (is_class and is_ridge),
        "product in one with L1": n_products / fewer_steps * (is_class and not is_ridge),
        "product in a ridge": n_cells * min(n_train, n_features) * (not is_class and is_ridge),
        "product in an elastic net": n_products * (not is_class and not is_ridge),
    }
