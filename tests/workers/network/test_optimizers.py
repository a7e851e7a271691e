"""Each optimizer takes the steps that its paper's formula gives, computed here number by number."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_spaces.network.point import NetworkPoint, Optimizer
from workers.network.blocks import BLOCK_LENGTH
from workers.network.optimizers import OptimizerRule, optimizer_rule

Steps = Sequence[tuple[float, float]]
"""A gradient and a learning rate for each step."""


def sgd(p: float, steps: Steps) -> float:
    for g, rate in steps:
        p -= rate * g
    return p


def momentum(p: float, steps: Steps) -> float:
    v = 0.0
    for g, rate in steps:
        v = 0.8 * v - rate * g
        p += v
    return p


def nesterov(p: float, steps: Steps) -> float:
    v = 0.0
    for g, rate in steps:
        v = 0.8 * v - rate * g
        p += 0.8 * v - rate * g
    return p


def rmsprop(p: float, steps: Steps) -> float:
    s = 0.0
    for g, rate in steps:
        s = 0.7 * s + 0.3 * g * g
        p -= rate * g / (math.sqrt(s) + 1e-8)
    return p


def adam(p: float, steps: Steps, *, decay: float = 0.0) -> float:
    m = v = 0.0
    for t, (g, rate) in enumerate(steps, start=1):
        m = 0.85 * m + 0.15 * g
        v = 0.99 * v + 0.01 * g * g
        m_hat, v_hat = m / (1 - 0.85**t), v / (1 - 0.99**t)
        p *= 1 - rate * decay
        p -= rate * m_hat / (math.sqrt(v_hat) + 1e-8)
    return p


def adamw(p: float, steps: Steps) -> float:
    return adam(p, steps, decay=0.3)


FORMULAS: dict[Optimizer, Callable[[float, Steps], float]] = {
    Optimizer.SGD: sgd,
    Optimizer.MOMENTUM: momentum,
    Optimizer.NESTEROV: nesterov,
    Optimizer.RMSPROP: rmsprop,
    Optimizer.ADAM: adam,
    Optimizer.ADAMW: adamw,
}
gradients = st.just(0.0) | st.floats(1e-9, 1e3) | st.floats(-1e3, -1e-9)
steps = st.lists(st.tuples(gradients, st.floats(1e-5, 1)), min_size=1, max_size=12)


SETTINGS = {"momentum": 0.8, "squares_decay": 0.7, "beta_1": 0.85, "beta_2": 0.99, "weight_decay": 0.3}


def rule_for(
    optimizer: Optimizer,
    parameters: np.ndarray,
    gradient: np.ndarray,
    *,
    n_weights: int,
    factors: np.ndarray | None = None,
) -> OptimizerRule:
    point = NetworkPoint.model_validate({"optimizer": optimizer, **SETTINGS})
    return optimizer_rule(point, parameters, gradient, n_weights=n_weights, factors=factors)


@pytest.mark.parametrize("optimizer", Optimizer)
@given(start=st.floats(-10, 10), taken=steps)
def test_steps_are_the_formula(optimizer: Optimizer, start: float, taken: Steps) -> None:
    parameters, gradient = np.array([start, start]), np.empty(2)
    rule = rule_for(optimizer, parameters, gradient, n_weights=2)
    for g, rate in taken:
        gradient[:] = g, -g
        rule.step(rate)
    mirrored = [(-g, rate) for g, rate in taken]
    expected = [FORMULAS[optimizer](start, taken), FORMULAS[optimizer](start, mirrored)]
    np.testing.assert_allclose(parameters, expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("optimizer", Optimizer)
def test_all_blocks_of_a_large_network_are_moved_alike(optimizer: Optimizer) -> None:
    n = 2 * BLOCK_LENGTH + 5
    parameters, gradient = np.full(n, 0.5, np.float32), np.full(n, 0.25, np.float32)
    rule = rule_for(optimizer, parameters, gradient, n_weights=n)
    for _ in range(3):
        rule.step(0.1)
    assert parameters[0] != 0.5
    np.testing.assert_array_equal(parameters, parameters[0])


@pytest.mark.parametrize("optimizer", Optimizer)
@given(start=st.floats(-10, 10), taken=steps, factor=st.floats(0.01, 10))
def test_a_factor_is_one_of_the_learning_rate(
    optimizer: Optimizer, start: float, taken: Steps, factor: float
) -> None:
    parameters, gradient = np.array([start, start]), np.empty(2)
    rule = rule_for(optimizer, parameters, gradient, n_weights=0, factors=np.array([1, factor]))
    for g, rate in taken:
        gradient[:] = g
        rule.step(rate)
    formula = adam if optimizer is Optimizer.ADAMW else FORMULAS[optimizer]  # what does not decay
    scaled = [(g, factor * rate) for g, rate in taken]
    expected = [formula(start, taken), formula(start, scaled)]
    np.testing.assert_allclose(parameters, expected, rtol=1e-11, atol=1e-10)


@pytest.mark.parametrize("optimizer", Optimizer)
def test_factors_of_1_change_no_bit(optimizer: Optimizer) -> None:
    n = BLOCK_LENGTH + 5
    both = np.random.default_rng(0).standard_normal((2, n), np.float32)
    moved = []
    for factors in (None, np.ones(n, np.float32)):
        parameters, gradient = both.copy()
        rule = rule_for(optimizer, parameters, gradient, n_weights=n, factors=factors)
        for _ in range(3):
            rule.step(0.1)
        moved.append(parameters)
    np.testing.assert_array_equal(*moved)


@pytest.mark.parametrize("optimizer", Optimizer)
def test_a_step_leaves_the_gradient_and_the_type_alone(optimizer: Optimizer) -> None:
    parameters, gradient = np.ones(3, np.float32), np.array([1, -2, 0], np.float32)
    rule_for(optimizer, parameters, gradient, n_weights=2).step(0.1)
    np.testing.assert_array_equal(gradient, np.array([1, -2, 0], np.float32))
    assert parameters.dtype == np.float32
    assert parameters[2] == 1


def test_adam_first_step_is_the_learning_rate_whatever_the_gradient_size() -> None:
    parameters = np.zeros(3)
    rule_for(Optimizer.ADAM, parameters, np.array([1e-3, 1.0, -1e3]), n_weights=3).step(0.01)
    np.testing.assert_allclose(parameters, [-0.01, -0.01, 0.01], rtol=1e-4)


def test_weight_decay_spares_what_is_no_weight() -> None:
    parameters = np.ones(4)
    rule_for(Optimizer.ADAMW, parameters, np.zeros(4), n_weights=2).step(0.1)
    np.testing.assert_allclose(parameters, [0.97, 0.97, 1, 1])
