"""Metrics agree with scikit-learn's, and are summed in float64."""

import math

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from workers.metrics import error, log_loss, mean_squared_error, r_squared, root_mean_squared_error

seeds = st.integers(0, 2**32 - 1)


def classified(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of 4 classes for 30 examples, and their classes."""
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.full(4, 0.5), 30) * 0.999 + 0.00025, rng.integers(4, size=30)


@given(seeds)
def test_error_and_log_loss_agree_with_scikit_learn(seed: int) -> None:
    P, y = classified(seed)
    assert error(P, y) == pytest.approx(1 - sklearn.metrics.accuracy_score(y, P.argmax(axis=1)))
    assert log_loss(P, y) == pytest.approx(sklearn.metrics.log_loss(y, P, labels=range(4)), rel=1e-12)


@given(npst.arrays(np.float64, (2, 9), elements=st.floats(-1e6, 1e6).map(lambda value: round(value, 3))))
def test_rmse_and_r_squared_agree_with_scikit_learn(arrays: np.ndarray) -> None:
    predictions, targets = arrays
    theirs = sklearn.metrics.root_mean_squared_error(targets, predictions)
    assert root_mean_squared_error(predictions, targets) == pytest.approx(theirs, rel=1e-12)
    theirs = sklearn.metrics.r2_score(targets, predictions)
    assert r_squared(predictions, targets) == pytest.approx(theirs, rel=1e-9, abs=1e-9)


def test_log_loss_of_an_impossible_event_is_finite_and_of_nan_is_nan() -> None:
    assert log_loss(np.array([[0.0, 1.0]], np.float32), np.array([0])) == pytest.approx(87.3, abs=0.05)
    assert math.isnan(log_loss(np.array([[np.nan, 1.0]]), np.array([0])))


def test_of_equal_probabilities_the_first_class_counts() -> None:
    assert error(np.array([[0.5, 0.5], [0.5, 0.5]]), np.array([0, 1])) == 0.5


def test_sums_are_in_float64() -> None:
    predictions = np.zeros(10, np.float32)
    targets = np.full(10, 3e20, np.float32)  # whose squares are beyond float32
    assert mean_squared_error(predictions, targets) == pytest.approx(9e40, rel=1e-6)


@pytest.mark.parametrize(("prediction", "expected"), [(2.0, 1.0), (3.0, 0.0)])
def test_r_squared_of_equal_targets_is_1_if_perfect_else_0(prediction: float, expected: float) -> None:
    assert r_squared(np.full(5, prediction), np.full(5, 2.0)) == expected
