"""What a network predicts is each class's probability, however classes are weighted or labels smoothed."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit, softmax

from search_spaces.network.point import LossName, NetworkPoint
from workers.messages import TrainingRules
from workers.metrics.classification_metrics import log_loss
from workers.metrics.metric import Metric
from workers.network.prediction import predict
from workers.train_dev_data import Task, TrainDevData
from workers.trial.training import Training

N_TRAIN, N_DEV, N_FRESH = 1600, 400, 20_000
World = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def rare(X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return probabilities of a class that 14 % have, by a curve of one feature and a line of another."""
    p = expit(-3.4 + 1.5 * np.abs(X[:, 0]) + X[:, 1])
    return np.column_stack([1 - p, p])


def three(X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return probabilities of three classes, the last of which 8 % have."""
    return np.asarray(softmax(np.column_stack([np.full(len(X), 1.5), X[:, 0], 1.5 * X[:, 1] - 2]), axis=1))


def noise(X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return probabilities that no feature tells anything of."""
    return np.tile([0.86, 0.14], (len(X), 1))


def drawn(world: World, n: int, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Draw features and classes of a world."""
    X = rng.standard_normal((n, 5))
    y = (world(X).cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    return X.astype(np.float32), y.astype(np.int64)


@pytest.mark.parametrize("label_smoothing", [0.0, 0.2])
@pytest.mark.parametrize("class_balance", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(
    ("world", "loss"),
    [(rare, LossName.AUTO), (rare, LossName.BINARY), (three, LossName.AUTO), (noise, LossName.AUTO)],
)
def test_a_class_has_its_share_as_mean_probability(
    world: World, loss: LossName, class_balance: float, label_smoothing: float
) -> None:
    """Undivided, the weights would make 0.4 of 0.14 at a balance of 1; evenly smoothed labels 0.21."""
    rng = np.random.default_rng(0)
    X, y = drawn(world, N_TRAIN + N_DEV, rng)
    X_fresh, y_fresh = drawn(world, N_FRESH, rng)
    n_classes = int(y.max()) + 1
    data = TrainDevData(Task.CLASSIFICATION, X[:N_TRAIN], y[:N_TRAIN], X[N_TRAIN:], y[N_TRAIN:], n_classes)
    point = NetworkPoint(
        width=16,
        loss=loss,
        learning_rate=0.003,
        class_balance=class_balance,
        label_smoothing=label_smoothing,
    )
    rules = TrainingRules(max_epochs=20, patience=5, metric=Metric.BALANCED_ERROR, watch=Metric.LOG_LOSS)
    training = Training(data, point, seed=1, rules=rules)
    while not training.should_stop:
        training.run_epoch()

    P = predict(training.best_state["parameters"], point, X_fresh, task=data.task, n_outputs=n_classes)

    shares = np.bincount(y[:N_TRAIN]) / N_TRAIN
    of_shares = log_loss(np.tile(shares, (N_FRESH, 1)), y_fresh)
    np.testing.assert_allclose(P.mean(axis=0), np.bincount(y_fresh) / N_FRESH, atol=0.04)
    assert log_loss(P, y_fresh) < (1.08 if world is noise else 1.0) * of_shares
