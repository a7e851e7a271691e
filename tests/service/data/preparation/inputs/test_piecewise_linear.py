"""Piecewise-linear encoding: how far a number has come through each bin."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from service.data.preparation.inputs.numeric_scaling import fit_piecewise_linear

finite = st.floats(allow_nan=False, allow_infinity=False)


def test_the_edges_are_the_quantiles_that_are_cells() -> None:
    train = np.random.default_rng(0).normal(size=333)
    fitted = fit_piecewise_linear(pl.DataFrame({"x": train}))
    expected = np.quantile(train, np.linspace(0, 1, 17), method="lower")
    np.testing.assert_array_equal(fitted.half_edges * 2, expected)


def test_a_bin_is_minus_1_before_1_after_and_the_way_between_within() -> None:
    fitted = fit_piecewise_linear(pl.DataFrame({"x": np.arange(17.0)}))
    encoded = fitted.apply(np.array([[-5.0], [3.0], [3.25], [99.0]]))
    assert encoded[0].tolist() == [-1] * 16
    assert encoded[1].tolist() == [1] * 3 + [-1] * 13
    assert encoded[2].tolist() == [1] * 3 + [-0.5] + [-1] * 12
    assert encoded[3].tolist() == [1] * 16


def test_quantiles_that_agree_are_one_edge_and_columns_stand_side_by_side() -> None:
    fitted = fit_piecewise_linear(
        pl.DataFrame({"is": [0.0, 1.0] * 50, "x": [float(x) for x in range(100)], "most": [0.0] * 99 + [5.0]})
    )
    assert fitted.n_edges.tolist() == [2, 17, 2]
    names = fitted.input_names(("is", "x", "most"))
    assert (names[0], names[1], names[16], names[17]) == (
        "is (bin 1 of 1)",
        "x (bin 1 of 16)",
        "x (bin 16 of 16)",
        "most (bin 1 of 1)",
    )
    encoded = fitted.apply(np.array([[1.0, -1.0, 2.5]]))
    assert encoded.tolist() == [[1.0] + [-1.0] * 16 + [0.0]]


@given(arrays(np.float64, st.integers(2, 40), elements=finite), arrays(np.float64, (9, 1), elements=finite))
def test_any_number_s_inputs_lie_within_1_and_never_fall(
    train: NDArray[np.float64], later: NDArray[np.float64]
) -> None:
    encoded = fit_piecewise_linear(pl.DataFrame({"x": train})).apply(np.sort(later, axis=0))
    assert np.isfinite(encoded).all()
    assert (np.abs(encoded) <= 1).all()
    assert (np.diff(encoded, axis=0) >= 0).all()
