"""Backpropagation agrees with finite differences, for every network that hyperparameters can make."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from search_spaces.network.point import Activation, LossName, NetworkPoint
from tests.workers.directional_check import directional_error
from workers.network.dropout import Dropout
from workers.network.gradient_check import (
    Batch,
    Cost,
    Verdict,
    gradient_ratio,
    ratio_of,
    verdict_on,
)
from workers.network.network import Masks
from workers.train_dev_data import Task

SMOOTH = (Activation.TANH, Activation.SIGMOID, Activation.GELU, Activation.MISH)
KINKED = (Activation.RELU, Activation.LEAKY_RELU, Activation.SELU)
LOSSES = {
    LossName.CROSS_ENTROPY: (Task.CLASSIFICATION, (2, 3, 4)),
    LossName.BINARY: (Task.CLASSIFICATION, (2,)),
    LossName.SQUARED_ERROR: (Task.REGRESSION, (1, 2)),
    LossName.HUBER: (Task.REGRESSION, (1, 2)),
}
seeds = st.integers(0, 2**32 - 1)
KINK_MARGIN = 1e-4
"""What lies nearer than this to a kink might cross it when something is moved."""
smooth_losses = st.sampled_from([LossName.CROSS_ENTROPY, LossName.BINARY, LossName.SQUARED_ERROR])


@st.composite
def points(
    draw: st.DrawFn,
    activations: tuple[Activation, ...],
    losses: st.SearchStrategy[LossName],
    l1_lambdas: tuple[float, ...],
    widths: st.SearchStrategy[int],
) -> NetworkPoint:
    """Networks with every option that changes the cost."""
    depth = draw(st.integers(1, 4))
    own = {f"width_{layer}": draw(widths) for layer in range(1, depth + 1)}
    return NetworkPoint.model_validate(
        {
            "activation": draw(st.sampled_from(activations)),
            "depth": depth,
            **own,
            "loss": draw(losses),
            "label_smoothing": draw(st.sampled_from([0.0, 0.1])),
            "class_balance": draw(st.sampled_from([0.0, 1.0])),
            "huber_delta": 0.5,
            "l1_lambda": draw(st.sampled_from(l1_lambdas)),
            "l2_lambda": draw(st.sampled_from([0.0, 2.0])),
            "keep_prob": draw(st.sampled_from([1.0, 0.7])),
            "input_keep_prob": draw(st.sampled_from([1.0, 0.8])),
            "batch_normalization": draw(st.sampled_from(["off", "on"])),
            "feature_scale": draw(st.sampled_from(["off", "on"])),
            "activation_mix": draw(st.sampled_from(["off", "on"])),
            "numeric_embedding": draw(st.sampled_from(["off", "periodic"])),
        }
    )


def drawn_masks(point: NetworkPoint, n_features: int, n_examples: int, seed: int) -> Masks | None:
    """Masks as training draws them, fixed; None without dropout."""
    if point.keep_prob == point.input_keep_prob == 1:
        return None
    widths = (n_features, *point.layer_widths)
    masks: list[NDArray[np.floating] | None] = []
    for index, width in enumerate(widths):
        keep_prob = point.keep_prob if index else point.input_keep_prob
        dropout = Dropout(
            [width], keep_prob, largest_batch=n_examples, bits=np.random.SFC64(seed + index), dtype=np.float64
        )
        masks.append(dropout.draw(n_examples)[0].copy() if keep_prob < 1 else None)
    return masks


def drawn_cost(point: NetworkPoint, seed: int, *, n_features: int, n_examples: int, scale: float) -> Cost:
    """Draw examples, masks and parameters, again and again until nothing lies near a kink."""
    task, numbers = LOSSES[point.loss]
    rng = np.random.default_rng(seed)
    n_outputs = int(rng.choice(numbers))
    while True:
        X = rng.standard_normal((n_examples, n_features))
        y = (
            rng.integers(n_outputs, size=n_examples)
            if task is Task.CLASSIFICATION
            else rng.standard_normal((n_examples, n_outputs))
        )
        masks = drawn_masks(point, n_features, n_examples, int(rng.integers(2**31)))
        counts = np.arange(1, n_outputs + 1) if task is Task.CLASSIFICATION else None
        numbers = tuple(np.flatnonzero(rng.integers(0, 2, n_features)).tolist())
        cost = Cost(point, Batch(X, y, task, n_outputs, 11, counts, numbers), masks=masks)
        cost.parameters[:] += rng.normal(0, scale, len(cost.parameters))  # what starts at 1 stays near
        for W in cost.weights:
            W[...] = rng.normal(0, 1, W.shape) * max(scale, 1 / np.sqrt(len(W)))
        if cost.distance_to_kink() > KINK_MARGIN and np.linalg.norm(cost.gradient()) > 0.05:
            # Next to no gradient is compared with nothing: a cost near 1 is rounded by about 1e-9 of it.
            return cost


small = st.integers(2, 5)


@given(points(SMOOTH, smooth_losses, (0.0,), small), seeds)
@settings(max_examples=150)
def test_every_coordinate_is_right_with_smooth_activations(point: NetworkPoint, seed: int) -> None:
    cost = drawn_cost(point, seed, n_features=3, n_examples=6, scale=0.5)
    assert gradient_ratio(cost) <= 1e-7


@given(
    points(KINKED, st.sampled_from(LossName).filter(lambda name: name in LOSSES), (0.0, 0.3), small), seeds
)
@settings(max_examples=150)
def test_every_coordinate_is_right_away_from_kinks(point: NetworkPoint, seed: int) -> None:
    cost = drawn_cost(point, seed, n_features=3, n_examples=6, scale=0.5)
    assert gradient_ratio(cost) <= 1e-6


@given(points(SMOOTH, smooth_losses, (0.0,), st.integers(20, 60)), seeds)
@settings(max_examples=25)
def test_random_directions_are_right_in_large_smooth_networks(point: NetworkPoint, seed: int) -> None:
    cost = drawn_cost(point, seed, n_features=30, n_examples=20, scale=0.05)
    assert directional_error(cost, direction(cost, seed), epsilon=1e-3) <= 1e-8


@given(points(KINKED, st.just(LossName.CROSS_ENTROPY), (0.0, 0.3), st.integers(10, 20)), seeds)
@settings(max_examples=25)
def test_random_directions_are_right_in_larger_networks_with_kinks(point: NetworkPoint, seed: int) -> None:
    cost = drawn_cost(point, seed, n_features=10, n_examples=6, scale=0.05)
    assert directional_error(cost, direction(cost, seed), epsilon=1e-5) <= 1e-6


def direction(cost: Cost, seed: int) -> NDArray[np.float64]:
    """Draw a direction of length 1 that does not happen to lie across the gradient."""
    rng = np.random.default_rng(seed)
    gradient = cost.gradient()
    while True:
        drawn = rng.standard_normal(len(gradient))
        drawn /= np.linalg.norm(drawn)
        if abs(np.dot(drawn, gradient)) > 0.5 * np.linalg.norm(gradient) / np.sqrt(len(gradient)):
            return drawn


@pytest.mark.parametrize("forgotten", ["the L2 term", "the mask", "a bias"])
def test_the_check_finds_a_wrong_gradient(forgotten: str) -> None:
    point = NetworkPoint(
        loss=LossName.CROSS_ENTROPY,
        depth=2,
        width=4,
        activation=Activation.TANH,
        l2_lambda=2.0,
        keep_prob=0.5,
    )
    cost = drawn_cost(point, 1, n_features=3, n_examples=5, scale=0.5)
    wrong = cost.gradient()
    n_weights = sum(W.size for W in cost.weights)
    match forgotten:
        case "the L2 term":
            wrong[:n_weights] -= 2.0 / 11 * cost.parameters[:n_weights]
        case "the mask":
            cost._masks, kept = None, cost._masks  # noqa: SLF001 - a fault is planted
            wrong = cost.gradient()
            cost._masks = kept  # noqa: SLF001 - and taken out again
        case _:
            wrong[n_weights] = 0
    assert ratio_of(wrong, cost.gradient()) > 1e-3


def test_verdicts_are_the_course_notes() -> None:
    assert [verdict_on(ratio) for ratio in (0, 1e-7, 9e-6, 1e-5, 9e-4, 1e-3, 1, float("nan"))] == [
        Verdict.RIGHT,
        Verdict.RIGHT,
        Verdict.RIGHT,
        Verdict.LOOK_AGAIN,
        Verdict.LOOK_AGAIN,
        Verdict.WRONG,
        Verdict.WRONG,
        Verdict.WRONG,
    ]


def test_a_check_of_some_coordinates_looks_at_those_alone() -> None:
    point = NetworkPoint(loss=LossName.SQUARED_ERROR, activation=Activation.TANH, depth=1, width=3)
    cost = drawn_cost(point, 2, n_features=3, n_examples=6, scale=0.5)
    before = cost.parameters.copy()
    assert gradient_ratio(cost, coordinates=np.array([0, 5, 7])) <= 1e-7
    np.testing.assert_array_equal(cost.parameters, before)


def test_kinks_are_seen() -> None:
    point = NetworkPoint(loss=LossName.HUBER, huber_delta=0.5, l1_lambda=1.0, depth=1, width=2)
    batch = Batch(np.ones((1, 1)), np.zeros((1, 1)), Task.REGRESSION, 1, n_train=1)
    cost = Cost(point, batch)
    cost.parameters[:] = [1.0, 2.0, 3.0, 4.0, -1.0, 0.0, 0.0]  # a pre-activation of ReLU at 1 - 1 = 0
    assert cost.distance_to_kink() == 0
    cost.parameters[4] = 0.25  # pre-activations 1.25 and 2, weights from 1, prediction 11.75
    assert cost.distance_to_kink() == 1.0
    smooth = Cost(replace_activation(point), replace(batch, y=np.full((1, 1), 11.3)))
    smooth.parameters[:] = [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 11.3 - 2 * np.tanh(1) + 0.4]
    assert smooth.distance_to_kink() == pytest.approx(0.1)  # a residual of 0.4 beside delta 0.5


def replace_activation(point: NetworkPoint) -> NetworkPoint:
    return point.model_copy(update={"activation": Activation.TANH})
