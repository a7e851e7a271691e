"""The layout of a network's parameters, and what its forward pass leaves alone."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from search_spaces.hyperparameters import Activation, Hyperparameters
from workers.activations import ACTIVATION_FUNCTIONS
from workers.network import Network, layer_sizes, parameter_count, split_by_layer, weight_count

sizes_of_layers = st.lists(st.integers(1, 6), min_size=2, max_size=6)


@given(sizes_of_layers)
def test_the_views_cover_every_parameter_once_weights_first(sizes: list[int]) -> None:
    flat = np.zeros(parameter_count(sizes))
    weights, biases = split_by_layer(flat, sizes)
    for view in (*weights, *biases):
        np.add(view, 1, out=view)
    np.testing.assert_array_equal(flat, 1)
    assert sum(W.size for W in weights) == weight_count(sizes)
    for W in weights:
        W[...] = 2
    np.testing.assert_array_equal(flat[: weight_count(sizes)], 2)
    np.testing.assert_array_equal(flat[weight_count(sizes) :], 1)


def test_sizes_follow_the_widths() -> None:
    point = Hyperparameters(depth=3, width=5, width_2=7)
    assert layer_sizes(point, n_features=4, n_outputs=2) == (4, 5, 7, 5, 2)


def test_a_smaller_batch_after_a_larger_one_is_not_touched_by_it() -> None:
    sizes = (3, 4, 2)
    rng = np.random.default_rng(0)
    network = Network(
        sizes,
        ACTIVATION_FUNCTIONS[Activation.TANH],
        rng.standard_normal(parameter_count(sizes)),
        largest_batch=8,
    )
    X = rng.standard_normal((8, 3))
    alone = network.forward(X[:3]).copy()
    network.forward(X)
    np.testing.assert_array_equal(network.forward(X[:3]), alone)


def test_x_is_only_read() -> None:
    sizes = (3, 4, 2)
    X = np.ones((5, 3))
    X.setflags(write=False)
    network = Network(
        sizes, ACTIVATION_FUNCTIONS[Activation.RELU], np.ones(parameter_count(sizes)), largest_batch=5
    )
    np.testing.assert_array_equal(network.forward(X), 17)  # 4 units of 3 + 1, and a bias
