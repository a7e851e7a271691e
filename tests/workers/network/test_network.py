"""The forward pass: the formula, and what it leaves alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_spaces.network.point import Activation, NetworkPoint, NumericEmbedding, Switch
from workers.network.architecture import architecture_of
from workers.network.batch_normalization import EPSILON
from workers.network.network import Network

RNG = np.random.default_rng(0)


def made(
    point: NetworkPoint, *, n_features: int = 3, largest_batch: int = 8, numbers: tuple[int, ...] = (0, 2)
) -> Network:
    architecture = architecture_of(point, n_features=n_features, n_units=2, numeric_features=numbers)
    network = Network.untrained(architecture, largest_batch=largest_batch, dtype=np.float64)
    network.parameters.trainable[:] += np.random.default_rng(4).normal(0, 0.5, architecture.n_trainable)
    return network


@st.composite
def points(draw: st.DrawFn) -> NetworkPoint:
    return NetworkPoint(
        depth=draw(st.integers(1, 3)),
        width=draw(st.integers(1, 5)),
        activation=Activation.TANH,
        batch_normalization=draw(st.sampled_from(Switch)),
        feature_scale=draw(st.sampled_from(Switch)),
        activation_mix=draw(st.sampled_from(Switch)),
        numeric_embedding=draw(st.sampled_from(NumericEmbedding)),
    )


@given(points(), st.booleans())
@settings(max_examples=100)
def test_the_forward_pass_is_the_formula(point: NetworkPoint, is_dropped: bool) -> None:  # noqa: FBT001 - drawn
    network = made(point)
    X = RNG.standard_normal((8, 3))
    widths = (3, *point.layer_widths)
    masks = [RNG.integers(0, 2, (8, width)) * 2.0 for width in widths] if is_dropped else None
    A = X if masks is None else X * masks[0]
    views = network.parameters
    if views.embedding is not None:
        embeddings = [
            np.cos(2 * np.pi * A[:, i : i + 1] * waves[:, 0] + waves[:, 1]) @ weights.T + biases
            for i, waves, weights, biases in zip(
                (0, 2),
                views.embedding.waves,
                views.embedding.weights,
                views.embedding.biases,
                strict=True,
            )
        ]
        A = np.hstack([A, *embeddings])
    if views.feature_scale is not None:
        A = A * views.feature_scale
    for layer, (W, b) in enumerate(zip(views.weights, views.biases, strict=True)):
        Z = A @ W
        if layer < point.depth and views.gains:
            Z = views.gains[layer] * (Z - Z.mean(axis=0)) / np.sqrt(Z.var(axis=0) + EPSILON)
        A = Z + b
        if layer < point.depth:
            shares = views.activation_shares[layer] if views.activation_shares else 1
            A = (1 - shares) * A + shares * np.tanh(A)
            if masks is not None:
                A = A * masks[layer + 1]
    np.testing.assert_allclose(network.forward(X, masks, is_training=True), A, rtol=1e-12, atol=1e-12)


def test_a_smaller_batch_after_a_larger_one_is_not_touched_by_it() -> None:
    network = made(NetworkPoint(depth=2, width=4))
    X = RNG.standard_normal((8, 3))
    alone = network.forward(X[:3]).copy()
    network.forward(X)
    np.testing.assert_array_equal(network.forward(X[:3]), alone)


def test_a_pass_without_masks_after_one_with_them_forgets_them() -> None:
    network = made(NetworkPoint(depth=1, width=4))
    X = RNG.standard_normal((8, 3))
    before = network.forward(X).copy()
    network.backward(np.ones((8, 2)))
    gradient = network.gradient.flat.copy()
    network.forward(X, [np.zeros((8, 3)), np.zeros((8, 4))])
    np.testing.assert_array_equal(network.forward(X), before)
    network.backward(np.ones((8, 2)))
    np.testing.assert_array_equal(network.gradient.flat, gradient)


def test_x_is_only_read() -> None:
    X = np.ones((5, 3))
    X.setflags(write=False)
    network = made(NetworkPoint(depth=1, width=4, feature_scale=Switch.ON))
    network.parameters.flat.fill(1)
    np.testing.assert_array_equal(network.forward(X), 17)  # 4 units of 3 + 1, and a bias


def test_prediction_uses_running_statistics_and_does_not_move_them() -> None:
    network = made(NetworkPoint(depth=1, width=4, batch_normalization=Switch.ON))
    network.forward(RNG.standard_normal((8, 3)), is_training=True)
    kept = network.parameters.flat.copy()
    X = RNG.standard_normal((8, 3)) * 100
    together = network.forward(X).copy()
    np.testing.assert_array_equal(network.parameters.flat, kept)
    for row in range(8):  # whoever else is in the batch
        np.testing.assert_allclose(network.forward(X[row : row + 1])[0], together[row], rtol=1e-12)


def test_running_statistics_are_averages_over_train_batches() -> None:
    network = made(NetworkPoint(depth=1, width=4, batch_normalization=Switch.ON))
    views = network.parameters
    mean, variance = np.zeros(4), np.ones(4)
    for t in range(1, 15):
        X = RNG.standard_normal((8, 3)) + t
        network.forward(X, is_training=True)
        Z = X @ views.weights[0]
        share = max(0.1, 1 / t)
        mean = (1 - share) * mean + share * Z.mean(axis=0)
        variance = (1 - share) * variance + share * Z.var(axis=0, ddof=1)
        np.testing.assert_allclose(views.running_means[0], mean, rtol=1e-12)
        np.testing.assert_allclose(views.running_variances[0], variance, rtol=1e-12)


def test_a_mini_batch_of_one_example_is_trained_on_and_teaches_no_variance() -> None:
    network = made(NetworkPoint(depth=1, width=4, batch_normalization=Switch.ON))
    network.forward(RNG.standard_normal((8, 3)), is_training=True)
    kept = network.parameters.flat.copy()
    Z = network.forward(RNG.standard_normal((1, 3)), is_training=True)
    network.backward(np.ones((1, 2)))
    assert np.all(np.isfinite(Z))
    assert np.all(np.isfinite(network.gradient.flat))
    np.testing.assert_array_equal(network.parameters.flat, kept)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_computes_in_the_type_of_its_parameters(dtype: type[np.floating]) -> None:
    architecture = architecture_of(NetworkPoint(), n_features=3, n_units=2)
    network = Network.untrained(architecture, largest_batch=2, dtype=dtype)
    assert network.forward(np.ones((2, 3), dtype)).dtype == dtype
