"""Models of quite different kinds, with settings that are fixed here: what they reach, somebody can reach."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.train_dev_data import Task

Predict = Callable[[NDArray[np.float32]], NDArray[np.float64]]
"""From inputs (n_examples, n_inputs) to probabilities (n_examples, n_classes), or numbers (n_examples, 1)."""

Fit = Callable[[NDArray[np.float32], NDArray[Any], int, int], Predict]
"""From inputs, targets, the number of classes (0 for numbers) and a seed."""

FEWEST_TO_STOP_EARLY = 200
"""Of fewer examples none is held back to end the boosting by."""

N_NEIGHBORS = (4, 8, 16, 32, 64, 128)
"""Of which the best is taken, by the train rows' other neighbors."""

MOST_ASKED = 2_000
"""Train rows whose other neighbors are looked up for that."""

MOST_ROUNDS, MOST_TREES, FEWEST_ROUNDS = 100, 200, 20
"""Of boosting; a round is a tree for each class."""


def families(task: Task) -> Mapping[str, Fit]:
    """Return what is fitted, by its name: a linear model, boosted trees, nearest neighbors."""
    if task is Task.CLASSIFICATION:
        return {
            "logistic regression": _logistic_regression,
            "boosted trees": _boosted_classes,
            "nearest neighbors": _nearest,
        }
    return {
        "ridge regression": _ridge_regression,
        "boosted trees": _boosted_numbers,
        "nearest neighbors": _nearest,
    }


def _logistic_regression(X: NDArray[np.float32], y: NDArray[Any], n_classes: int, _: int) -> Predict:
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 (half a second, which few commands need)
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 (as above)

    model = LogisticRegression(C=1.0, max_iter=300)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # 300 steps are a fixed setting like the others
        model.fit(X.astype(np.float64), y)
    return _of_all_classes(model, n_classes)


def _ridge_regression(X: NDArray[np.float32], y: NDArray[Any], _n_classes: int, _seed: int) -> Predict:
    from sklearn.linear_model import Ridge  # noqa: PLC0415 (half a second, which few commands need)

    model = Ridge(alpha=1.0).fit(X.astype(np.float64), y.reshape(-1).astype(np.float64))
    return lambda X: np.asarray(model.predict(X.astype(np.float64)))[:, np.newaxis]


def _boosted_classes(X: NDArray[np.float32], y: NDArray[Any], n_classes: int, seed: int) -> Predict:
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 (a second, which few need)

    rarest = int(np.unique(y, return_counts=True)[1].min())
    settings = _boosting(len(y), rarest=rarest, n_trees=1 if n_classes == 2 else n_classes, seed=seed)
    model = HistGradientBoostingClassifier(**settings).fit(X, y)
    return _of_all_classes(model, n_classes)


def _boosted_numbers(X: NDArray[np.float32], y: NDArray[Any], _n_classes: int, seed: int) -> Predict:
    from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415 (a second, which few need)

    model = HistGradientBoostingRegressor(**_boosting(len(y), rarest=len(y), n_trees=1, seed=seed))
    model.fit(X, y.reshape(-1).astype(np.float64))
    return lambda X: np.asarray(model.predict(X))[:, np.newaxis]


def _boosting(n_examples: int, *, rarest: int, n_trees: int, seed: int) -> dict[str, Any]:
    """Return the settings: small trees, and as many as held-back examples find of use.

    Rounds are fewer and larger than usual, so that ten classes of a thousand rows take half a second.
    """
    stops_early = n_examples >= FEWEST_TO_STOP_EARLY and rarest >= 10
    return {
        "learning_rate": 0.2,
        "max_iter": max(min(MOST_ROUNDS, MOST_TREES // n_trees), FEWEST_ROUNDS) if stops_early else 20,
        "max_leaf_nodes": 8,
        "l2_regularization": 1.0,
        "early_stopping": stops_early,
        "validation_fraction": 0.15,
        "random_state": seed,
    }


def _nearest(X: NDArray[np.float32], y: NDArray[Any], n_classes: int, _: int) -> Predict:
    """Average the nearest neighbors, as many as predict the train rows best from their other neighbors."""
    from sklearn.neighbors import NearestNeighbors  # noqa: PLC0415 (half a second, which few commands need)

    targets = np.eye(n_classes)[y.astype(np.int64)] if n_classes else y.reshape(len(y), -1).astype(np.float64)
    most = min(N_NEIGHBORS[-1], len(y) - 1)
    rows = X.astype(np.float64)
    found = NearestNeighbors(n_neighbors=most).fit(rows)
    tried = [n for n in N_NEIGHBORS if n <= most] or [most]
    asked = np.arange(min(len(y), MOST_ASKED))
    near = found.kneighbors(rows[asked], n_neighbors=most + 1, return_distance=False)
    itself_last = np.argsort(near == asked[:, np.newaxis], axis=1, kind="stable")
    others = np.take_along_axis(near, itself_last, axis=1)
    losses = [float(np.mean((targets[others[:, :n]].mean(axis=1) - targets[asked]) ** 2)) for n in tried]
    best = tried[int(np.argmin(losses))]

    def predict(X: NDArray[np.float32]) -> NDArray[np.float64]:
        near = found.kneighbors(X.astype(np.float64), n_neighbors=best, return_distance=False)
        return np.asarray(targets[near].mean(axis=1))

    return predict


def _of_all_classes(model: Any, n_classes: int) -> Predict:  # noqa: ANN401 (any classifier of scikit-learn's)
    def predict(X: NDArray[np.float32]) -> NDArray[np.float64]:
        probabilities = np.zeros((len(X), n_classes))  # a class that the train set lacks stays at 0
        probabilities[:, model.classes_] = model.predict_proba(X.astype(np.float64))
        return probabilities

    return predict
