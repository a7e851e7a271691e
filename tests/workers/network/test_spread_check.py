"""Spreads of activations and gradients: kept by the init that fits, lost by the bad examples."""

import numpy as np
import pytest

from search_spaces.network.point import Activation, InitScheme, NetworkPoint
from tests.workers.train_dev_sets import diabetes, digits
from workers.network.architecture import architecture_of
from workers.network.network import Network
from workers.network.spread_check import Spreads, measure_spreads
from workers.network.watching import activation_spreads
from workers.train_dev_data import TrainDevData


@pytest.mark.parametrize("data", [digits(), diabetes()], ids=["digits", "diabetes"])
@pytest.mark.parametrize(
    "activation", [Activation.RELU, Activation.LEAKY_RELU, Activation.TANH, Activation.GELU]
)
def test_the_init_that_fits_keeps_them(data: TrainDevData, activation: Activation) -> None:
    spreads = measure_spreads(data, NetworkPoint(activation=activation, depth=4), seed=0)
    assert (len(spreads.activations), len(spreads.gradients)) == (4, 4)
    assert spreads.are_kept


@pytest.mark.parametrize(
    ("scheme", "deviation"), [(InitScheme.NORMAL, 0.01), (InitScheme.NORMAL, 2.0), (InitScheme.ZEROS, 1.0)]
)
def test_the_bad_examples_lose_them(scheme: InitScheme, deviation: float) -> None:
    point = NetworkPoint(init_scheme=scheme, init_deviation=deviation, depth=4)
    assert not measure_spreads(digits(), point, seed=0).are_kept


def test_the_largest_ratio_between_layers_decides() -> None:
    assert Spreads((1.0, 9.0, 2.0), (1e-3, 1e-4, 1e-3)).are_kept
    assert not Spreads((1.0, 11.0, 2.0), (1.0, 1.0, 1.0)).are_kept
    assert not Spreads((1.0, 1.0), (1.0, 0.05)).are_kept
    assert not Spreads((0.0, 0.0), (1.0, 1.0)).are_kept
    assert not Spreads((float("inf"), float("inf")), (1.0, 1.0)).are_kept


@pytest.mark.parametrize(("mean", "deviation"), [(0.5, 1e-5), (0.0, 1e30), (1e3, 1e-2)])
def test_spreads_are_right_far_from_0_and_large(mean: float, deviation: float) -> None:
    point = NetworkPoint(depth=1, width=64)
    architecture = architecture_of(point, n_features=2, n_units=1)
    network = Network.untrained(architecture, largest_batch=512)
    drawn = np.random.default_rng(0).normal(mean, deviation, (512, 64)).astype(np.float32)
    network.layers[0].A[:] = drawn
    (spread,) = activation_spreads(network, 512)
    assert spread == pytest.approx(float(np.std(drawn.astype(np.float64))), rel=1e-3)
