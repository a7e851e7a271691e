"""Predictions of numbers are kept within the range of the train targets, wherever they are made."""

import numpy as np
import pytest
from numpy.typing import NDArray

from search_spaces.network.point import NetworkPoint, Switch
from tests.workers.train_dev_sets import digits, rules
from workers.network.learner import PARAMETERS, NetworkLearner
from workers.network.network_kind import NETWORK
from workers.network.target_range import TARGET_RANGE
from workers.train_dev_data import Task, TrainDevData
from workers.trial.training import Training

PLAIN = NetworkPoint(depth=1, width=32, learning_rate=0.03)
CLIPPED = PLAIN.model_copy(update={"clip_predictions": Switch.ON})


def line(n: int = 100) -> TrainDevData:
    """Make two targets that rise and fall with a number, and a dev set far beyond the train set."""
    x = np.linspace(-1, 1, n, dtype=np.float32)[:, np.newaxis]
    y = np.hstack([x, -3 * x])
    return TrainDevData(Task.REGRESSION, x, y, 5 * x, 5 * y, 2)


def trained(point: NetworkPoint, data: TrainDevData, *, n_epochs: int = 15) -> Training:
    training = Training(data, point, seed=0, rules=rules(data.task, max_epochs=n_epochs))
    for _ in range(n_epochs):
        training.run_epoch()
    return training


def dev_predictions(training: Training) -> NDArray[np.float32]:
    predictions = training.best_dev_predictions
    assert predictions is not None
    return predictions


def test_predictions_stay_within_each_targets_own_range() -> None:
    data = line()
    predictions = dev_predictions(trained(CLIPPED, data))
    np.testing.assert_array_equal(predictions.min(axis=0), data.y_train.min(axis=0))
    np.testing.assert_array_equal(predictions.max(axis=0), data.y_train.max(axis=0))
    plain = dev_predictions(trained(PLAIN, data))
    assert (plain.min(axis=0) < data.y_train.min(axis=0)).all()
    assert (plain.max(axis=0) > data.y_train.max(axis=0)).all()


def test_a_network_is_trained_as_without_and_predicts_the_same_within() -> None:
    data = line()
    models = [
        NetworkLearner(data, point, seed=0, rules=rules(data.task, max_epochs=3))
        for point in (PLAIN, CLIPPED)
    ]
    predictions = np.empty((2, *data.y_dev.shape), np.float32)
    for model, out in zip(models, predictions, strict=True):
        for _ in range(3):
            model.advance()
        model.keep()
        model.predict_dev(out)
    plain, clipped = (model.kept_state for model in models)
    np.testing.assert_array_equal(plain[PARAMETERS], clipped[PARAMETERS])
    np.testing.assert_array_equal(clipped[TARGET_RANGE], [[-1, -3], [1, 3]])
    np.testing.assert_array_equal(predictions[1], np.clip(predictions[0], [-1, -3], [1, 3]))


def test_the_state_predicts_what_the_dev_set_was_judged_by() -> None:
    data = line()
    training = trained(CLIPPED, data)
    predicted = NETWORK.predict(training.best_state, CLIPPED, data.X_dev, task=data.task, n_outputs=2)
    np.testing.assert_array_equal(predicted, dev_predictions(training))


def test_classes_have_no_range() -> None:
    training, plain = (trained(point, digits(), n_epochs=1) for point in (CLIPPED, PLAIN))
    assert training.best_state.keys() == {PARAMETERS}
    np.testing.assert_array_equal(dev_predictions(training), dev_predictions(plain))


@pytest.mark.parametrize(
    ("bounds", "match"),
    [
        (
            np.zeros((2, 3)),
            r"the range of 2 targets as numbers of shape \(2, 2\), got float64 \(2, 3\)",
        ),
        (np.zeros((2, 2), np.int64), r"expected the range of 2 targets .* got int64 \(2, 2\)"),
        (np.array([[0.0, 1.0], [1.0, 0.0]]), "expected the lowest and the highest of each target"),
        (np.array([[0.0, np.nan], [1.0, 2.0]]), "expected the lowest and the highest of each target"),
    ],
)
def test_a_range_that_is_none_is_refused(bounds: NDArray[np.floating], match: str) -> None:
    data = line(20)
    state = dict(trained(CLIPPED, data, n_epochs=1).best_state)
    with pytest.raises(ValueError, match=match):
        NETWORK.predict({**state, TARGET_RANGE: bounds}, CLIPPED, data.X_dev, task=data.task, n_outputs=2)
    del state[TARGET_RANGE]
    with pytest.raises(LookupError, match=TARGET_RANGE):
        NETWORK.predict(state, CLIPPED, data.X_dev, task=data.task, n_outputs=2)
