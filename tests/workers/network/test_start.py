"""What is fitted to train examples at the start: deviations of 1, and bends among the examples."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from search_spaces.network.point import BiasInit, InitScheme, NetworkPoint
from tests.workers.train_dev_sets import diabetes, digits, rules
from workers.failures import DivergedError
from workers.network.architecture import Parameters, architecture_of
from workers.network.batch_normalization import EPSILON
from workers.network.learner import PARAMETERS, NetworkLearner
from workers.network.losses import make_loss
from workers.network.network import Network
from workers.network.start import MOST_EXAMPLES, start_network
from workers.train_dev_data import Task, TrainDevData
from workers.trial.training import Training

PARTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "batch normalization": {"batch_normalization": "on"},
    "embeddings": {"numeric_embedding": "periodic", "feature_scale": "on"},
    "mix": {"activation_mix": "on", "activation": "selu"},
    "uniform": {"init_distribution": "uniform", "activation": "tanh"},
}


def fitted(**values: object) -> NetworkPoint:
    return NetworkPoint.model_validate({"width": 30, "depth": 3, "init_scheme": "data"} | values)


def normal(n: int, n_features: int = 6) -> NDArray[np.float32]:
    return np.random.default_rng(4).standard_normal((n, n_features)).astype(np.float32)


def started(
    point: NetworkPoint,
    X: NDArray[np.float32],
    *,
    dtype: type[np.floating] = np.float32,
    seed: int = 0,
    initial_bias: float = 0.0,
) -> Network:
    architecture = architecture_of(point, n_features=X.shape[1], n_units=2)
    network = Network.untrained(architecture, largest_batch=len(X), dtype=dtype)
    start_network(
        network,
        point,
        X,
        initial_bias=np.full(2, initial_bias),
        draws=np.random.default_rng(seed),
        fit=np.random.default_rng((seed, 1)),
    )
    return network


def pre_activations(network: Network, X: NDArray[np.float32]) -> Iterator[NDArray[np.float64]]:
    """Give those of each layer, before batch normalization and biases."""
    A = X if network.input_stage is None else network.input_stage.forward(X)
    for layer in network.layers:
        yield (A @ layer.W).astype(np.float64)
        A = layer.forward(A, is_training=True)


@pytest.mark.parametrize("bias_init", BiasInit)
@pytest.mark.parametrize("part", PARTS)
def test_the_data_give_each_unit_a_deviation_of_1(part: str, bias_init: BiasInit) -> None:
    X = normal(200)
    network = started(fitted(**PARTS[part], bias_init=bias_init), X)
    spreads = [Z.std(axis=0) for Z in pre_activations(network, X)]
    assert [len(spread) for spread in spreads] == [30, 30, 30, 2]
    np.testing.assert_allclose(np.concatenate(spreads), 1, rtol=1e-4)


@pytest.mark.parametrize("scheme", [InitScheme.DATA, InitScheme.AUTO])
@pytest.mark.parametrize("part", PARTS)
def test_each_unit_bends_at_a_place_of_its_own_among_the_examples(part: str, scheme: InitScheme) -> None:
    X = normal(200) + 3
    network = started(fitted(**PARTS[part], init_scheme=scheme, bias_init="data"), X)
    for layer, Z in zip(network.layers, pre_activations(network, X), strict=True):
        bends = -layer.b
        if layer.is_normalized:
            Z = (Z - Z.mean(axis=0)) / np.sqrt(Z.var(axis=0) + EPSILON)  # noqa: PLW2901
        assert (Z.min(axis=0) < bends).all()
        assert (bends < Z.max(axis=0)).all()
        assert len(np.unique((bends - Z.mean(axis=0)) / Z.std(axis=0))) == len(bends)


def test_bends_are_uniform_mixes_of_5_examples() -> None:
    """Of shares that are uniform on a simplex of 5 the squares add up to 1 / 3 on average."""
    X = normal(1000)
    network = started(fitted(width=4000, depth=1, bias_init="data"), X)
    Z = next(pre_activations(network, X))
    bends = -network.parameters.biases[0] - Z.mean(axis=0)
    assert bends.std() == pytest.approx(math.sqrt(1 / 3), rel=4 / math.sqrt(2 * 4000))
    assert abs(bends.mean()) < 4 / math.sqrt(3 * 4000)


def test_weights_are_those_of_lecuns_scheme_up_to_a_factor_for_each_unit() -> None:
    X = normal(50)
    data, lecun = (started(fitted(init_scheme=scheme), X).parameters for scheme in ("data", "lecun"))
    for W, drawn in zip(data.weights, lecun.weights, strict=True):
        np.testing.assert_allclose(W / drawn, np.tile((W / drawn)[0], (len(W), 1)), rtol=1e-5)


def test_biases_are_fitted_without_another_draw_of_weights() -> None:
    X = normal(50)
    plain = started(fitted(init_scheme="auto"), X).parameters
    bent = started(fitted(init_scheme="auto", bias_init="data"), X).parameters
    np.testing.assert_array_equal(plain.all_weights, bent.all_weights)
    assert not np.any([np.any(b) for b in plain.biases])
    assert all(np.all(b) for b in bent.biases)


@pytest.mark.parametrize("part", PARTS)
def test_float32_starts_where_float64_starts(part: str) -> None:
    X, point = normal(60), fitted(**PARTS[part], bias_init="data")
    narrow, wide = started(point, X), started(point, X, dtype=np.float64)
    np.testing.assert_array_equal(narrow.parameters.flat, wide.parameters.flat.astype(np.float32))


def test_the_losss_own_bias_is_added() -> None:
    X, point = normal(60), fitted(bias_init="data")
    plain, shifted = (
        started(point, X, dtype=np.float64, initial_bias=bias).parameters.biases for bias in (0, 2)
    )
    np.testing.assert_allclose(shifted[-1], plain[-1] + 2, rtol=1e-12)
    np.testing.assert_array_equal(shifted[0], plain[0])


@pytest.mark.parametrize(
    "X", [np.full((40, 6), 0.3, np.float32), normal(1), np.zeros((40, 6), np.float32)], ids=str
)
@pytest.mark.parametrize("part", PARTS)
def test_units_that_do_not_vary_keep_what_was_drawn(part: str, X: NDArray[np.float32]) -> None:
    network = started(fitted(**PARTS[part], bias_init="data"), X)
    drawn = started(fitted(**PARTS[part], init_scheme="lecun"), X)
    np.testing.assert_array_equal(network.parameters.flat, drawn.parameters.flat)


def test_features_that_do_not_vary_beside_others_do_no_harm() -> None:
    X = normal(100)
    X[:, 2:] = [0, 1, 1e-3, -50]
    network = started(fitted(bias_init="data"), X)
    assert all(np.allclose(Z.std(axis=0), 1, rtol=1e-3) for Z in pre_activations(network, X))


def test_zeros_stay_zeros() -> None:
    assert not started(fitted(init_scheme="zeros", bias_init="data"), normal(50)).parameters.flat.any()


def test_examples_are_drawn_of_a_large_train_set_from_all_over_it() -> None:
    X = normal(8 * MOST_EXAMPLES)
    X *= np.linspace(0, 2, len(X), dtype=np.float32)[:, np.newaxis]  # the first ones hardly vary
    network = started(fitted(depth=1), X)
    spread = next(pre_activations(network, X)).std(axis=0)
    np.testing.assert_allclose(spread, 1, atol=0.15)
    assert np.abs(spread - 1).max() > 1e-3


def learner(point: NetworkPoint, data: TrainDevData, *, seed: int = 0) -> NetworkLearner:
    return NetworkLearner(data, point, seed=seed, rules=rules(data.task, max_epochs=2))


def test_a_learner_fits_to_its_train_set_by_its_seed() -> None:
    data, point = digits(), fitted(bias_init="data")
    first, again = (learner(point, data).kept_state[PARAMETERS] for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert np.any(learner(point, data, seed=1).kept_state[PARAMETERS] != first)
    other = replace(data, X_train=data.X_train[::-1] * np.float32(2))
    assert np.any(learner(point, other).kept_state[PARAMETERS] != first)


def test_a_learner_adds_its_losss_own_bias() -> None:
    data, plain = digits(), fitted(bias_init="data")
    weighted = fitted(bias_init="data", class_balance=1.0)
    loss = make_loss(weighted, task=data.task, n_outputs=data.n_outputs, class_counts=data.class_counts)
    architecture = architecture_of(plain, n_features=data.X_train.shape[1], n_units=loss.n_units)
    before, after = (
        Parameters(learner(point, data).kept_state[PARAMETERS], architecture).biases[-1]
        for point in (plain, weighted)
    )
    assert np.abs(loss.initial_bias).max() > 0.01
    np.testing.assert_allclose(after - before, loss.initial_bias, atol=1e-6)


def test_it_learns() -> None:
    data = diabetes()
    point = fitted(bias_init="data", activation="mish", width=64, learning_rate=0.003)
    training = Training(data, point, seed=0, rules=rules(data.task, max_epochs=20))
    figures = [training.run_epoch().dev_metric for _ in range(20)]
    assert min(figures) < 0.8 * data.target_deviation


def test_one_train_example_is_enough() -> None:
    X = normal(20)
    y = X[:, :1].copy()
    data = TrainDevData(Task.REGRESSION, X[:1], y[:1], X[1:], y[1:], 1)
    training = Training(data, fitted(bias_init="data"), seed=0, rules=rules(data.task, max_epochs=2))
    assert math.isfinite(training.run_epoch().dev_metric)


def test_what_is_not_finite_is_reported_as_divergence() -> None:
    point = fitted(init_scheme="normal", init_deviation=1e40, bias_init="data", depth=8)
    training = Training(diabetes(), point, seed=0, rules=rules(Task.REGRESSION, max_epochs=1))
    with pytest.raises(DivergedError):
        training.run_epoch()
