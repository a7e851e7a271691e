"""Regularization: penalties, gradients, exact zeros, bounds, and a lambda that means the same everywhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from search_spaces.network.point import Activation, L1Step, NetworkPoint, Optimizer
from workers.messages import TrainingRules
from workers.metrics.metric import Metric
from workers.network.gradient_check import Batch, Cost
from workers.network.regularization import (
    add_l1_gradient,
    add_l2_gradient,
    bound_norms,
    l1_penalty,
    l2_penalty,
    shrink_towards_zero,
    zero_share,
)
from workers.train_dev_data import Task, TrainDevData
from workers.trial.training import Training

W = np.array([0.5, -2.0, 0.0, 3.0])


def test_penalties_are_the_formulas() -> None:
    assert l1_penalty(W, 0.7, n_train=10) == pytest.approx(0.7 / 10 * 5.5)
    assert l2_penalty(W, 0.7, n_train=10) == pytest.approx(0.7 / 20 * 13.25)


def test_l1_adds_the_sign_and_0_at_0() -> None:
    gradient = np.ones(4)
    add_l1_gradient(W, 0.7, n_train=10, gradient=gradient, scratch=np.empty(4))
    np.testing.assert_allclose(gradient, [1.07, 0.93, 1.0, 1.07])


def test_l2_adds_the_weight() -> None:
    gradient = np.ones(4)
    add_l2_gradient(W, 0.7, n_train=10, gradient=gradient, scratch=np.empty(4))
    np.testing.assert_allclose(gradient, 1 + 0.07 * W)


def small_cost(n_examples: int, *, l1_lambda: float = 0.0, l2_lambda: float = 0.0) -> Cost:
    """Make a network that is the same whatever the lambdas."""
    point = NetworkPoint(
        depth=2, width=3, activation=Activation.TANH, l1_lambda=l1_lambda, l2_lambda=l2_lambda
    )
    rng = np.random.default_rng(5)
    X, y = rng.standard_normal((n_examples, 2)), rng.integers(3, size=n_examples)
    cost = Cost(point, Batch(X, y, Task.CLASSIFICATION, 3, n_train=11))
    cost.parameters[:] = rng.normal(0, 0.5, len(cost.parameters))
    return cost


@given(st.integers(1, 9), st.floats(0, 10), st.floats(0, 10))
def test_a_penalty_is_divided_by_the_train_set_whatever_the_batch_and_spares_biases(
    n_examples: int, l1_lambda: float, l2_lambda: float
) -> None:
    regularized = small_cost(n_examples, l1_lambda=l1_lambda, l2_lambda=l2_lambda)
    added = regularized.gradient() - small_cost(n_examples).gradient()
    expected = np.zeros_like(added)
    start = 0
    for W in regularized.weights:
        expected[start : start + W.size] = ((l1_lambda * np.sign(W) + l2_lambda * W) / 11).ravel()
        start += W.size
    np.testing.assert_allclose(added, expected, atol=1e-12)


@given(
    npst.arrays(np.float64, 5, elements=st.floats(-3, 3)),
    st.floats(0, 2),
)
def test_shrinking_is_the_proximal_map_of_l1(weights: np.ndarray, amount: float) -> None:
    shrunk = weights.copy()
    shrink_towards_zero(shrunk, amount, scratch=np.empty(5))
    np.testing.assert_allclose(shrunk, np.sign(weights) * np.maximum(np.abs(weights) - amount, 0), atol=1e-15)
    assert np.all(shrunk[np.abs(weights) <= amount] == 0)


def test_norms_of_incoming_weights_are_bounded_and_short_ones_stay() -> None:
    W = np.array([[3.0, 0.1, 0.0], [4.0, 0.2, 0.0]])
    bound_norms(W, 2.0, scratch=np.empty_like(W), factors=np.empty(3))
    np.testing.assert_allclose(W, [[1.2, 0.1, 0.0], [1.6, 0.2, 0.0]])


def test_a_vector_whose_squares_are_beyond_float32_is_shortened_all_the_same() -> None:
    W = np.array([[3e20, 0.1], [4e20, 0.2]], np.float32)
    with np.errstate(over="ignore"):  # as training does
        bound_norms(W, 2.0, scratch=np.empty_like(W), factors=np.empty(2, np.float32))
    np.testing.assert_allclose(W, [[1.2, 0.1], [1.6, 0.2]], rtol=1e-6)


def test_the_share_of_zeros_counts_exact_ones() -> None:
    assert zero_share(np.array([0.0, 1e-30, -0.0, 2.0])) == 0.5


def first_weights(point: NetworkPoint, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Train to the end; return the first layer's weights."""
    training = Training(
        TrainDevData(Task.REGRESSION, X, y, X, y, 1),
        point,
        seed=0,
        rules=TrainingRules(400, 400, Metric.RMSE, Metric.RMSE),
    )
    while not training.should_stop:
        training.run_epoch()
    n_in, n_hidden = X.shape[1], point.width
    first: np.ndarray = training.best_state["parameters"][: n_in * n_hidden].reshape(n_in, n_hidden)
    return first


def test_l1_leaves_exact_zeros_on_features_that_say_nothing_and_keeps_the_one_that_does() -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 6)).astype(np.float32)
    y = (0.8 * X[:, :1]).astype(np.float32)
    proximal = NetworkPoint(
        depth=1,
        width=2,
        activation=Activation.TANH,
        optimizer=Optimizer.SGD,
        learning_rate=0.1,
        l1_lambda=5.0,
        batch_size=200,
    )
    weights = first_weights(proximal, X, y)
    assert np.all(weights[1:] == 0)
    assert np.any(weights[0] != 0)
    subgradient = proximal.model_copy(update={"l1_step": L1Step.SUBGRADIENT})
    assert np.all(first_weights(subgradient, X, y)[1:] != 0)
