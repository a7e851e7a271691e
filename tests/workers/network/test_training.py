"""Training: it learns, it is exact about what it promises, and it says when it fails."""

import math
import tracemalloc
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from search_spaces.network.point import (
    Activation,
    InitScheme,
    L1Step,
    LayerRates,
    LossName,
    NetworkPoint,
    NumericEmbedding,
    Optimizer,
    RegularizationSchedule,
    Schedule,
    Switch,
)
from tests.workers.train_dev_sets import diabetes, digits, few_numbers, rules
from workers.failures import DeadError, DivergedError
from workers.messages import EpochMetrics, TrainingRules
from workers.metrics.classification_metrics import error, log_loss
from workers.metrics.metric import Metric
from workers.metrics.regression_metrics import root_mean_squared_error
from workers.network.architecture import architecture_of
from workers.network.network import Network
from workers.network.prediction import predict
from workers.network.watching import insist_on_life
from workers.train_dev_data import Task, TrainDevData
from workers.trial.training import Training


def trained(
    data: TrainDevData, point: NetworkPoint, *, epochs: int, seed: int = 1, patience: int = 1000
) -> Training:
    """Run so many epochs, unless patience ends before."""
    training = Training(data, point, seed=seed, rules=rules(data.task, max_epochs=epochs, patience=patience))
    run_to_the_end(training)
    return training


def run_to_the_end(training: Training) -> None:
    while not training.should_stop:
        training.run_epoch()


@pytest.mark.parametrize(
    "changes",
    [
        *[{"activation": activation} for activation in Activation],
        {"keep_prob": 0.8},
        {"keep_prob": 0.8, "input_keep_prob": 0.9},
        {"batch_normalization": Switch.ON},
        {"feature_scale": Switch.ON},
        {"activation_mix": Switch.ON},
        {"layer_rates": LayerRates.FAN_IN, "bias_rate": 0.1, "learning_rate": 0.01},
        {"numeric_embedding": "periodic"},
        {"label_smoothing": 0.1},
        {"class_balance": 1.0},
        {"l1_lambda": 0.5},
        {"l2_lambda": 1.0},
        {"max_norm": 2.0, "keep_prob": 0.8},
        {"clip_norm": 0.5},
        {"noise_deviation": 0.3},
        {"mixup_alpha": 0.2},
        {"shift_fraction": 0.1, "rotation_degrees": 5.0, "zoom_fraction": 0.1},
        {"learning_rate_schedule": Schedule.COSINE, "warmup_fraction": 0.1},
        {"learning_rate_schedule": Schedule.LOG_COSINE, "learning_rate": 0.01},
    ],
    ids=lambda changes: " ".join(f"{name}={value}" for name, value in changes.items()),
)
def test_digits_are_learned_to_a_few_percent_error(changes: dict[str, object]) -> None:
    point = NetworkPoint.model_validate(changes)
    assert trained(digits(), point, epochs=20).best_badness < 0.06


@pytest.mark.parametrize(
    ("optimizer", "learning_rate"),
    [
        (Optimizer.SGD, 0.1),
        (Optimizer.MOMENTUM, 0.02),
        (Optimizer.NESTEROV, 0.02),
        (Optimizer.RMSPROP, 1e-3),
        (Optimizer.ADAM, 1e-3),
        (Optimizer.ADAMW, 1e-3),
    ],
)
def test_every_optimizer_learns_digits(optimizer: Optimizer, learning_rate: float) -> None:
    point = NetworkPoint(optimizer=optimizer, learning_rate=learning_rate, weight_decay=0.01)
    assert trained(digits(), point, epochs=20).best_badness < 0.06


def test_two_classes_are_learned_by_one_unit_as_by_two() -> None:
    data = digits()
    odd = TrainDevData(data.task, data.X_train, data.y_train % 2, data.X_dev, data.y_dev % 2, 2)
    badness = {
        loss: trained(odd, NetworkPoint(loss=loss), epochs=20).best_badness
        for loss in (LossName.BINARY, LossName.CROSS_ENTROPY)
    }
    assert max(badness.values()) < 0.04


