"""Train and dev sets for the tests of the numerics: digits, diabetes, and small ones made up."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_diabetes, load_digits

from search_spaces.input_choices import InputChoices
from workers.messages import TrainingRules
from workers.metrics.metric import Metric
from workers.train_dev_data import Task, TrainDevData
from workers.trial_data import TrialData


def rules(task: Task, *, max_epochs: int, patience: int | None = None) -> TrainingRules:
    """Judge by error or RMSE; without a patience, run all epochs."""
    metric = Metric.ERROR if task is Task.CLASSIFICATION else Metric.RMSE
    return TrainingRules(max_epochs, max_epochs if patience is None else patience, metric, metric)


def normalised(X: NDArray[np.float64], n_train: int) -> NDArray[np.float32]:
    """Every column less the first rows' mean, divided by their deviation."""
    deviation = X[:n_train].std(axis=0)
    scaled: NDArray[np.float64] = (X - X[:n_train].mean(axis=0)) / np.where(deviation > 0, deviation, 1)
    return scaled.astype(np.float32)


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Give a view that refuses writing, as arrays from an object store do."""
    view = array.view()
    view.setflags(write=False)
    return view


@cache
def digits() -> TrainDevData:
    """1437 train and 360 dev examples of handwritten digits, 64 pixels each."""
    X, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    X, y = normalised(X[order], 1437), y[order].astype(np.int64)
    X, y = read_only(X), read_only(y)
    return TrainDevData(Task.CLASSIFICATION, X[:1437], y[:1437], X[1437:], y[1437:], 10)


@cache
def diabetes() -> TrainDevData:
    """353 train and 89 dev examples, 10 features; the target is a disease's progression."""
    X, y = load_diabetes(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    X, targets = normalised(X[order], 353), normalised(y[order][:, np.newaxis], 353)
    deviation = float(y[order][:353].std())
    X, targets = read_only(X), read_only(targets)
    return TrainDevData(Task.REGRESSION, X[:353], targets[:353], X[353:], targets[353:], 1, deviation)


def few_numbers(n_train: int = 40, n_features: int = 3) -> TrainDevData:
    """Make a regression that takes no time: the target is a smooth function of two features."""
    X = np.random.default_rng(7).standard_normal((n_train + 20, n_features)).astype(np.float32)
    y = (np.sin(X[:, :1]) + X[:, 1:2] / 2).astype(np.float32)
    return TrainDevData(Task.REGRESSION, X[:n_train], y[:n_train], X[n_train:], y[n_train:], 1, 2.5)


def few_folds(n_folds: int = 3) -> TrialData:
    """Deal the examples of `few_numbers` to folds: each is in one dev set, and trained on in the others."""
    data = few_numbers()
    X = np.concatenate([data.X_train, data.X_dev])
    y = np.concatenate([data.y_train, data.y_dev])
    folds = []
    for fold in range(n_folds):
        is_dev = np.arange(len(X)) % n_folds == fold
        folds.append(TrainDevData(data.task, X[~is_dev], y[~is_dev], X[is_dev], y[is_dev], 1, 2.5))
    return TrialData({InputChoices(): tuple(folds)})
