"""Training: it learns, it is exact about what it promises, and it says when it fails."""

import math
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest

from search_spaces.hyperparameters import Activation, Hyperparameters, InitScheme, Optimizer, Schedule
from tests.workers.train_dev_sets import diabetes, digits, few_numbers
from workers.metrics import error, log_loss, root_mean_squared_error
from workers.prediction import predict
from workers.train_dev_data import Task, TrainDevData
from workers.training import DivergedError, Training


def trained(
    data: TrainDevData, point: Hyperparameters, *, epochs: int, seed: int = 1, patience: int = 1000
) -> Training:
    """Run so many epochs, unless patience ends before."""
    training = Training(data, point, seed=seed, max_epochs=epochs, patience=patience)
    run_to_the_end(training)
    return training


def run_to_the_end(training: Training) -> None:
    while not training.should_stop:
        training.run_epoch()


@pytest.mark.parametrize("activation", Activation)
@pytest.mark.parametrize("keep_prob", [1.0, 0.8])
def test_digits_are_learned_to_a_few_percent_error(activation: Activation, keep_prob: float) -> None:
    point = Hyperparameters(activation=activation, keep_prob=keep_prob)
    assert trained(digits(), point, epochs=20).best_metric < 0.05


@pytest.mark.parametrize(
    ("optimizer", "learning_rate"),
    [(Optimizer.SGD, 0.1), (Optimizer.MOMENTUM, 0.02), (Optimizer.RMSPROP, 1e-3), (Optimizer.ADAM, 1e-3)],
)
def test_every_optimizer_learns_digits(optimizer: Optimizer, learning_rate: float) -> None:
    point = Hyperparameters(optimizer=optimizer, learning_rate=learning_rate)
    assert trained(digits(), point, epochs=20).best_metric < 0.06


def test_a_regression_beats_the_mean_in_the_unit_of_the_target() -> None:
    data = diabetes()
    training = trained(data, Hyperparameters(width=16), epochs=30)
    deviation_of_dev = float(data.y_dev.std()) * data.target_deviation
    assert 40 < training.best_metric < 0.85 * deviation_of_dev


@pytest.mark.parametrize("activation", Activation)
def test_the_cost_falls_in_every_epoch_of_full_batch_descent_at_a_small_rate(activation: Activation) -> None:
    point = Hyperparameters(
        optimizer=Optimizer.SGD, learning_rate=0.02, batch_size=10**6, activation=activation
    )
    training = Training(digits(), point, seed=3, max_epochs=60, patience=60)
    losses = [training.run_epoch().train_loss for _ in range(60)]
    assert all(later < earlier for earlier, later in pairwise(losses))
    assert losses[-1] < 0.7 * losses[0]


@pytest.mark.parametrize("data", [digits(), diabetes()], ids=["digits", "diabetes"])
def test_the_best_parameters_predict_to_the_bit_what_was_measured(data: TrainDevData) -> None:
    point = Hyperparameters(width=24, keep_prob=0.9)
    training = Training(data, point, seed=1, max_epochs=8, patience=8)
    curve = [training.run_epoch() for _ in range(8)]
    predictions = predict(
        training.best_parameters, point, data.X_dev, task=data.task, n_outputs=data.n_outputs
    )
    best = min(curve, key=lambda metrics: (metrics.dev_metric, metrics.dev_loss))
    assert training.best_epoch == curve.index(best) + 1
    assert training.best_metric == best.dev_metric
    if data.task is Task.CLASSIFICATION:
        classes = data.y_dev.astype(np.int64)
        assert error(predictions, classes) == best.dev_metric
        assert log_loss(predictions, classes) == best.dev_loss
    else:
        targets = data.y_dev.astype(np.float32)
        assert root_mean_squared_error(predictions, targets) * data.target_deviation == best.dev_metric


def test_later_epochs_do_not_touch_the_best_parameters() -> None:
    training = Training(few_numbers(), Hyperparameters(learning_rate=0.1), seed=1, max_epochs=60, patience=3)
    while training.epochs == training.best_epoch:
        training.run_epoch()
    kept = training.best_parameters
    while not training.should_stop:
        training.run_epoch()
        if training.best_epoch == training.epochs:
            kept = training.best_parameters
    assert training.epochs == training.best_epoch + 3 < 60
    np.testing.assert_array_equal(training.best_parameters, kept)


def test_every_example_is_used_in_an_epoch_the_last_smaller_batch_too() -> None:
    X = np.eye(5, dtype=np.float32)  # example i alone moves the first layer's weights from feature i
    data = TrainDevData(Task.REGRESSION, X, np.arange(5, dtype=np.float32), X, np.ones(5, np.float32), 1)
    point = Hyperparameters(
        depth=1, width=4, batch_size=2, activation=Activation.TANH, optimizer=Optimizer.SGD
    )
    training = Training(data, point, seed=1, max_epochs=1, patience=1)
    before = training.best_parameters[:20].reshape(5, 4)
    training.run_epoch()
    after = training.best_parameters[:20].reshape(5, 4)
    assert np.all(np.any(before != after, axis=1))


def test_a_smaller_batch_is_scaled_by_its_own_size() -> None:
    one = few_numbers(1)
    X, y = np.repeat(one.X_train, 5, axis=0), np.full(5, one.y_train[0], np.float32)
    five = TrainDevData(one.task, X, y, one.X_dev, one.y_dev, 1)
    in_batches_of_2 = Hyperparameters(optimizer=Optimizer.SGD, learning_rate=0.01, batch_size=2)
    whole = in_batches_of_2.model_copy(update={"batch_size": 5})
    once = trained(five, in_batches_of_2, epochs=1)  # 2, 2 and 1 copies of one example: three like steps
    thrice = Training(five, whole, seed=1, max_epochs=3, patience=3)
    last = [thrice.run_epoch() for _ in range(3)][-1]
    if thrice.best_epoch == 3:
        np.testing.assert_allclose(once.best_parameters, thrice.best_parameters, atol=1e-6)
    assert once.best_metric == pytest.approx(last.dev_metric, rel=1e-5)


