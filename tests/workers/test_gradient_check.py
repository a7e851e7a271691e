"""Backpropagation agrees with finite differences, for every network that hyperparameters can make."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from search_spaces.hyperparameters import Activation, Hyperparameters, InitScheme
from tests.workers.gradient_check import (
    Check,
    Shape,
    drawn_check,
    numerical_gradient,
    pre_activations,
    ratio,
)
from workers.network import weight_count
from workers.train_dev_data import Task

shapes = st.builds(
    Shape,
    task=st.just(Task.CLASSIFICATION),
    n_features=st.integers(1, 4),
    n_outputs=st.integers(2, 4),
    n_examples=st.integers(2, 6),
) | st.builds(
    Shape,
    task=st.just(Task.REGRESSION),
    n_features=st.integers(1, 4),
    n_outputs=st.just(1),
    n_examples=st.integers(2, 6),
)
seeds = st.integers(0, 2**32 - 1)


@st.composite
def points(draw: st.DrawFn, activation: Activation) -> Hyperparameters:
    """Small networks, regularized or not, with dropout or without."""
    depth = draw(st.integers(1, 4))
    widths = {f"width_{layer}": draw(st.integers(1, 5)) for layer in range(1, depth + 1)}
    return Hyperparameters.model_validate(
        {
            "activation": activation,
            "depth": depth,
            **widths,
            "init_scheme": draw(st.sampled_from(InitScheme)),
            "init_deviation": 0.7,
            "l1_lambda": draw(st.sampled_from([0.0, 0.3])),
            "l2_lambda": draw(st.sampled_from([0.0, 2.0])),
            "keep_prob": draw(st.sampled_from([1.0, 0.7])),
        }
    )


def assert_the_gradient_is_right(check: Check) -> None:
    """Compare, but not with next to nothing: a difference of costs near 1 is rounded by about 1e-9."""
    numerical = numerical_gradient(check)
    assume(np.linalg.norm(numerical) > 0.05)
    assert ratio(numerical, check.gradient()) <= 1e-7


@given(points(Activation.TANH), shapes, seeds)
@settings(max_examples=100)
def test_the_gradient_is_right_with_tanh(point: Hyperparameters, shape: Shape, seed: int) -> None:
    check = drawn_check(point, shape, seed)
    assert_the_gradient_is_right(check)


@given(points(Activation.RELU), shapes, seeds)
@settings(max_examples=100)
def test_the_gradient_is_right_with_relu_away_from_its_kinks(
    point: Hyperparameters, shape: Shape, seed: int
) -> None:
    check = drawn_check(point, shape, seed)
    assert_the_gradient_is_right(check)


@given(points(Activation.TANH) | points(Activation.RELU), shapes, seeds)
def test_the_forward_pass_is_the_formula(point: Hyperparameters, shape: Shape, seed: int) -> None:
    check = drawn_check(point, shape, seed)
    np.testing.assert_allclose(
        check.network.forward(check.X, check.masks), pre_activations(check)[-1], rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("forgotten", ["the L2 term", "the mask", "a bias"])
def test_the_check_finds_a_wrong_gradient(forgotten: str) -> None:
    point = Hyperparameters(depth=2, width=4, activation=Activation.TANH, l2_lambda=2.0, keep_prob=0.5)
    check = drawn_check(point, Shape(Task.CLASSIFICATION, 3, 3, 5), seed=1)
    numerical, wrong = numerical_gradient(check), check.gradient()
    n_weights = weight_count(check.network.sizes)
    match forgotten:
        case "the L2 term":
            wrong[:n_weights] -= 2.0 / check.n_train * check.network.parameters[:n_weights]
        case "the mask":
            wrong = replace(check, masks=None).gradient()
        case _:
            wrong[-1] = 0
    assert ratio(numerical, wrong) > 1e-3