@pytest.mark.parametrize("loss", [LossName.SQUARED_ERROR, LossName.HUBER])
def test_several_targets_are_learned_together(loss: LossName) -> None:
    data = few_numbers(200)
    both = [np.hstack([y, -2 * y]).astype(np.float32) for y in (data.y_train, data.y_dev)]
    two = TrainDevData(data.task, data.X_train, both[0], data.X_dev, both[1], 2)
    point = NetworkPoint(loss=loss, learning_rate=0.01)
    assert trained(two, point, epochs=60).best_badness < 0.3 * float(np.sqrt(np.mean(both[1] ** 2)))


def test_a_regression_beats_the_mean_in_the_unit_of_the_target() -> None:
    data = diabetes()
    training = trained(data, NetworkPoint(width=16), epochs=30)
    deviation_of_dev = float(data.y_dev.std()) * data.target_deviation
    assert 40 < training.best_badness < 0.85 * deviation_of_dev


@pytest.mark.parametrize("activation", Activation)
def test_the_cost_falls_in_every_epoch_of_full_batch_descent_at_a_small_rate(activation: Activation) -> None:
    point = NetworkPoint(optimizer=Optimizer.SGD, learning_rate=0.02, batch_size=10**6, activation=activation)
    training = Training(digits(), point, seed=3, rules=rules(digits().task, max_epochs=60))
    losses = [training.run_epoch().train_loss for _ in range(60)]
    assert all(later < earlier for earlier, later in pairwise(losses))
    assert losses[-1] < 0.9 * losses[0]


@pytest.mark.parametrize("data", [digits(), diabetes()], ids=["digits", "diabetes"])
def test_the_best_parameters_predict_to_the_bit_what_was_measured(data: TrainDevData) -> None:
    point = NetworkPoint(
        width=24,
        keep_prob=0.9,
        batch_normalization=Switch.ON,
        feature_scale=Switch.ON,
        activation_mix=Switch.ON,
        l1_lambda=1.0,
    )
    training = Training(data, point, seed=1, rules=rules(data.task, max_epochs=8))
    curve = [training.run_epoch() for _ in range(8)]
    predictions = predict(
        training.best_state["parameters"], point, data.X_dev, task=data.task, n_outputs=data.n_outputs
    )
    best = min(curve, key=lambda metrics: (metrics.dev_metric, metrics.dev_loss))
    assert training.best_epoch == curve.index(best) + 1
    assert training.best_badness == best.dev_metric
    if data.task is Task.CLASSIFICATION:
        classes = data.y_dev.astype(np.int64)
        assert error(predictions.argmax(axis=1), classes) == best.dev_metric
        assert log_loss(predictions, classes) == best.dev_loss
    else:
        targets = data.y_dev.astype(np.float32)
        rmse = root_mean_squared_error(predictions.ravel(), targets.ravel())
        assert rmse * data.target_deviation == best.dev_metric


def test_later_epochs_do_not_touch_the_best_parameters() -> None:
    training = Training(
        few_numbers(),
        NetworkPoint(learning_rate=0.1),
        seed=1,
        rules=rules(few_numbers().task, max_epochs=60, patience=3),
    )
    while training.epochs == training.best_epoch:
        training.run_epoch()
    kept = training.best_state["parameters"]
    while not training.should_stop:
        training.run_epoch()
        if training.best_epoch == training.epochs:
            kept = training.best_state["parameters"]
    assert training.epochs == training.best_epoch + 3 < 60
    np.testing.assert_array_equal(training.best_state["parameters"], kept)


def test_every_example_is_used_in_an_epoch_the_last_smaller_batch_too() -> None:
    X = np.eye(5, dtype=np.float32)  # example i alone moves the first layer's weights from feature i
    data = TrainDevData(
        Task.REGRESSION, X, np.arange(5, dtype=np.float32)[:, np.newaxis], X, np.ones((5, 1), np.float32), 1
    )
    point = NetworkPoint(depth=1, width=4, batch_size=2, activation=Activation.TANH, optimizer=Optimizer.SGD)
    training = Training(data, point, seed=1, rules=rules(data.task, max_epochs=1))
    before = training.best_state["parameters"][:20].reshape(5, 4)
    training.run_epoch()
    after = training.best_state["parameters"][:20].reshape(5, 4)
    assert np.all(np.any(before != after, axis=1))