def test_train_loss_excludes_regularization() -> None:
    plain = Hyperparameters(batch_size=10**6)
    regularized = plain.model_copy(update={"l1_lambda": 5.0, "l2_lambda": 50.0})
    first = [
        Training(digits(), point, seed=1, max_epochs=1, patience=1).run_epoch()
        for point in (plain, regularized)
    ]
    assert first[0].train_loss == first[1].train_loss  # before the only step, the same network
    assert first[0].dev_loss != first[1].dev_loss


def test_l2_shrinks_the_weights_as_much_in_small_batches_as_in_large_ones() -> None:
    """With examples that say nothing, an epoch of k steps multiplies W by (1 - rate * lambda / m) ** k."""
    X = np.zeros((40, 3), np.float32)
    data = TrainDevData(Task.REGRESSION, X, np.zeros(40, np.float32), X[:5], np.zeros(5, np.float32), 1)
    for batch_size, n_steps in ((40, 1), (10, 4), (7, 6)):
        point = Hyperparameters(
            optimizer=Optimizer.SGD, learning_rate=0.5, l2_lambda=8.0, batch_size=batch_size, depth=1
        )
        training = Training(data, point, seed=1, max_epochs=1, patience=1)
        before = training.best_parameters
        training.run_epoch()
        np.testing.assert_allclose(training.best_parameters, before * 0.9**n_steps, rtol=1e-5)


def test_a_schedule_slows_training_down_from_the_epoch_it_says() -> None:
    points = [
        Hyperparameters(learning_rate_schedule=schedule) for schedule in (Schedule.CONSTANT, Schedule.STEP)
    ]
    trainings = [Training(few_numbers(), point, seed=1, max_epochs=4, patience=4) for point in points]
    curves = [[training.run_epoch() for _ in range(4)] for training in trainings]
    assert curves[0][:2] == curves[1][:2]
    assert curves[0][2].dev_loss != curves[1][2].dev_loss


def test_a_step_allocates_no_array() -> None:
    point = Hyperparameters(depth=3, width=512, batch_size=256, keep_prob=0.8, l1_lambda=1, l2_lambda=1)
    data = digits()
    training = Training(data, point, seed=1, max_epochs=2, patience=2)
    training.run_epoch()
    tracemalloc.start()
    training.run_epoch()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    one_activation = 4 * 512 * 256
    assert peak < one_activation / 2  # dropout's chunk, the dev set's last block, an epoch's figures


def test_the_train_set_is_held_once_more_and_no_oftener() -> None:
    X = np.zeros((10_000, 500), np.float32)
    data = TrainDevData(Task.CLASSIFICATION, X, np.zeros(10_000, np.int64), X[:50], np.zeros(50, np.int64), 2)
    tracemalloc.start()
    Training(data, Hyperparameters(width=4), seed=1, max_epochs=1, patience=1).run_epoch()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert X.nbytes < peak < 1.1 * X.nbytes


@pytest.mark.parametrize("data", [digits(), few_numbers()], ids=["classification", "regression"])
@pytest.mark.parametrize(
    "point",
    [
        Hyperparameters(optimizer=Optimizer.SGD, learning_rate=1e6),
        Hyperparameters(learning_rate=1e40),
        Hyperparameters(l1_lambda=1e300),
        Hyperparameters(init_scheme=InitScheme.NORMAL, init_deviation=1e40),
    ],
    ids=["a rate too high", "a rate beyond float32", "a lambda beyond float32", "weights beyond float32"],
)
def test_divergence_is_told_in_words_and_without_warnings(data: TrainDevData, point: Hyperparameters) -> None:
    training = Training(data, point, seed=1, max_epochs=50, patience=50)
    with pytest.raises(DivergedError, match=r"diverged in epoch \d+: .* became (nan|inf) \(learning rate "):
        run_to_the_end(training)
    assert training.epochs < 50


def test_a_diverged_epoch_does_not_count_and_the_best_one_stays() -> None:
    data = few_numbers()
    X, y = data.X_train.copy(), data.y_train.copy()
    training = Training(
        TrainDevData(data.task, X, y, data.X_dev, data.y_dev, 1),
        Hyperparameters(),
        seed=1,
        max_epochs=9,
        patience=9,
    )
    training.run_epoch()
    kept = training.best_parameters
    X[0, 0] = np.inf
    with pytest.raises(DivergedError, match="diverged in epoch 2: the train loss became nan"):
        training.run_epoch()
    assert (training.epochs, training.best_epoch) == (1, 1)
    np.testing.assert_array_equal(training.best_parameters, kept)


def test_before_the_first_epoch_there_is_no_best_one() -> None:
    training = Training(few_numbers(), Hyperparameters(), seed=1, max_epochs=2, patience=2)
    assert (training.epochs, training.best_epoch, training.best_metric) == (0, 0, math.inf)
    assert not training.should_stop


def test_epochs_beyond_the_last_are_refused() -> None:
    training = trained(few_numbers(), Hyperparameters(), epochs=2)
    with pytest.raises(RuntimeError, match="all of max_epochs = 2 epochs have been run"):
        training.run_epoch()


def test_max_epochs_below_1_is_refused() -> None:
    with pytest.raises(ValueError, match="max_epochs needs at least 1 epoch, got 0"):
        Training(few_numbers(), Hyperparameters(), seed=1, max_epochs=0, patience=1)
