"""Activation functions and their derivatives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from search_spaces.hyperparameters import Activation
from workers.activations import ACTIVATION_FUNCTIONS, relu

matrices = npst.arrays(np.float64, (3, 4), elements=st.floats(-5, 5).filter(lambda z: abs(z) > 1e-3))


@pytest.mark.parametrize("activation", Activation)
@given(Z=matrices)
def test_the_derivative_is_the_slope(activation: Activation, Z: np.ndarray) -> None:
    function = ACTIVATION_FUNCTIONS[activation]
    A, above, below = Z.copy(), Z + 1e-6, Z - 1e-6
    for array in (A, above, below):
        function.activate(array)
    slope = np.full_like(Z, 3.0)
    function.multiply_by_derivative(slope, A, np.empty(Z.shape, np.bool_))
    np.testing.assert_allclose(slope, 3 * (above - below) / 2e-6, atol=1e-8)


def test_relu_keeps_what_is_positive_and_lets_nan_through() -> None:
    Z = np.array([[-2.0, 0.0, 3.0, np.nan]])
    relu(Z)
    np.testing.assert_array_equal(Z, [[0.0, 0.0, 3.0, np.nan]])


def test_relu_has_slope_0_at_0() -> None:
    dA = np.array([[5.0]])
    ACTIVATION_FUNCTIONS[Activation.RELU].multiply_by_derivative(
        dA, np.zeros((1, 1)), np.empty((1, 1), np.bool_)
    )
    assert dA == 0
