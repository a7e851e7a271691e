"""Losses, their output functions and their gradients."""

import numpy as np
import pytest
import sklearn.utils
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from search_spaces.network.point import LossName, NetworkPoint
from workers.metrics.class_weights import class_weights
from workers.metrics.classification_metrics import log_loss
from workers.metrics.regression_metrics import mean_squared_error
from workers.network.losses import (
    BinaryCrossEntropy,
    Huber,
    Loss,
    SoftmaxCrossEntropy,
    SquaredError,
    make_loss,
    resolved_loss,
)
from workers.train_dev_data import Task

logits = npst.arrays(np.float32, (5, 3), elements=st.floats(-(2.0**100), 2.0**100, width=32))
CLASSES = np.array([0, 2, 1, 1])
NUMBERS = np.array([[0.5, -1.0], [2.0, 0.0], [-3.0, 0.1], [0.2, 1.0]])


def softmax_loss(
    n_classes: int,
    *,
    smoothing: float = 0.0,
    weights: list[float] | None = None,
    shares: list[float] | None = None,
) -> SoftmaxCrossEntropy:
    return SoftmaxCrossEntropy(
        np.full(n_classes, 1 / n_classes) if shares is None else np.array(shares),
        np.ones(n_classes) if weights is None else np.array(weights),
        smoothing,
        dtype=np.float64,
    )


def binary_loss(*, smoothing: float = 0.0, weights: tuple[float, float] = (1.0, 1.0)) -> BinaryCrossEntropy:
    return BinaryCrossEntropy(np.array([0.2, 0.8]), np.array(weights), smoothing, dtype=np.float64)


def probabilities(Z: np.ndarray) -> np.ndarray:
    P = np.empty_like(Z)
    softmax_loss(Z.shape[1]).predict(Z.copy(), P)
    return P


@given(logits)
def test_softmax_gives_probabilities_for_any_finite_row(Z: np.ndarray) -> None:
    P = probabilities(Z)
    assert np.all((P >= 0) & (P <= 1))
    np.testing.assert_allclose(P.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(P.max(axis=1), P[np.arange(5), Z.argmax(axis=1)])


def test_softmax_gives_a_row_the_same_bits_alone_and_in_company() -> None:
    Z = np.random.default_rng(2).standard_normal((40, 30)).astype(np.float32)
    alone = np.concatenate([probabilities(row[np.newaxis]) for row in Z])
    np.testing.assert_array_equal(alone, probabilities(Z))


def test_softmax_is_the_formula() -> None:
    Z = np.array([[0.0, 1.0, 2.0], [-1.0, 5.0, 0.5]])
    np.testing.assert_allclose(probabilities(Z), np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True), rtol=1e-14)


def test_sigmoid_keeps_the_digits_of_small_probabilities_at_both_ends() -> None:
    P = np.empty((3, 2))
    binary_loss().predict(np.array([[-50.0], [0.0], [50.0]]), P)
    tiny = np.exp(-50.0)
    np.testing.assert_allclose(P, [[1, tiny], [0.5, 0.5], [tiny, 1]], rtol=1e-12)


def encoded(loss: Loss, y: np.ndarray, n_outputs: int) -> np.ndarray:
    targets = np.full((len(y), n_outputs), 9.0)
    loss.encode(y, targets)
    return targets


def test_targets_mark_each_example_own_class_smoothed_and_weighted() -> None:
    np.testing.assert_array_equal(encoded(softmax_loss(3), np.array([2, 0]), 3), [[0, 0, 1], [1, 0, 0]])
    smoothed = encoded(softmax_loss(4, smoothing=0.2), np.array([1]), 4)
    np.testing.assert_allclose(smoothed, [[0.05, 0.85, 0.05, 0.05]])
    weighted = encoded(
        softmax_loss(2, smoothing=0.5, weights=[3.0, 0.5], shares=[0.2, 0.8]), np.array([0, 1]), 2
    )
    np.testing.assert_allclose(weighted, [[3 * 0.8, 3 * 0.2], [0.5 * 0.3, 0.5 * 0.7]])


