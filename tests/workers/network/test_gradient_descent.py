"""A step of gradient descent, where it is more than its parts."""

import numpy as np
import pytest

from search_spaces.network.point import NetworkPoint, Optimizer
from workers.network.architecture import architecture_of
from workers.network.gradient_descent import GradientDescent
from workers.network.initialization import draw_weights
from workers.network.losses import SquaredError
from workers.network.network import Network

RATE, N_TRAIN = 0.5, 40


def after_steps(
    point: NetworkPoint, *, n_steps: int, n_examples: int, strength: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Train on examples that say nothing; return all parameters before and after."""
    architecture = architecture_of(point, n_features=3, n_units=1)
    network = Network.untrained(architecture, largest_batch=n_examples, dtype=np.float64)
    draw_weights(network.parameters.weights, point, rng=np.random.default_rng(0))
    before = network.parameters.flat.copy()
    loss, dropout_seed = SquaredError(1, dtype=np.float64), np.random.SeedSequence(0)
    descent = GradientDescent(network, loss, point, n_train=N_TRAIN, dropout_seed=dropout_seed)
    X, targets, predictions = np.zeros((n_examples, 3)), np.zeros((n_examples, 1)), np.empty((n_examples, 1))
    for _ in range(n_steps):
        descent.step(X, targets, learning_rate=RATE, predictions=predictions, strength=strength)
    return before, network.parameters.flat


@pytest.mark.parametrize("n_examples", [1, 7, 40])
def test_l2_shrinks_the_weights_as_much_in_small_batches_as_in_large_ones(n_examples: int) -> None:
    """In k steps W is multiplied by (1 - rate * lambda / m) ** k, with m the train set's size."""
    point = NetworkPoint(optimizer=Optimizer.SGD, l2_lambda=8.0, depth=1, width=5)
    before, after = after_steps(point, n_steps=3, n_examples=n_examples)
    np.testing.assert_allclose(after, before * (1 - RATE * 8.0 / N_TRAIN) ** 3, rtol=1e-12)


@pytest.mark.parametrize("n_examples", [1, 7, 40])
@pytest.mark.parametrize("optimizer", [Optimizer.SGD, Optimizer.ADAM])
def test_l1_takes_the_same_amount_off_every_weight_down_to_0_whatever_the_batch(
    n_examples: int, optimizer: Optimizer
) -> None:
    point = NetworkPoint(optimizer=optimizer, l1_lambda=8.0, depth=1, width=5)
    before, after = after_steps(point, n_steps=3, n_examples=n_examples)
    left = np.maximum(np.abs(before) - 3 * RATE * 8.0 / N_TRAIN, 0)
    np.testing.assert_allclose(after, np.sign(before) * left, atol=1e-12)
    assert np.any(after == 0) == np.any(after != 0) == True  # noqa: E712 - some are left, some are gone


@pytest.mark.parametrize("n_examples", [1, 7])
def test_weight_decay_does_not_depend_on_the_train_set(n_examples: int) -> None:
    point = NetworkPoint(optimizer=Optimizer.ADAMW, weight_decay=0.1, depth=1, width=5)
    before, after = after_steps(point, n_steps=2, n_examples=n_examples)
    np.testing.assert_allclose(after, before * (1 - RATE * 0.1) ** 2, rtol=1e-12)


def test_weight_decay_has_the_strength_that_a_step_is_told() -> None:
    point = NetworkPoint(optimizer=Optimizer.ADAMW, weight_decay=0.1, depth=1, width=5)
    before, after = after_steps(point, n_steps=2, n_examples=7, strength=0.25)
    np.testing.assert_allclose(after, before * (1 - RATE * 0.1 * 0.25) ** 2, rtol=1e-12)


@pytest.mark.parametrize("dropout", [{"keep_prob": 0.5}, {"input_keep_prob": 0.5}])
def test_dropout_has_the_strength_that_a_step_is_told(dropout: dict[str, float]) -> None:
    """At a strength of 0 a step is that without dropout; at 1/2, one of half the share dropped."""
    point = NetworkPoint.model_validate({"depth": 1, "width": 5, "optimizer": "sgd", **dropout})
    milder = point.model_copy(update=dict.fromkeys(dropout, 0.75))
    none = point.model_copy(update=dict.fromkeys(dropout, 1.0))
    for strength, alike in ((0.0, none), (0.5, milder), (1.0, point)):
        np.testing.assert_array_equal(learned(point, strength), learned(alike, 1.0))
    assert np.any(learned(point, 0.5) != learned(point, 1.0))


def learned(point: NetworkPoint, strength: float) -> np.ndarray:
    """Return all parameters after two steps on examples that say something."""
    architecture = architecture_of(point, n_features=3, n_units=1)
    network = Network.untrained(architecture, largest_batch=8, dtype=np.float64)
    draw_weights(network.parameters.weights, point, rng=np.random.default_rng(0))
    loss, dropout_seed = SquaredError(1, dtype=np.float64), np.random.SeedSequence(0)
    descent = GradientDescent(network, loss, point, n_train=N_TRAIN, dropout_seed=dropout_seed)
    X, targets = np.random.default_rng(1).standard_normal((8, 3)), np.ones((8, 1))
    for _ in range(2):
        descent.step(X, targets, learning_rate=0.1, predictions=np.empty((8, 1)), strength=strength)
    return network.parameters.flat
