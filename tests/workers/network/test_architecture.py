"""The layout of a network's parameters."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_spaces.network.point import NetworkPoint, NumericEmbedding, Switch
from workers.network.architecture import Architecture, Parameters, architecture_of

switches = st.sampled_from(Switch)


@st.composite
def architectures(draw: st.DrawFn) -> Architecture:
    depth = draw(st.integers(1, 4))
    widths = {f"width_{layer}": draw(st.integers(1, 6)) for layer in range(1, depth + 1)}
    parts = {
        "batch_normalization": draw(switches),
        "feature_scale": draw(switches),
        "numeric_embedding": draw(st.sampled_from(NumericEmbedding)),
        "activation_mix": draw(switches),
    }
    point = NetworkPoint.model_validate({"depth": depth, **parts, **widths})
    return architecture_of(point, n_features=draw(st.integers(1, 6)), n_units=draw(st.integers(1, 6)))


@given(architectures())
def test_the_views_cover_every_parameter_once_weights_first_statistics_last(
    architecture: Architecture,
) -> None:
    flat = np.zeros(architecture.n_parameters)
    views = Parameters(flat, architecture)
    scales = [] if views.feature_scale is None else [views.feature_scale]
    of_embedding = []
    if views.embedding is not None:
        of_embedding = [views.embedding.waves, views.embedding.weights, views.embedding.biases]
    trained = [*views.weights, *of_embedding, *views.biases, *views.gains, *scales, *views.activation_shares]
    statistics = [*views.running_means, *views.running_variances]
    for view in (*trained, *statistics):
        np.add(view, 1, out=view)
    np.testing.assert_array_equal(flat, 1)
    for W in views.weights:
        W[...] = 2
    for part in of_embedding:
        part[...] = 4
    for statistic in statistics:
        statistic[...] = 3
    n_decayed = architecture.n_decayed
    n_weights, n_trainable = architecture.n_weights, architecture.n_trainable
    assert n_weights == sum(W.size for W in views.weights)
    np.testing.assert_array_equal(flat[:n_weights], 2)
    np.testing.assert_array_equal(flat[n_weights:n_decayed], 4)
    np.testing.assert_array_equal(flat[n_decayed:n_trainable], 1)
    np.testing.assert_array_equal(flat[n_trainable:], 3)
    assert (len(views.all_weights), len(views.trainable)) == (n_weights, n_trainable)


def test_sizes_follow_the_widths() -> None:
    point = NetworkPoint(depth=3, width=5, width_2=7)
    assert architecture_of(point, n_features=4, n_units=2).sizes == (4, 5, 7, 5, 2)


def test_an_array_of_another_length_is_refused() -> None:
    architecture = architecture_of(NetworkPoint(depth=1, width=3), n_features=4, n_units=2)
    with pytest.raises(ValueError, match=r"layers of \(4, 3, 2\) units has 23 parameters, got an array of"):
        Parameters(np.zeros(24), architecture)


def test_embedded_features_add_three_inputs_each() -> None:
    point = NetworkPoint(depth=1, width=5, numeric_embedding=NumericEmbedding.PERIODIC)
    architecture = architecture_of(point, n_features=4, n_units=2, numeric_features=(1, 3))
    assert (architecture.sizes, architecture.n_features) == ((10, 5, 2), 4)
    assert architecture.embedded == (1, 3)
    assert architecture_of(point, n_features=4, n_units=2).embedded == (0, 1, 2, 3)
    assert architecture_of(point, n_features=4, n_units=2, numeric_features=()).sizes == (4, 5, 2)
    off = NetworkPoint(depth=1, width=5)
    assert architecture_of(off, n_features=4, n_units=2, numeric_features=(1, 3)).sizes == (4, 5, 2)


@pytest.mark.parametrize("positions", [(1, 1), (2, 1), (-1,), (4,)])
def test_positions_that_are_no_features_are_refused(positions: tuple[int, ...]) -> None:
    point = NetworkPoint(depth=1, width=5, numeric_embedding=NumericEmbedding.PERIODIC)
    with pytest.raises(ValueError, match=r"expected ascending positions of numbers among 4 features, got \["):
        architecture_of(point, n_features=4, n_units=2, numeric_features=positions)