def test_a_smaller_batch_is_scaled_by_its_own_size() -> None:
    one = few_numbers(1)
    X, y = np.repeat(one.X_train, 5, axis=0), np.full((5, 1), one.y_train[0, 0], np.float32)
    five = TrainDevData(one.task, X, y, one.X_dev, one.y_dev, 1)
    in_batches_of_2 = NetworkPoint(optimizer=Optimizer.SGD, learning_rate=0.01, batch_size=2)
    whole = in_batches_of_2.model_copy(update={"batch_size": 5})
    once = trained(five, in_batches_of_2, epochs=1)  # 2, 2 and 1 copies of one example: three like steps
    thrice = Training(five, whole, seed=1, rules=rules(five.task, max_epochs=3))
    last = [thrice.run_epoch() for _ in range(3)][-1]
    assert thrice.best_epoch == 3
    np.testing.assert_allclose(once.best_state["parameters"], thrice.best_state["parameters"], atol=1e-6)
    assert once.best_badness == pytest.approx(last.dev_metric, rel=1e-5)


def test_train_loss_excludes_regularization_and_the_cost_has_it() -> None:
    plain = NetworkPoint(batch_size=10**6)
    regularized = plain.model_copy(update={"l1_lambda": 5.0, "l2_lambda": 50.0})
    first = []
    for point in (plain, regularized):
        training = Training(digits(), point, seed=1, rules=rules(digits().task, max_epochs=1))
        first.append((training.run_epoch(), training.best_state["parameters"]))
    assert first[0][0].train_loss == first[1][0].train_loss  # before the only step, the same network
    assert first[0][0].dev_loss != first[1][0].dev_loss
    assert first[0][0].train_cost == first[0][0].train_loss
    weights = first[1][1][: 64 * 64 + 64 * 64 + 64 * 10].astype(np.float64)
    penalty = (5.0 * np.abs(weights).sum() + 25.0 * (weights**2).sum()) / 1437
    assert first[1][0].train_cost - first[1][0].train_loss == pytest.approx(penalty)


def test_a_schedule_slows_training_down_from_the_step_it_says() -> None:
    points = [
        NetworkPoint(learning_rate_schedule=schedule) for schedule in (Schedule.CONSTANT, Schedule.STEP)
    ]
    of_four = rules(Task.REGRESSION, max_epochs=4)
    trainings = [Training(few_numbers(), point, seed=1, rules=of_four) for point in points]
    curves = [[training.run_epoch() for _ in range(4)] for training in trainings]
    assert curves[0][:2] == curves[1][:2]
    assert curves[0][2].dev_loss != curves[1][2].dev_loss


@pytest.mark.parametrize(
    "regularized",
    [{"keep_prob": 0.6}, {"input_keep_prob": 0.6}, {"optimizer": "adamw", "weight_decay": 10.0}],
    ids=str,
)
def test_regularization_changes_from_the_step_it_says(regularized: dict[str, object]) -> None:
    curves = []
    for schedule in RegularizationSchedule:
        point = NetworkPoint.model_validate({"regularization_schedule": schedule, **regularized})
        training = Training(few_numbers(), point, seed=1, rules=rules(Task.REGRESSION, max_epochs=4))
        curves.append([training.run_epoch() for _ in range(4)])
    assert curves[0][:2] == curves[1][:2]
    assert curves[0][2].dev_loss != curves[1][2].dev_loss


def test_warm_up_begins_with_small_steps_that_are_not_0() -> None:
    X = np.ones((6, 1), np.float32)
    data = TrainDevData(Task.REGRESSION, X, X, X, X, 1)
    moves = []
    for warmup_fraction in (0.0, 0.5):
        point = NetworkPoint(depth=1, batch_size=1, warmup_fraction=warmup_fraction)
        training = Training(data, point, seed=1, rules=rules(data.task, max_epochs=2))
        before = training.best_state["parameters"]
        training.run_epoch()
        moves.append(float(np.abs(training.best_state["parameters"] - before).max()))
    assert 0 < moves[1] < 0.7 * moves[0]


