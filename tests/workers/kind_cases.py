"""A point of each kind of model, and small data that suit it, for the tests of what all kinds promise."""

from dataclasses import replace
from functools import cache

import numpy as np

from search_spaces.boosting.point import BoostingPoint
from search_spaces.linear.point import LinearPoint
from search_spaces.network.point import NetworkPoint, NumericEmbedding, Switch
from search_spaces.point import Point
from tests.workers.train_dev_sets import read_only
from workers.messages import TrainingRules
from workers.metrics.metric import Metric
from workers.train_dev_data import Task, TrainDevData

POINTS: dict[str, Point] = {
    "network": NetworkPoint(
        width=8,
        depth=1,
        batch_size=16,
        keep_prob=0.8,
        learning_rate=0.02,
        numeric_embedding=NumericEmbedding.PERIODIC,
        clip_predictions=Switch.ON,
    ),
    "boosting": BoostingPoint(max_features=0.5, min_samples_leaf=3, learning_rate=0.3, class_balance=0.5),
    "linear": LinearPoint(strength=3.0, l1_ratio=0.5, class_balance=0.5),
}
"""By kind; each uses randomness where its kind has any."""

MAX_EPOCHS = {"network": 30, "boosting": 30, "linear": 1}

OUTPUTS = (1, 2, 4)
"""A number, two classes, four."""

N_TRAIN = 200


def rules(kind: str, data: TrainDevData, *, patience: int = 100) -> TrainingRules:
    """Judge by RMSE, or by the error and the log loss."""
    if data.task is Task.REGRESSION:
        return TrainingRules(MAX_EPOCHS[kind], patience, Metric.RMSE, Metric.RMSE)
    return TrainingRules(MAX_EPOCHS[kind], patience, Metric.ERROR, Metric.LOG_LOSS)


@cache
def data_of(kind: str, n_outputs: int) -> TrainDevData:
    """Return read-only train and dev sets; those of boosting have categories and missing cells."""
    rng = np.random.default_rng(n_outputs)
    X = rng.standard_normal((N_TRAIN + 130, 5)).astype(np.float32)
    X[:, 3] = rng.integers(0, 12, len(X))
    target = X[:, 0] + np.abs(X[:, 1]) + 2 * (X[:, 3] % 3 == 0) + rng.normal(0, 0.5, len(X))
    if kind == "boosting":
        X[rng.random(X.shape) < 0.1] = np.nan
    else:
        X[:, 3] = (X[:, 3] - 5.5) / 3.5
    y = target.astype(np.float32)[:, np.newaxis] - target.mean(dtype=np.float32)
    data = TrainDevData(
        Task.REGRESSION, X[:N_TRAIN], y[:N_TRAIN], X[N_TRAIN:], y[N_TRAIN:], 1, target_deviation=1.5
    )
    if n_outputs > 1:
        bounds = np.quantile(target, np.linspace(0, 1, n_outputs + 1)[1:-1] ** 2)  # of unequal size
        classes = np.digitize(target, bounds).astype(np.int64)
        data = TrainDevData(
            Task.CLASSIFICATION, data.X_train, classes[:N_TRAIN], data.X_dev, classes[N_TRAIN:], n_outputs
        )
    return replace(
        data,
        X_train=read_only(data.X_train),
        y_train=read_only(data.y_train),
        X_dev=read_only(data.X_dev),
        y_dev=read_only(data.y_dev),
        n_categories=(0, 0, 0, 12, 0) if kind == "boosting" else (),
        numeric_features=(0, 1, 2, 4),
    )
