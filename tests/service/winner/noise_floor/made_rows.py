"""Rows whose least error is known."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.train_dev_data import Task, TrainDevData

Rows = tuple[NDArray[np.float32], NDArray[Any]]


def classes(kind: str, n: int, d: int, *, flipped: float, seed: int) -> Rows:
    """Draw two classes of which a share of labels is turned over: that share is the Bayes error.

    Parameters
    ----------
    kind
        `line`, `saddle`, `stripes`, or `coin` with labels of which features tell nothing.
    n, d
        Rows and features.
    flipped
        The share.
    seed
        Source of all.
    """
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    signal = {
        "line": X[:, 0] + 0.5 * X[:, 1],
        "saddle": X[:, 0] + 0.5 * X[:, 1] + 0.8 * X[:, 0] * X[:, 1],
        "stripes": np.sin(4 * X[:, 0]),
        "coin": rng.normal(size=n),
    }[kind]
    y = (signal > 0) ^ (rng.random(n) < flipped)
    return X.astype(np.float32), y.astype(np.int64)


def fold_of(rows: Rows, *, n_train: int, n_classes: int = 2) -> TrainDevData:
    """Divide rows into train and dev rows; numbers are taken as standardised ones."""
    X, y = rows
    is_classes = n_classes > 0
    targets = y.astype(np.int64) if is_classes else y.astype(np.float32)[:, np.newaxis]
    return TrainDevData(
        task=Task.CLASSIFICATION if is_classes else Task.REGRESSION,
        X_train=X[:n_train],
        y_train=targets[:n_train],
        X_dev=X[n_train:],
        y_dev=targets[n_train:],
        n_outputs=n_classes or 1,
    )