def test_a_step_allocates_no_array() -> None:
    point = NetworkPoint(
        depth=3,
        width=512,
        batch_size=256,
        keep_prob=0.8,
        input_keep_prob=0.9,
        l1_lambda=1,
        l2_lambda=1,
        batch_normalization=Switch.ON,
        feature_scale=Switch.ON,
        layer_rates=LayerRates.FAN_IN,
        activation_mix=Switch.ON,
        numeric_embedding=NumericEmbedding.PERIODIC,
        max_norm=3,
        clip_norm=1,
        noise_deviation=0.1,
    )
    data = digits()
    training = Training(data, point, seed=1, rules=rules(data.task, max_epochs=2))
    training.run_epoch()
    tracemalloc.start()
    training.run_epoch()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    one_activation = 4 * 512 * 256
    assert peak < one_activation / 2  # dropout's chunk, the dev set's last block, an epoch's figures


def test_the_train_set_is_not_copied() -> None:
    X = np.random.default_rng(0).standard_normal((10_000, 500), np.float32)
    X.setflags(write=False)
    data = TrainDevData(Task.CLASSIFICATION, X, np.zeros(10_000, np.int64), X[:50], np.zeros(50, np.int64), 2)
    tracemalloc.start()
    Training(data, NetworkPoint(width=4), seed=1, rules=rules(data.task, max_epochs=1)).run_epoch()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.1 * X.nbytes


@pytest.mark.parametrize("data", [digits(), few_numbers()], ids=["classification", "regression"])
@pytest.mark.parametrize(
    "point",
    [
        NetworkPoint(optimizer=Optimizer.SGD, learning_rate=1e6),
        NetworkPoint(learning_rate=1e40),
        NetworkPoint(l1_lambda=1e300, l1_step=L1Step.SUBGRADIENT),
        NetworkPoint(init_scheme=InitScheme.NORMAL, init_deviation=1e40),
    ],
    ids=["a rate too high", "a rate beyond float32", "a lambda beyond float32", "weights beyond float32"],
)
def test_divergence_is_told_in_words_and_without_warnings(data: TrainDevData, point: NetworkPoint) -> None:
    training = Training(data, point, seed=1, rules=rules(data.task, max_epochs=50))
    with pytest.raises(DivergedError, match=r"diverged in epoch \d+: .* became (nan|inf) \(learning rate "):
        run_to_the_end(training)
    assert training.epochs < 50


def test_a_diverged_epoch_does_not_count_and_the_best_one_stays() -> None:
    data = few_numbers()
    X, y = data.X_train.copy(), data.y_train.copy()
    own = TrainDevData(data.task, X, y, data.X_dev, data.y_dev, 1)
    training = Training(own, NetworkPoint(), seed=1, rules=rules(data.task, max_epochs=9))
    training.run_epoch()
    kept = training.best_state["parameters"]
    X[0, 0] = np.inf
    with pytest.raises(DivergedError, match="diverged in epoch 2: the train loss became nan"):
        training.run_epoch()
    assert (training.epochs, training.best_epoch) == (1, 1)
    np.testing.assert_array_equal(training.best_state["parameters"], kept)


@pytest.mark.parametrize("activation", Activation)
def test_a_network_whose_units_are_all_alike_at_0_is_told_as_dead(activation: Activation) -> None:
    point = NetworkPoint(init_scheme=InitScheme.ZEROS, activation=activation, depth=2)
    training = Training(digits(), point, seed=1, rules=rules(digits().task, max_epochs=30))
    if activation is Activation.SIGMOID:  # whose units are all 1/2: it learns, and badly
        run_to_the_end(training)
        assert training.best_badness > 0.5
    else:
        with pytest.raises(DeadError, match="dead in epoch 1: hidden layer 1 is 0 for every train example"):
            run_to_the_end(training)


