"""Activation functions and their derivatives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy.special import expit
from scipy.stats import norm

from search_spaces.network.point import Activation, NetworkPoint
from workers.network.activations import activation_function

FORMULAS = {
    Activation.RELU: lambda z: np.where(z > 0, z, 0),
    Activation.LEAKY_RELU: lambda z: np.where(z > 0, z, 0.2 * z),
    Activation.TANH: np.tanh,
    Activation.SIGMOID: expit,
    Activation.GELU: lambda z: z * norm.cdf(z),
}
matrices = npst.arrays(np.float64, (3, 4), elements=st.floats(-5, 5).filter(lambda z: abs(z) > 1e-3))


def activated(activation: Activation, Z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return g(Z) and g'(Z)."""
    function = activation_function(NetworkPoint(activation=activation, leaky_slope=0.2))
    A, scratch = Z.copy(), function.scratch(Z.shape, Z.dtype)
    function.activate(A, scratch)
    kept, slope = A.copy(), np.ones_like(Z)
    function.multiply_by_derivative(slope, A, scratch)
    np.testing.assert_array_equal(A, kept)
    return A, slope


@pytest.mark.parametrize("activation", Activation)
@given(Z=matrices)
def test_values_are_the_formula(activation: Activation, Z: np.ndarray) -> None:
    np.testing.assert_allclose(activated(activation, Z)[0], FORMULAS[activation](Z), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("activation", Activation)
@given(Z=matrices)
def test_the_derivative_is_the_slope(activation: Activation, Z: np.ndarray) -> None:
    differences = (activated(activation, Z + 1e-6)[0] - activated(activation, Z - 1e-6)[0]) / 2e-6
    np.testing.assert_allclose(activated(activation, Z)[1], differences, atol=1e-8)


@pytest.mark.parametrize("activation", Activation)
def test_the_derivative_is_a_factor(activation: Activation) -> None:
    Z = np.linspace(-2, 2, 7).reshape(1, 7)
    function = activation_function(NetworkPoint(activation=activation, leaky_slope=0.2))
    A, dA, scratch = Z.copy(), np.full_like(Z, 3.0), function.scratch(Z.shape, Z.dtype)
    function.activate(A, scratch)
    function.multiply_by_derivative(dA, A, scratch)
    np.testing.assert_allclose(dA, 3 * activated(activation, Z)[1])


@pytest.mark.parametrize("activation", Activation)
def test_the_extremes_are_finite_and_nan_stays_nan(activation: Activation) -> None:
    Z = np.array([[-1e30, 1e30, -100.0, 100.0, np.nan]], np.float32)
    with np.errstate(over="ignore"):  # as training does: GELU squares its argument
        A, slope = activated(activation, Z)
    assert A.dtype == np.float32
    assert np.all(np.isfinite(A[0, :4]))
    assert np.all(np.isfinite(slope[0, :4]))
    assert np.isnan(A[0, 4])


@pytest.mark.parametrize("activation", [Activation.RELU, Activation.LEAKY_RELU])
def test_at_0_the_slope_is_that_below(activation: Activation) -> None:
    assert activated(activation, np.zeros((1, 1)))[1] == (0.2 if activation is Activation.LEAKY_RELU else 0)


def test_only_kinked_functions_say_that_they_are() -> None:
    kinked = {name for name in Activation if not activation_function(NetworkPoint(activation=name)).is_smooth}
    assert kinked == {Activation.RELU, Activation.LEAKY_RELU}
