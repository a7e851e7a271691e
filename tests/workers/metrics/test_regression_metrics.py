"""Metrics of numbers agree with scikit-learn's, of one target or several, and are summed in float64."""

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray

from workers.metrics.regression_metrics import (
    mean_absolute_error,
    mean_squared_error,
    r_squared,
    root_mean_squared_error,
)

Arrays = NDArray[np.float64]

pairs = st.integers(1, 3).flatmap(
    lambda n_targets: npst.arrays(
        np.float64, (2, 9, n_targets), elements=st.floats(-1e6, 1e6).map(lambda value: round(value, 3))
    )
)


@given(pairs)
def test_they_agree_with_scikit_learn(arrays: Arrays) -> None:
    predictions, targets = arrays
    theirs = sklearn.metrics.root_mean_squared_error(targets, predictions)
    assert root_mean_squared_error(predictions, targets) == pytest.approx(theirs, rel=1e-12)
    theirs = sklearn.metrics.mean_absolute_error(targets, predictions)
    assert mean_absolute_error(predictions, targets) == pytest.approx(theirs, rel=1e-12)
    theirs = sklearn.metrics.mean_squared_error(targets, predictions)
    assert mean_squared_error(predictions, targets) == pytest.approx(theirs, rel=1e-12)
    theirs = sklearn.metrics.r2_score(targets, predictions)
    assert r_squared(predictions, targets) == pytest.approx(theirs, rel=1e-9, abs=1e-9)


@given(pairs)
def test_a_deviation_brings_standardised_figures_into_each_targets_unit(arrays: Arrays) -> None:
    predictions, targets = arrays
    deviation = 1.5 + np.arange(targets.shape[1])
    for metric in (root_mean_squared_error, mean_absolute_error):
        in_unit = metric(predictions * deviation, targets * deviation)
        assert metric(predictions, targets, deviation=deviation) == pytest.approx(in_unit, rel=1e-9)


@given(pairs)
def test_one_target_is_the_same_to_the_bit_with_and_without_its_axis(arrays: Arrays) -> None:
    predictions, targets = arrays
    column = slice(0, 1)
    for metric in (root_mean_squared_error, mean_absolute_error, mean_squared_error, r_squared):
        flat = metric(predictions[:, 0], targets[:, 0])
        assert metric(predictions[:, column], targets[:, column]) == flat


@given(pairs)
def test_an_rmse_is_never_below_the_mae(arrays: Arrays) -> None:
    predictions, targets = arrays
    mae = mean_absolute_error(predictions, targets)
    assert root_mean_squared_error(predictions, targets) >= mae * (1 - 1e-12)


def test_sums_are_in_float64() -> None:
    predictions = np.zeros(10, np.float32)
    targets = np.full(10, 3e20, np.float32)  # whose squares are beyond float32
    assert mean_squared_error(predictions, targets) == pytest.approx(9e40, rel=1e-6)


@pytest.mark.parametrize(("prediction", "expected"), [(2.0, 1.0), (3.0, 0.0)])
def test_r_squared_of_equal_targets_is_1_if_perfect_else_0(prediction: float, expected: float) -> None:
    assert r_squared(np.full(5, prediction), np.full(5, 2.0)) == expected
