"""Regression targets are standardised by the train set's moments, and come back in their unit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from service.data.preparation.preparation import TargetScaling, fit_target_scaling

targets = arrays(np.float64, st.integers(1, 20), elements=st.floats(allow_nan=False, allow_infinity=False))


@given(targets)
def test_it_is_to_the_last_bit_mean_and_deviation_of_the_train_targets(y: NDArray[np.float64]) -> None:
    scaling = fit_target_scaling(y)
    scale = np.abs(y).max() or 1.0  # of divided targets none overflows
    deviation = (y / scale).std() * scale
    assert scaling.mean == (y / scale).mean() * scale
    assert scaling.deviation == (deviation if deviation >= np.finfo(np.float64).smallest_normal else 1.0)
    standardized = scaling.apply(y)
    with np.errstate(over="ignore"):
        expected = standardized.astype(np.float64) * scaling.deviation + scaling.mean
    np.testing.assert_array_equal(scaling.restore(standardized), np.nan_to_num(expected))


@given(arrays(np.float64, st.integers(1, 20), elements=st.floats(1e-300, 1e300)))
def test_logarithms_are_standardised_and_exponentials_restored(y: NDArray[np.float64]) -> None:
    scaling = fit_target_scaling(y, is_log=True)
    np.testing.assert_allclose(scaling.mean, np.log(y).mean(), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(scaling.restore(scaling.apply(y)), y, rtol=2e-3)


def test_a_logarithm_is_restored_to_no_more_than_twice_the_greatest_and_no_less_than_half_the_least() -> None:
    scaling = fit_target_scaling(np.array([3.0, 5.0, 8.0]), is_log=True)
    assert scaling.restore(np.array([-50.0, 50.0, 1e5])).tolist() == [1.5, 16.0, 16.0]
    assert fit_target_scaling(np.array([3.0, 5.0])).restore(np.array([50.0])).tolist() == [54.0]


def test_a_prediction_too_large_for_a_number_stays_finite() -> None:
    scaling = fit_target_scaling(np.array([1.0, 1e300]), is_log=True)
    restored = scaling.restore(np.array([1e4, 0, -1e4]))
    assert np.isfinite(restored).all()
    assert (restored >= 0).all()


@pytest.mark.parametrize("bad", [0.0, -3.5, np.nan])
def test_a_target_without_a_logarithm_is_refused_by_its_row(bad: float) -> None:
    y = np.array([2.0, bad, 1.0])
    with pytest.raises(
        ValueError, match=rf"expected targets above 0 for a logarithm, got {bad} \(row 1 of 3, from 0\)"
    ):
        fit_target_scaling(y, is_log=True)
    with pytest.raises(ValueError, match="expected targets above 0 for a logarithm"):
        fit_target_scaling(np.array([1.0, 2.0]), is_log=True).apply(y)


def test_json_gives_it_back_to_the_last_bit() -> None:
    scaling = fit_target_scaling(np.array([0.1, 0.7, 1e-9]), is_log=True)
    assert TargetScaling.model_validate_json(scaling.model_dump_json()) == scaling
