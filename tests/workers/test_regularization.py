"""L1 and L2: the penalties, their gradients, and that lambda means the same at every batch size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_spaces.hyperparameters import Activation, Hyperparameters
from tests.workers.gradient_check import Check, Shape, drawn_check
from workers.network import weight_count
from workers.regularization import add_l1_gradient, add_l2_gradient, l1_penalty, l2_penalty
from workers.train_dev_data import Task

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


def small_check(n_examples: int, *, l1_lambda: float = 0.0, l2_lambda: float = 0.0) -> Check:
    """Make a network that is the same whatever the lambdas."""
    point = Hyperparameters(
        depth=2, width=3, activation=Activation.TANH, l1_lambda=l1_lambda, l2_lambda=l2_lambda
    )
    return drawn_check(point, Shape(Task.CLASSIFICATION, 2, 3, n_examples), seed=5)


@given(st.integers(1, 9), st.floats(0, 10), st.floats(0, 10))
def test_a_penalty_is_divided_by_the_train_set_whatever_the_batch_and_spares_biases(
    n_examples: int, l1_lambda: float, l2_lambda: float
) -> None:
    regularized = small_check(n_examples, l1_lambda=l1_lambda, l2_lambda=l2_lambda)
    added = regularized.gradient() - small_check(n_examples).gradient()
    n_weights = weight_count(regularized.network.sizes)
    weights = regularized.network.parameters[:n_weights]
    expected = np.zeros_like(added)
    expected[:n_weights] = (l1_lambda * np.sign(weights) + l2_lambda * weights) / regularized.n_train
    np.testing.assert_allclose(added, expected, atol=1e-12)
