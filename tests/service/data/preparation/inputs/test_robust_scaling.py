"""Robust scaling: the quartiles decide, and nothing lies farther out than 3."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from sklearn.preprocessing import RobustScaler

from service.data.preparation.inputs.column_statistics import summarize
from service.data.preparation.inputs.numeric_scaling import RobustScaling, fit_robust_scaling


def fit(*column: float) -> RobustScaling:
    numbers = pl.DataFrame({"x": column}, schema={"x": pl.Float64})
    return fit_robust_scaling(numbers, summarize(numbers))


def test_before_the_clip_it_agrees_with_scikit_learn() -> None:
    X = np.random.default_rng(0).lognormal(size=(501, 3))
    numbers = pl.DataFrame(X)
    z = RobustScaler().fit_transform(X)
    scaled = fit_robust_scaling(numbers, summarize(numbers)).apply(X.copy())
    np.testing.assert_allclose(scaled, z / np.sqrt(1 + (z / 3) ** 2), rtol=1e-12)


def test_where_the_quartiles_agree_half_of_the_range_stands_in() -> None:
    scaling = fit(0, 0, 0, 0, 0, 0, 0, 8)
    assert scaling.spread.tolist() == [4]
    np.testing.assert_allclose(scaling.apply(np.array([[8.0]])), 2 / np.sqrt(1 + (2 / 3) ** 2))


def test_a_range_too_small_for_a_number_does_not_divide_by_zero() -> None:
    assert fit(0, 5e-324, 5e-324, 1e-323).spread.tolist() == [1]


def test_a_range_too_large_for_a_number_stays_finite() -> None:
    scaled = fit(-1.7e308, -1.7e308, 1.7e308, 1.7e308).apply(np.array([[-1.7e308], [0.0], [1.7e308]]))
    assert np.isfinite(scaled).all()
    assert (np.diff(scaled[:, 0]) > 0).all()


@given(
    arrays(np.float64, st.integers(2, 20), elements=st.floats(allow_nan=False, allow_infinity=False)),
    arrays(np.float64, (9, 1), elements=st.floats(allow_nan=False, allow_infinity=False)),
)
def test_it_keeps_the_order_of_any_numbers_and_stays_within_3(
    train: NDArray[np.float64], later: NDArray[np.float64]
) -> None:
    scaled = fit(*train).apply(np.sort(later, axis=0))
    assert (np.diff(scaled[:, 0]) >= -1e-15).all()
    assert np.abs(scaled).max() <= 3
