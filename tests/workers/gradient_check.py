"""Gradient check: what backpropagation says, against two-sided differences of the cost in float64.

The ratio |d_approx - d| / (|d_approx| + |d|), norms over all coordinates, is about 1e-7 where the gradient is
right, 1e-5 where it deserves another look, 1e-3 where it is wrong.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search_spaces.hyperparameters import Activation, Hyperparameters
from workers.activations import ACTIVATION_FUNCTIONS
from workers.dropout import Dropout
from workers.gradient_descent import GradientDescent
from workers.initialization import draw_weights
from workers.losses import LOSSES, Loss
from workers.network import Network, layer_sizes, parameter_count, weight_count
from workers.regularization import l1_penalty, l2_penalty
from workers.train_dev_data import Task

EPSILON = 1e-7
KINK_MARGIN = 1e-4
"""A ReLU's pre-activation, or a weight under L1, this near 0 might cross its kink when something is moved."""


@dataclass(frozen=True)
class Shape:
    """What a check's network is made for."""

    task: Task
    n_features: int
    n_outputs: int
    n_examples: int


@dataclass(frozen=True)
class Check:
    """A network, a batch, and fixed dropout masks: a cost that is a function of the parameters alone."""

    hyperparameters: Hyperparameters
    network: Network
    loss: Loss
    X: NDArray[np.float64]
    y: NDArray[np.int64] | NDArray[np.float64]
    masks: Sequence[NDArray[np.floating]] | None
    n_train: int

    def cost(self) -> float:
        """Return the mean loss of the batch plus the penalties."""
        predictions = np.empty((len(self.X), self.network.sizes[-1]))
        self.loss.predict(self.network.forward(self.X, self.masks), predictions)
        weights = self.network.parameters[: weight_count(self.network.sizes)]
        l1 = l1_penalty(weights, self.hyperparameters.l1_lambda, n_train=self.n_train)
        l2 = l2_penalty(weights, self.hyperparameters.l2_lambda, n_train=self.n_train)
        return self.loss.mean(predictions, self.y) + l1 + l2

    def gradient(self) -> NDArray[np.floating]:
        """Return what training would use."""
        bits = np.random.SFC64(0)
        descent = GradientDescent(
            self.network, self.loss, self.hyperparameters, n_train=self.n_train, bits=bits
        )
        predictions, targets = np.empty((2, len(self.X), self.network.sizes[-1]))
        self.loss.encode(self.y, targets)
        return descent.differentiate(self.X, targets, self.masks, predictions=predictions).copy()


def drawn_check(hyperparameters: Hyperparameters, shape: Shape, seed: int) -> Check:
    """Draw parameters, examples and masks, again and again until nothing lies near a kink."""
    rng = np.random.default_rng(seed)
    sizes = layer_sizes(hyperparameters, n_features=shape.n_features, n_outputs=shape.n_outputs)
    while True:
        parameters = rng.normal(0, 0.5, parameter_count(sizes))  # biases that are not 0, unlike at the start
        network = Network(
            sizes,
            ACTIVATION_FUNCTIONS[hyperparameters.activation],
            parameters,
            largest_batch=shape.n_examples,
        )
        draw_weights(
            network.weights,
            hyperparameters.init_scheme,
            init_deviation=hyperparameters.init_deviation,
            rng=rng,
        )
        X = rng.standard_normal((shape.n_examples, shape.n_features))
        masks = drawn_masks(hyperparameters, shape, rng)
        check = Check(
            hyperparameters, network, LOSSES[shape.task], X, drawn_y(shape, rng), masks, 3 * shape.n_examples
        )
        if not is_near_a_kink(check):
            return check


def drawn_masks(
    hyperparameters: Hyperparameters, shape: Shape, rng: np.random.Generator
) -> list[NDArray[np.floating]] | None:
    """Masks as training draws them, in float64."""
    if hyperparameters.keep_prob == 1:
        return None
    return Dropout(
        hyperparameters.layer_widths,
        hyperparameters.keep_prob,
        largest_batch=shape.n_examples,
        bits=np.random.SFC64(rng.integers(2**32)),
        dtype=np.float64,
    ).draw(shape.n_examples)


def drawn_y(shape: Shape, rng: np.random.Generator) -> NDArray[np.int64] | NDArray[np.float64]:
    """Classes or standardised targets."""
    if shape.task is Task.CLASSIFICATION:
        return rng.integers(shape.n_outputs, size=shape.n_examples)
    return rng.standard_normal(shape.n_examples)


def pre_activations(check: Check) -> list[NDArray[np.float64]]:
    """Every layer's Z, written as the formula stands: the forward pass's independent oracle."""
    g: Callable[[NDArray[np.float64]], NDArray[np.float64]] = (
        np.tanh if check.hyperparameters.activation is Activation.TANH else lambda Z: Z * (Z > 0)
    )
    A, all_Z = check.X, []
    for layer, (W, b) in enumerate(zip(check.network.weights, check.network.biases, strict=True)):
        Z = A @ W + b
        all_Z.append(Z)
        A = g(Z) if check.masks is None or layer == len(check.masks) else g(Z) * check.masks[layer]
    return all_Z


def is_near_a_kink(check: Check) -> bool:
    """Whether a small move of one parameter could cross a point without derivative."""
    is_relu = check.hyperparameters.activation is Activation.RELU
    hidden_Z = np.concatenate([Z.ravel() for Z in pre_activations(check)[:-1]])
    weights = check.network.parameters[: weight_count(check.network.sizes)]
    return bool(
        (is_relu and np.min(np.abs(hidden_Z)) < KINK_MARGIN)
        or (check.hyperparameters.l1_lambda > 0 and np.min(np.abs(weights)) < 2 * EPSILON)
    )


def numerical_gradient(check: Check) -> NDArray[np.float64]:
    """Two-sided differences of the cost, one coordinate at a time."""
    parameters = check.network.parameters
    differences = np.empty(parameters.shape)
    for i, value in enumerate(parameters.copy()):
        parameters[i] = value + EPSILON
        above = check.cost()
        parameters[i] = value - EPSILON
        below = check.cost()
        parameters[i] = value
        differences[i] = (above - below) / (2 * EPSILON)
    return differences


def ratio(approximate: NDArray[np.floating], exact: NDArray[np.floating]) -> float:
    """|approximate - exact| / (|approximate| + |exact|), Euclidean norms."""
    return float(np.linalg.norm(approximate - exact) / (np.linalg.norm(approximate) + np.linalg.norm(exact)))
