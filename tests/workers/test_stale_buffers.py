"""Buffers are made once for the largest mini-batch: what a larger one left must not reach a smaller one."""

import numpy as np
import pytest

from search_spaces.network.point import Activation, NetworkPoint
from workers.network.architecture import architecture_of
from workers.network.initialization import draw_parameters
from workers.network.network import Network

X = np.random.default_rng(1).standard_normal((8, 3))


def network_of(point: NetworkPoint) -> Network:
    architecture = architecture_of(point, n_features=3, n_units=2)
    network = Network.untrained(architecture, largest_batch=8, dtype=np.float64)
    draw_parameters(network.parameters, point, rng=np.random.default_rng(0))
    return network


def gradient_after(network: Network, n_examples: int, *, keep_rate: float) -> np.ndarray:
    rng = np.random.default_rng(n_examples)
    masks = [
        (rng.random((n_examples, width)) < keep_rate) / keep_rate
        for width in (3, *network.architecture.sizes[1:-1])
    ]
    network.forward(X[:n_examples], None if keep_rate == 1 else masks, is_training=True)
    np.copyto(network.layers[-1].dZ[:n_examples], rng.standard_normal((n_examples, 2)))
    network.backward(network.layers[-1].dZ[:n_examples])
    return network.gradient.flat.copy()


@pytest.mark.parametrize("keep_rate", [1.0, 0.5])
@pytest.mark.parametrize(
    "option",
    [
        {},
        {"batch_normalization": "on"},
        {"feature_scale": "on"},
        {"activation_mix": "on"},
        {"numeric_embedding": "periodic"},
    ],
    ids=str,
)
@pytest.mark.parametrize("activation", Activation)
def test_a_gradient_has_the_same_bits_whatever_mini_batch_came_before(
    activation: Activation, option: dict[str, str], keep_rate: float
) -> None:
    point = NetworkPoint.model_validate({"depth": 2, "width": 4, "activation": activation, **option})
    fresh, used = network_of(point), network_of(point)
    gradient_after(used, 8, keep_rate=keep_rate)

    np.testing.assert_array_equal(
        gradient_after(used, 3, keep_rate=keep_rate), gradient_after(fresh, 3, keep_rate=keep_rate)
    )
