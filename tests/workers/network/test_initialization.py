"""Weights start with the moments that the theory asks for, and for the reason it gives."""

import math

import numpy as np
import pytest

from search_spaces.network.point import (
    Activation,
    InitDistribution,
    InitScheme,
    NetworkPoint,
)
from workers.network.architecture import architecture_of
from workers.network.initialization import draw_weights, resolved_scheme, weight_deviation
from workers.network.network import Network
from workers.network.watching import activation_spreads

N_IN, N_OUT = 300, 200
VARIANCES = {
    InitScheme.AUTO: 2 / N_IN,  # He's, as the activation is ReLU
    InitScheme.HE: 2 / N_IN,
    InitScheme.XAVIER: 2 / (N_IN + N_OUT),
    InitScheme.XAVIER_IN: 1 / N_IN,
    InitScheme.LECUN: 1 / N_IN,
    InitScheme.NORMAL: 0.03**2,
    InitScheme.DATA: 1 / N_IN,  # before it is fitted
}
DRAWN = [scheme for scheme in InitScheme if scheme is not InitScheme.ZEROS]


def drawn(
    scheme: InitScheme, distribution: InitDistribution = InitDistribution.NORMAL, seed: int = 0
) -> np.ndarray:
    W = np.empty((N_IN, N_OUT), np.float32)
    point = NetworkPoint(init_scheme=scheme, init_distribution=distribution, init_deviation=0.03)
    draw_weights([W], point, rng=np.random.default_rng(seed))
    return W


@pytest.mark.parametrize("scheme", DRAWN)
def test_moments_are_within_4_standard_errors_of_theory(scheme: InitScheme) -> None:
    standardised = drawn(scheme).astype(np.float64) / math.sqrt(VARIANCES[scheme])
    n = standardised.size
    assert abs(standardised.mean()) < 4 / math.sqrt(n)
    assert abs((standardised**2).mean() - 1) < 4 * math.sqrt(2 / n)
    assert abs((standardised**3).mean()) < 4 * math.sqrt(15 / n)
    assert abs((standardised**4).mean() - 3) < 4 * math.sqrt(96 / n)  # the normal's, not another law's


@pytest.mark.parametrize("scheme", [scheme for scheme in DRAWN if scheme is not InitScheme.NORMAL])
def test_uniform_weights_have_the_same_variance_and_the_uniform_shape(scheme: InitScheme) -> None:
    standardised = drawn(scheme, InitDistribution.UNIFORM).astype(np.float64) / math.sqrt(VARIANCES[scheme])
    n = standardised.size
    assert 0.99 * math.sqrt(3) < np.abs(standardised).max() <= math.sqrt(3) * (1 + 1e-6)
    assert abs(standardised.mean()) < 4 / math.sqrt(n)
    assert abs((standardised**2).mean() - 1) < 4 * math.sqrt((9 / 5 - 1) / n)


def test_plain_normal_weights_are_normal_whatever_the_distribution_says() -> None:
    np.testing.assert_array_equal(
        drawn(InitScheme.NORMAL, InitDistribution.UNIFORM), drawn(InitScheme.NORMAL)
    )


def test_zeros_are_zeros() -> None:
    assert not drawn(InitScheme.ZEROS).any()


def test_auto_fits_the_activation() -> None:
    schemes = {name: resolved_scheme(NetworkPoint(activation=name)) for name in Activation}
    assert schemes == {
        Activation.RELU: InitScheme.HE,
        Activation.LEAKY_RELU: InitScheme.HE,
        Activation.GELU: InitScheme.HE,
        Activation.MISH: InitScheme.HE,
        Activation.SELU: InitScheme.LECUN,
        Activation.TANH: InitScheme.XAVIER,
        Activation.SIGMOID: InitScheme.XAVIER,
    }


def test_he_allows_for_the_slope_of_leaky_relu_alone() -> None:
    leaky = NetworkPoint(activation=Activation.LEAKY_RELU, leaky_slope=0.5)
    assert weight_deviation(leaky, n_in=8, n_out=1) == pytest.approx(math.sqrt(0.2))
    relu = leaky.model_copy(update={"activation": Activation.RELU})
    assert weight_deviation(relu, n_in=8, n_out=1) == 0.5


def test_layers_are_drawn_one_after_the_other() -> None:
    first, second = np.empty((5, 5)), np.empty((5, 5))
    draw_weights([first, second], NetworkPoint(), rng=np.random.default_rng(0))
    assert not np.any(first == second)


def test_float32_starts_where_float64_starts() -> None:
    W = np.empty((N_IN, N_OUT))
    draw_weights([W], NetworkPoint(), rng=np.random.default_rng(0))
    np.testing.assert_array_equal(drawn(InitScheme.HE), W.astype(np.float32))


def spread_of_layers(scheme: InitScheme, activation: Activation) -> tuple[float, ...]:
    """Spread of the activations of 8 hidden layers, for standard normal examples."""
    point = NetworkPoint(depth=8, width=256, activation=activation, init_scheme=scheme, init_deviation=0.01)
    architecture = architecture_of(point, n_features=256, n_units=1)
    network = Network.untrained(architecture, largest_batch=200, dtype=np.float64)
    rng = np.random.default_rng(3)
    draw_weights(network.parameters.weights, point, rng=rng)
    network.forward(rng.standard_normal((200, 256)))
    return activation_spreads(network, 200)


@pytest.mark.parametrize(
    "activation", [Activation.RELU, Activation.LEAKY_RELU, Activation.TANH, Activation.SELU]
)
def test_the_scheme_that_fits_keeps_activations_alive_through_8_layers(activation: Activation) -> None:
    spreads = spread_of_layers(InitScheme.AUTO, activation)
    assert 0.2 < spreads[-1] / spreads[0] < 3


@pytest.mark.parametrize("activation", [Activation.RELU, Activation.TANH])
def test_a_small_constant_deviation_lets_them_vanish(activation: Activation) -> None:
    assert spread_of_layers(InitScheme.NORMAL, activation)[-1] < 1e-5
