"""Activation functions and their derivatives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy.special import expit
from scipy.stats import norm

from search_spaces.network.point import Activation, NetworkPoint
from workers.network.activations import MISH_CEILING, activation_function

FORMULAS = {
    Activation.RELU: lambda z: np.where(z > 0, z, 0),
    Activation.LEAKY_RELU: lambda z: np.where(z > 0, z, 0.2 * z),
    Activation.TANH: np.tanh,
    Activation.SIGMOID: expit,
    Activation.GELU: lambda z: z * norm.cdf(z),
    Activation.SELU: lambda z: 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * np.expm1(z)),
    Activation.MISH: lambda z: z * np.tanh(np.log1p(np.exp(z))),
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


@pytest.mark.parametrize(
    ("activation", "slope"),
    [(Activation.RELU, 0), (Activation.LEAKY_RELU, 0.2), (Activation.SELU, 1.7580993408473768)],
    ids=[Activation.RELU, Activation.LEAKY_RELU, Activation.SELU],
)
def test_at_0_the_slope_is_that_below(activation: Activation, slope: float) -> None:
    assert activated(activation, np.zeros((1, 1)))[1] == pytest.approx(slope, rel=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_mish_is_the_identity_from_its_ceiling_on(dtype: type[np.floating]) -> None:
    Z = np.array([[MISH_CEILING, 21, 50, 1e4]], dtype)
    A, slope = activated(Activation.MISH, Z)
    np.testing.assert_array_equal(A, Z)
    np.testing.assert_allclose(slope, 1, rtol=1e-14 if dtype is np.float64 else 1e-6)


def test_selu_keeps_mean_0_and_variance_1() -> None:
    """Its constants are those of this fixed point (Klambauer et al. 2017, section 2)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(200)
    A = activated(Activation.SELU, nodes[np.newaxis])[0][0]
    weights = weights / weights.sum()
    assert np.dot(weights, A) == pytest.approx(0, abs=1e-3)
    assert np.dot(weights, A**2) == pytest.approx(1, abs=1e-3)


def test_only_kinked_functions_say_that_they_are() -> None:
    kinked = {name for name in Activation if not activation_function(NetworkPoint(activation=name)).is_smooth}
    assert kinked == {Activation.RELU, Activation.LEAKY_RELU, Activation.SELU}
