"""What an epoch tells of the train set, against the same figures of a network that hardly moves."""

import numpy as np
import pytest

from search_spaces.network.point import NetworkPoint, Optimizer
from tests.workers.train_dev_sets import few_numbers, rules
from workers.network.prediction import predict
from workers.trial.training import Training

STILL = NetworkPoint(optimizer=Optimizer.SGD, learning_rate=1e-8)


@pytest.mark.parametrize("batch_size", [1, 16, 41])
def test_the_train_loss_is_the_mean_over_the_examples_however_unequal_the_mini_batches(
    batch_size: int,
) -> None:
    data = few_numbers(41)
    point = STILL.model_copy(update={"batch_size": batch_size})
    training = Training(data, point, seed=1, rules=rules(data.task, max_epochs=1))
    predictions = predict(training.best_state["parameters"], point, data.X_train, task=data.task, n_outputs=1)

    assert training.run_epoch().train_loss == pytest.approx(np.mean((predictions - data.y_train) ** 2), 1e-4)


@pytest.mark.parametrize("batch_size", [1, 16, 41])
def test_lambda_is_divided_by_the_train_examples_whatever_the_mini_batch(batch_size: int) -> None:
    data = few_numbers(41)
    point = STILL.model_copy(
        update={"batch_size": batch_size, "depth": 1, "width": 5, "l1_lambda": 3.0, "l2_lambda": 7.0}
    )
    training = Training(data, point, seed=1, rules=rules(data.task, max_epochs=1))
    W = training.best_state["parameters"][: 3 * 5 + 5].astype(np.float64)
    epoch = training.run_epoch()

    penalty = 3.0 / 41 * np.abs(W).sum() + 7.0 / (2 * 41) * np.square(W).sum()
    assert epoch.train_cost - epoch.train_loss == pytest.approx(penalty, 1e-4)
