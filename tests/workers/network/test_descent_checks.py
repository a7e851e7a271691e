"""The checks that a person is told to make before trusting a training."""

from dataclasses import replace

import numpy as np
import pytest

from search_spaces.network.point import Activation, NetworkPoint, NumericEmbedding, Optimizer, Switch
from tests.workers.train_dev_sets import diabetes, digits
from workers.network.descent_checks import (
    N_DESCENT_STEPS,
    N_LEARNED_BY_HEART,
    Descent,
    descend,
    first_examples,
    learn_by_heart,
)
from workers.train_dev_data import Task, TrainDevData

SOUND = [
    NetworkPoint(),
    NetworkPoint(activation=Activation.TANH, keep_prob=0.5, l1_lambda=1.0, l2_lambda=1.0, mixup_alpha=0.4),
    NetworkPoint(activation=Activation.GELU, batch_normalization=Switch.ON, label_smoothing=0.1),
    NetworkPoint(optimizer=Optimizer.SGD, learning_rate=0.02, batch_size=8, class_balance=1.0, max_norm=1.0),
    NetworkPoint(numeric_embedding=NumericEmbedding.PERIODIC, feature_scale=Switch.ON),
]


@pytest.mark.parametrize("data", [digits(), diabetes()], ids=["digits", "diabetes"])
@pytest.mark.parametrize("point", SOUND)
def test_a_sound_network_passes_both(data: TrainDevData, point: NetworkPoint) -> None:
    descent = descend(data, point, seed=1)
    assert descent.falls
    assert len(descent.costs) == N_DESCENT_STEPS
    by_heart = learn_by_heart(data, point, seed=1)
    assert by_heart.is_learned
    assert by_heart.n_examples == N_LEARNED_BY_HEART


def test_a_cost_that_rises_once_does_not_fall() -> None:
    assert Descent(0.1, (3.0, 2.0, 1.0)).falls
    assert not Descent(0.1, (3.0, 2.0, 2.0)).falls
    assert not Descent(0.1, (3.0, 2.0), "diverged").falls
    assert not Descent(0.1, (float("inf"), 2.0, 1.0)).falls


def test_a_smaller_rate_is_tried_where_the_cost_curves_sharply() -> None:
    data = digits()
    steep = TrainDevData(data.task, data.X_train * 1000, data.y_train, data.X_dev, data.y_dev, 10)
    descent = descend(steep, NetworkPoint(), seed=1)
    assert descent.falls
    assert descent.learning_rate < 1e-2


@pytest.mark.parametrize(
    "point",
    [
        NetworkPoint(learning_rate=1e-7),
        NetworkPoint(optimizer=Optimizer.SGD, learning_rate=1e3),
        NetworkPoint(depth=1, width=1),
    ],
    ids=["a rate too low", "a rate too high", "too few units"],
)
def test_what_cannot_learn_20_examples_is_told(point: NetworkPoint) -> None:
    assert not learn_by_heart(digits(), point, seed=1).is_learned


def test_the_few_are_of_every_class_and_different() -> None:
    y = np.repeat([0, 1, 2], [500, 5, 500])
    X = np.repeat(np.arange(335, dtype=np.float32), 3)[:1005, np.newaxis]  # each row three times
    data = TrainDevData(Task.CLASSIFICATION, X, y, X, y, 3)
    few = first_examples(data, 20)
    assert set(few.y_train) == {0, 1, 2}
    assert len(np.unique(few.X_train)) == len(few.X_train) == 20
    np.testing.assert_array_equal(few.X_dev, few.X_train)


def test_rows_that_are_alike_but_for_their_classes_are_no_fault() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 2, (100, 2)).astype(np.float32), rng.integers(0, 2, 100)
    by_heart = learn_by_heart(
        TrainDevData(Task.CLASSIFICATION, X, y, X, y, 2), NetworkPoint(learning_rate=0.01), seed=0
    )
    assert by_heart.is_learned
    assert by_heart.n_examples == 4


def test_the_dev_set_is_not_looked_at() -> None:
    data = digits()
    blind = replace(data, X_dev=np.full_like(data.X_dev, np.nan))
    assert descend(blind, NetworkPoint(), seed=1) == descend(data, NetworkPoint(), seed=1)
    assert learn_by_heart(blind, NetworkPoint(), seed=1).is_learned
