"""Each optimizer takes the steps that its paper's formula gives, computed here number by number."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_spaces.hyperparameters import Hyperparameters, Optimizer
from workers.optimizers import optimizer_rule

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


def rmsprop(p: float, steps: Steps) -> float:
    s = 0.0
    for g, rate in steps:
        s = 0.9 * s + 0.1 * g * g
        p -= rate * g / (math.sqrt(s) + 1e-8)
    return p


def adam(p: float, steps: Steps) -> float:
    m = v = 0.0
    for t, (g, rate) in enumerate(steps, start=1):
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
        p -= rate * m_hat / (math.sqrt(v_hat) + 1e-8)
    return p


FORMULAS: dict[Optimizer, Callable[[float, Steps], float]] = {
    Optimizer.SGD: sgd,
    Optimizer.MOMENTUM: momentum,
    Optimizer.RMSPROP: rmsprop,
    Optimizer.ADAM: adam,
}
gradients = st.just(0.0) | st.floats(1e-9, 1e3) | st.floats(-1e3, -1e-9)
steps = st.lists(st.tuples(gradients, st.floats(1e-5, 1)), min_size=1, max_size=12)


@pytest.mark.parametrize("optimizer", Optimizer)
@given(start=st.floats(-10, 10), taken=steps)
def test_steps_are_the_formula(optimizer: Optimizer, start: float, taken: Steps) -> None:
    parameters = np.array([start, start])
    rule = optimizer_rule(Hyperparameters(optimizer=optimizer, momentum=0.8), parameters)
    for g, rate in taken:
        rule.step(parameters, np.array([g, -g]), learning_rate=rate)
    mirrored = [(-g, rate) for g, rate in taken]
    expected = [FORMULAS[optimizer](start, taken), FORMULAS[optimizer](start, mirrored)]
    np.testing.assert_allclose(parameters, expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("optimizer", Optimizer)
def test_a_step_leaves_the_gradient_and_the_type_alone(optimizer: Optimizer) -> None:
    parameters, gradient = np.ones(3, np.float32), np.array([1, -2, 0], np.float32)
    optimizer_rule(Hyperparameters(optimizer=optimizer), parameters).step(
        parameters, gradient, learning_rate=0.1
    )
    np.testing.assert_array_equal(gradient, np.array([1, -2, 0], np.float32))
    assert parameters.dtype == np.float32
    assert parameters[2] == 1


def test_adam_first_step_is_the_learning_rate_whatever_the_gradient_size() -> None:
    parameters = np.zeros(3)
    rule = optimizer_rule(Hyperparameters(optimizer=Optimizer.ADAM), parameters)
    rule.step(parameters, np.array([1e-3, 1.0, -1e3]), learning_rate=0.01)
    np.testing.assert_allclose(parameters, [-0.01, -0.01, 0.01], rtol=1e-4)