@pytest.mark.parametrize(
    ("loss", "y", "n_outputs"),
    [
        (softmax_loss(3), CLASSES, 3),
        (softmax_loss(3, smoothing=0.1, weights=[2.0, 0.5, 1.5]), CLASSES, 3),
        (binary_loss(), CLASSES % 2, 2),
        (binary_loss(smoothing=0.1, weights=(2.0, 0.75)), CLASSES % 2, 2),
        (SquaredError(2, dtype=np.float64), NUMBERS, 2),
        (Huber(2, 0.7, dtype=np.float64), NUMBERS, 2),
    ],
    ids=["softmax", "weighted softmax", "binary", "weighted binary", "squared error", "huber"],
)
def test_the_output_gradient_is_the_slope_of_the_mean_loss(loss: Loss, y: np.ndarray, n_outputs: int) -> None:
    Z = np.random.default_rng(0).standard_normal((4, loss.n_units))
    predictions, targets = np.empty((4, n_outputs)), encoded(loss, y, n_outputs)
    gradient = np.empty_like(Z)

    def mean_at(Z: np.ndarray) -> float:
        loss.predict_weighted(Z.copy(), predictions)
        return loss.total(predictions, targets) / len(Z)

    differences = np.empty_like(Z)
    for index in np.ndindex(*Z.shape):
        move = np.zeros_like(Z)
        move[index] = 1e-6
        differences[index] = (mean_at(Z + move) - mean_at(Z - move)) / 2e-6
    mean_at(Z)
    loss.differentiate(predictions, targets, gradient)
    np.testing.assert_allclose(gradient, differences, atol=1e-8)


def test_without_smoothing_and_weights_the_loss_is_the_metric_that_dev_sets_are_judged_by() -> None:
    P = probabilities(np.random.default_rng(1).standard_normal((4, 3)))
    loss = softmax_loss(3)
    assert loss.total(P, encoded(loss, CLASSES, 3)) / 4 == pytest.approx(log_loss(P, CLASSES), rel=1e-12)
    squared = SquaredError(2, dtype=np.float64)
    assert squared.total(NUMBERS + 0.3, NUMBERS) / 4 == pytest.approx(
        mean_squared_error((NUMBERS + 0.3).ravel(), NUMBERS.ravel())
    )


def test_binary_is_softmax_over_a_logit_of_0_and_its_own() -> None:
    z = np.array([[0.3], [-2.0], [5.0]])
    P = np.empty((3, 2))
    binary_loss().predict(z.copy(), P)
    np.testing.assert_allclose(P, probabilities(np.hstack([np.zeros((3, 1)), z])), rtol=1e-12)


@given(st.floats(-20, 20), st.floats(0.1, 5))
def test_huber_is_quadratic_within_delta_and_linear_beyond(residual: float, delta: float) -> None:
    expected = residual**2 if abs(residual) <= delta else delta * (2 * abs(residual) - delta)
    loss = Huber(1, delta, dtype=np.float64)
    assert loss.total(np.array([[residual]]), np.zeros((1, 1))) == pytest.approx(expected)


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=6), st.floats(0, 1))
def test_class_weights_follow_the_balance_and_have_mean_1_over_the_examples(
    counts: list[int], balance: float
) -> None:
    weights = class_weights(np.array(counts), balance)
    assert np.dot(weights, counts) == pytest.approx(sum(counts))
    ratios = weights / weights[0]
    np.testing.assert_allclose(ratios, (counts[0] / np.array(counts)) ** balance, rtol=1e-9)


def test_full_balance_is_scikit_learns() -> None:
    counts = np.array([5, 20, 75])
    y = np.repeat([0, 1, 2], counts)
    theirs = sklearn.utils.compute_class_weight("balanced", classes=np.arange(3), y=y)
    np.testing.assert_allclose(class_weights(counts, 1.0), theirs, rtol=1e-12)


def test_a_class_without_examples_does_not_divide_by_0() -> None:
    counts = np.array([90, 0, 10])
    weights = class_weights(counts, 1.0)
    assert np.all(np.isfinite(weights))
    assert np.dot(weights, counts) == pytest.approx(100)  # no mean is taken over examples that are not there


def test_auto_is_the_loss_of_the_task() -> None:
    point = NetworkPoint()
    assert resolved_loss(point, task=Task.CLASSIFICATION, n_outputs=2) is LossName.CROSS_ENTROPY
    assert resolved_loss(point, task=Task.REGRESSION, n_outputs=1) is LossName.SQUARED_ERROR


@pytest.mark.parametrize(
    ("loss", "task", "message"),
    [
        (LossName.HUBER, Task.CLASSIFICATION, "the loss huber is not for classification"),
        (LossName.SQUARED_ERROR, Task.CLASSIFICATION, "the loss squared_error is not for classification"),
        (LossName.BINARY, Task.REGRESSION, "the loss binary is not for regression"),
        (LossName.BINARY, Task.CLASSIFICATION, "the loss binary is for 2 classes, and there are 3"),
    ],
)
def test_a_loss_that_is_not_for_the_task_is_refused(loss: LossName, task: Task, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_loss(NetworkPoint(loss=loss), task=task, n_outputs=3)