def test_a_network_whose_relus_one_enormous_step_turns_off_is_told_as_dead() -> None:
    point = NetworkPoint(optimizer=Optimizer.ADAM, learning_rate=30.0, depth=3, width=4)
    training = Training(digits(), point, seed=3, rules=rules(digits().task, max_epochs=30))
    with pytest.raises(DeadError, match=r"dead in epoch \d+: hidden layer \d is 0 for every train example"):
        run_to_the_end(training)


def test_relus_that_are_off_for_a_mini_batch_alone_are_not_dead() -> None:
    data = few_numbers(40)
    point = NetworkPoint(depth=1, width=2, batch_size=1, learning_rate=1e-3)
    for seed in range(20):
        trained(data, point, epochs=3, seed=seed)


@pytest.mark.parametrize("switch", Switch)
def test_relus_that_are_off_are_dead_but_where_they_learn_to_let_their_input_through(switch: Switch) -> None:
    point = NetworkPoint(depth=1, width=4, activation_mix=switch)
    network = Network.untrained(architecture_of(point, n_features=2, n_units=1), largest_batch=3)
    network.parameters.biases[0].fill(-1)
    network.parameters.weights[1].fill(1)
    X = np.ones((3, 2), np.float32)
    network.forward(X)
    network.backward(np.ones((3, 1), np.float32))
    if switch is Switch.ON:
        insist_on_life(network, n_last=3, X=X, epoch=1)
    else:
        with pytest.raises(DeadError, match="dead in epoch 1: hidden layer 1 is 0 for every train example"):
            insist_on_life(network, n_last=3, X=X, epoch=1)


def test_a_loss_that_stands_still_because_nothing_moves_is_told_as_dead() -> None:
    point = NetworkPoint(learning_rate=1e-30)
    training = Training(few_numbers(), point, seed=1, rules=rules(Task.REGRESSION, max_epochs=30))
    with pytest.raises(DeadError, match="dead in epoch 1: no step moved any parameter"):
        run_to_the_end(training)


def test_a_deep_network_that_begins_slowly_from_small_weights_is_not_dead() -> None:
    data = few_numbers(40)
    centered = replace(data, y_train=data.y_train - data.y_train.mean())  # no bias has a gradient at first
    point = NetworkPoint(init_scheme=InitScheme.NORMAL, depth=5)
    training = trained(centered, point, epochs=200)
    assert training.best_badness < 0.8 * float(np.std(data.y_dev)) * data.target_deviation


def gradient_norm(seen: EpochMetrics) -> float:
    norm = seen.details["gradient_norm"]
    assert isinstance(norm, float)
    return norm


def test_a_gradient_whose_squares_are_beyond_float32_has_a_length_and_is_clipped() -> None:
    data = few_numbers()
    large = replace(data, X_train=data.X_train * np.float32(1e10))
    point = NetworkPoint(optimizer=Optimizer.SGD, clip_norm=1.0, learning_rate=1.0, batch_size=40)
    training = Training(large, point, seed=1, rules=rules(data.task, max_epochs=1))
    before = training.best_state["parameters"]
    assert 1e19 < gradient_norm(training.run_epoch()) < math.inf
    assert np.linalg.norm(training.best_state["parameters"] - before) == pytest.approx(1.0, rel=1e-3)


def test_a_regression_on_a_constant_is_perfect_and_not_dead() -> None:
    X = np.zeros((20, 2), np.float32)
    zeros = np.zeros((20, 1), np.float32)
    data = TrainDevData(Task.REGRESSION, X, zeros, X, zeros, 1)
    point = NetworkPoint(activation=Activation.SIGMOID, optimizer=Optimizer.SGD, learning_rate=0.01)
    assert trained(data, point, epochs=10).epochs == 10


def test_the_watched_metric_decides_the_best_epoch_and_the_metric_is_told() -> None:
    data = digits()
    watched = TrainingRules(15, 15, Metric.ERROR, Metric.LOG_LOSS)
    training = Training(data, NetworkPoint(learning_rate=0.02), seed=1, rules=watched)
    curve = [training.run_epoch() for _ in range(15)]
    best = min(curve, key=lambda metrics: metrics.dev_watched)
    assert training.best_epoch == curve.index(best) + 1
    assert training.best_badness == best.dev_watched == best.dev_loss
    assert training.best_dev_metrics[Metric.ERROR] == best.dev_metric
    assert training.best_dev_metrics[Metric.LOG_LOSS] == best.dev_loss


