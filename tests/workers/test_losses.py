"""Losses, their output functions and their gradients."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from workers.losses import LOSSES, one_hot, softmax
from workers.train_dev_data import Task

logits = npst.arrays(np.float32, (5, 3), elements=st.floats(-(2.0**100), 2.0**100, width=32))


@given(logits)
def test_softmax_gives_probabilities_for_any_finite_row(Z: np.ndarray) -> None:
    P = np.empty_like(Z)
    softmax(Z.copy(), P)
    assert np.all((P >= 0) & (P <= 1))
    np.testing.assert_allclose(P.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(P.max(axis=1), P[np.arange(5), Z.argmax(axis=1)])


def test_softmax_is_the_formula() -> None:
    Z = np.array([[0.0, 1.0, 2.0], [-1.0, 5.0, 0.5]])
    P = np.empty_like(Z)
    softmax(Z.copy(), P)
    np.testing.assert_allclose(P, np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True), rtol=1e-14)


def test_one_hot_marks_each_example_own_class() -> None:
    out = np.full((3, 4), 9.0)
    one_hot(np.array([2, 0, 3]), out)
    np.testing.assert_array_equal(out, [[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]])


@pytest.mark.parametrize(
    ("task", "y"),
    [(Task.CLASSIFICATION, np.array([0, 2, 1, 1])), (Task.REGRESSION, np.array([0.5, -1.0, 2.0, 0.0]))],
)
def test_the_output_gradient_is_the_slope_of_the_mean_loss(task: Task, y: np.ndarray) -> None:
    loss = LOSSES[task]
    n_outputs = 3 if task is Task.CLASSIFICATION else 1
    Z = np.random.default_rng(0).standard_normal((4, n_outputs))
    predictions, targets, gradient = np.empty((3, 4, n_outputs))

    def mean_at(Z: np.ndarray) -> float:
        loss.predict(Z.copy(), predictions)
        return loss.mean(predictions, y)

    differences = np.empty_like(Z)
    for index in np.ndindex(*Z.shape):
        move = np.zeros_like(Z)
        move[index] = 1e-6
        differences[index] = (mean_at(Z + move) - mean_at(Z - move)) / 2e-6
    mean_at(Z)
    loss.encode(y, targets)
    loss.differentiate(predictions, targets, gradient)
    np.testing.assert_allclose(gradient, differences, atol=1e-9)
