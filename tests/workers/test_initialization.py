"""Weights start with the moments that the theory asks for, and for the reason it gives."""

import math

import numpy as np
import pytest

from search_spaces.hyperparameters import Activation, InitScheme
from workers.activations import ACTIVATION_FUNCTIONS
from workers.initialization import draw_weights
from workers.network import Network, parameter_count

N_IN, N_OUT = 300, 200
VARIANCES = {
    InitScheme.HE: 2 / N_IN,
    InitScheme.XAVIER: 2 / (N_IN + N_OUT),
    InitScheme.LECUN: 1 / N_IN,
    InitScheme.NORMAL: 0.03**2,
}


def drawn(scheme: InitScheme, seed: int = 0) -> np.ndarray:
    W = np.empty((N_IN, N_OUT), np.float32)
    draw_weights([W], scheme, init_deviation=0.03, rng=np.random.default_rng(seed))
    return W


@pytest.mark.parametrize("scheme", InitScheme)
def test_moments_are_within_4_standard_errors_of_theory(scheme: InitScheme) -> None:
    standardised = drawn(scheme).astype(np.float64) / math.sqrt(VARIANCES[scheme])
    n = standardised.size
    assert abs(standardised.mean()) < 4 / math.sqrt(n)
    assert abs((standardised**2).mean() - 1) < 4 * math.sqrt(2 / n)
    assert abs((standardised**3).mean()) < 4 * math.sqrt(15 / n)
    assert abs((standardised**4).mean() - 3) < 4 * math.sqrt(96 / n)  # the normal's, not another law's


def test_layers_are_drawn_one_after_the_other() -> None:
    first, second = np.empty((5, 5)), np.empty((5, 5))
    draw_weights([first, second], InitScheme.HE, init_deviation=1.0, rng=np.random.default_rng(0))
    assert not np.any(first == second)


def test_float32_starts_where_float64_starts() -> None:
    W = np.empty((N_IN, N_OUT))
    draw_weights([W], InitScheme.HE, init_deviation=0.03, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(drawn(InitScheme.HE), W.astype(np.float32))


def last_hidden_mean_square(scheme: InitScheme, activation: Activation) -> float:
    """Mean square of the eighth hidden layer's activations for standard normal examples."""
    sizes = (256,) * 9 + (1,)
    network = Network(
        sizes, ACTIVATION_FUNCTIONS[activation], np.zeros(parameter_count(sizes)), largest_batch=200
    )
    rng = np.random.default_rng(3)
    draw_weights(network.weights, scheme, init_deviation=0.01, rng=rng)
    network.forward(rng.standard_normal((200, 256)))
    return float(np.mean(network.hidden[-1] ** 2))


def test_he_keeps_activations_alive_through_8_relu_layers() -> None:
    assert 0.3 < last_hidden_mean_square(InitScheme.HE, Activation.RELU) < 3


def test_xavier_keeps_activations_alive_through_8_tanh_layers() -> None:
    assert 0.03 < last_hidden_mean_square(InitScheme.XAVIER, Activation.TANH) < 1


@pytest.mark.parametrize("activation", Activation)
def test_a_small_constant_deviation_lets_them_vanish(activation: Activation) -> None:
    assert last_hidden_mean_square(InitScheme.NORMAL, activation) < 1e-9