def test_a_metric_that_is_better_higher_is_followed_upward() -> None:
    watched = TrainingRules(20, 20, Metric.R_SQUARED, Metric.R_SQUARED)
    training = Training(few_numbers(), NetworkPoint(learning_rate=0.01), seed=1, rules=watched)
    curve = [training.run_epoch().dev_metric for _ in range(20)]
    assert training.best_epoch == int(np.argmax(curve)) + 1 > 1
    assert training.best_badness == -max(curve)


def test_spreads_and_gradient_are_told_by_layer() -> None:
    point = NetworkPoint(depth=3, init_scheme=InitScheme.NORMAL, init_deviation=1e-2, learning_rate=1e-9)
    training = Training(digits(), point, seed=1, rules=rules(digits().task, max_epochs=2))
    seen = training.run_epoch()
    forward, backward = seen.details["activation_spreads"], seen.details["gradient_spreads"]
    assert isinstance(forward, tuple)
    assert isinstance(backward, tuple)
    first, second, third = forward
    assert first > 5 * second > 25 * third > 0  # vanishing forward
    low, middle, high = backward
    assert 0 < 25 * low < 5 * middle < high  # and backward
    assert gradient_norm(seen) > 0


def test_the_gradient_norm_is_that_before_clipping() -> None:
    norms = []
    for clip_norm in (None, 1e-3):
        point = NetworkPoint(clip_norm=clip_norm, batch_size=10**6)
        training = Training(digits(), point, seed=1, rules=rules(digits().task, max_epochs=1))
        norms.append(gradient_norm(training.run_epoch()))
    assert norms[0] == norms[1] > 1e-2


def test_clipping_bounds_the_first_step_of_sgd() -> None:
    point = NetworkPoint(optimizer=Optimizer.SGD, learning_rate=1.0, clip_norm=1e-2, batch_size=10**6)
    training = Training(digits(), point, seed=1, rules=rules(digits().task, max_epochs=1))
    before = training.best_state["parameters"]
    training.run_epoch()
    moved = (training.best_state["parameters"] - before).astype(np.float64)
    assert np.linalg.norm(moved) == pytest.approx(1e-2, rel=1e-3)


def test_max_norm_bounds_every_hidden_unit() -> None:
    point = NetworkPoint(max_norm=0.5, width=16, depth=2)
    training = trained(digits(), point, epochs=3)
    for start, n_in in ((0, 64), (64 * 16, 16)):
        W = training.best_state["parameters"][start : start + n_in * 16].reshape(n_in, 16)
        assert np.linalg.norm(W, axis=0).max() <= 0.5 * (1 + 1e-5)


def test_before_the_first_epoch_there_is_no_best_one() -> None:
    training = Training(few_numbers(), NetworkPoint(), seed=1, rules=rules(few_numbers().task, max_epochs=2))
    assert (training.epochs, training.best_epoch, training.best_badness) == (0, 0, math.inf)
    assert training.best_dev_metrics == {}
    assert not training.should_stop


def test_epochs_beyond_the_last_are_refused() -> None:
    training = trained(few_numbers(), NetworkPoint(), epochs=2)
    with pytest.raises(RuntimeError, match="all of max_epochs = 2 epochs have been run"):
        training.run_epoch()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_epochs": 0}, "max_epochs needs at least 1 epoch, got 0"),
        ({"patience": 0}, "patience needs at least 1 epoch, got 0"),
        ({"min_gain": -0.1}, "min_gain needs at least 0, got -0.1"),
        ({"min_gain": math.nan}, "min_gain needs at least 0, got nan"),
    ],
)
def test_rules_that_make_no_sense_are_refused(changes: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(rules(Task.REGRESSION, max_epochs=3), **changes)  # type: ignore[arg-type]  # fields by name
