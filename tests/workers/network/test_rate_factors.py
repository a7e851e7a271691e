"""Which parameters learn at rates of their own; by `fan_in`, weights learn as if they were scaled."""

import math

import numpy as np
import pytest

from search_spaces.network.point import Activation, LayerRates, NetworkPoint, Optimizer, Switch
from workers.network.architecture import Architecture, Parameters, architecture_of
from workers.network.gradient_descent import GradientDescent
from workers.network.losses import SquaredError
from workers.network.network import Network
from workers.network.optimizers import optimizer_rule
from workers.network.rate_factors import rate_factors

RATED = NetworkPoint(
    depth=1,
    width=9,
    layer_rates=LayerRates.FAN_IN,
    bias_rate=0.1,
    feature_scale=Switch.ON,
    feature_scale_rate=6.0,
    batch_normalization=Switch.ON,
    activation_mix=Switch.ON,
    activation_mix_rate=0.2,
)
PLAIN = (Optimizer.SGD, Optimizer.MOMENTUM, Optimizer.NESTEROV)
N_TRAIN = 8


def made(point: NetworkPoint) -> Architecture:
    return architecture_of(point, n_features=4, n_units=2)


@pytest.mark.parametrize("optimizer", Optimizer)
def test_every_group_has_its_factor(optimizer: Optimizer) -> None:
    point = RATED.model_copy(update={"optimizer": optimizer})
    factors = rate_factors(point, made(point), np.float64)
    assert factors is not None
    power = 1 if optimizer in PLAIN else 0.5
    by_group = [(36, 4**-power), (18, 9**-power), (11, 0.1), (9, 1), (4, 6), (9, 0.2)]  # W, W, b, gains, ...
    np.testing.assert_allclose(factors, np.concatenate([np.full(n, factor) for n, factor in by_group]))


def test_there_are_no_factors_where_all_are_1() -> None:
    on = NetworkPoint(feature_scale=Switch.ON, activation_mix=Switch.ON)
    unread = NetworkPoint(feature_scale_rate=6, activation_mix_rate=6)
    for point in (NetworkPoint(), on, unread):
        assert rate_factors(point, made(point)) is None


@pytest.mark.parametrize(
    "change",
    [{"layer_rates": "fan_in"}, {"bias_rate": 0.1}, {"feature_scale_rate": 6}, {"activation_mix_rate": 0.1}],
)
def test_each_rate_alone_makes_factors(change: dict[str, object]) -> None:
    point = NetworkPoint.model_validate({"feature_scale": "on", "activation_mix": "on", **change})
    factors = rate_factors(point, made(point))
    assert factors is not None
    assert factors.dtype == np.float32
    assert set(np.unique(factors)) > {1.0}


@pytest.mark.parametrize("optimizer", Optimizer)
def test_by_fan_in_weights_learn_as_if_each_product_were_divided_by_a_root(optimizer: Optimizer) -> None:
    """Beside W itself, V is trained with z = x V / sqrt(n_in), whose gradient is W's / sqrt(n_in)."""
    point = NetworkPoint(
        depth=1,
        width=5,
        activation=Activation.TANH,
        optimizer=optimizer,
        layer_rates=LayerRates.FAN_IN,
        weight_decay=0.5,
        l2_lambda=1.0,
        l1_lambda=0.1 if optimizer in PLAIN else 0.0,
    )
    architecture = made(point)
    rng = np.random.default_rng(0)
    X, targets, predictions = rng.standard_normal((8, 4)), rng.standard_normal((8, 2)), np.empty((8, 2))
    start = rng.standard_normal(architecture.n_parameters)
    networks = [Network(architecture, start.copy(), largest_batch=8) for _ in range(2)]
    of_W, of_V = (
        GradientDescent(
            network,
            SquaredError(2, dtype=np.float64),
            point,
            n_train=N_TRAIN,
            dropout_seed=np.random.SeedSequence(0),
        )
        for network in networks
    )
    roots = np.ones(architecture.n_parameters)
    for view, n_in in zip(Parameters(roots, architecture).weights, (4, 5), strict=True):
        view.fill(math.sqrt(n_in))
    W, V, gradient = networks[1].parameters.flat, start * roots, np.empty_like(start)
    n_weights = architecture.n_weights
    rule = optimizer_rule(point, V, gradient, n_weights=n_weights)
    for _ in range(20):
        of_W.step(X, targets, learning_rate=0.02, predictions=predictions)
        gradient[:] = of_V.differentiate(X, targets, None, predictions=predictions) / roots
        rule.step(0.02)
        amounts = 0.02 * point.l1_lambda / N_TRAIN / roots[:n_weights]  # the cost's L1 is of V / roots
        V[:n_weights] -= np.clip(V[:n_weights], -amounts, amounts)
        W[:] = V / roots
    assert np.abs(W - start).max() > 0.05
    np.testing.assert_allclose(networks[0].parameters.flat, W, rtol=1e-5, atol=1e-6)
