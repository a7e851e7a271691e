"""What Proctor and PyTorch are compared on: small networks, their data, and where they start.

All numbers come from a bit generator's raw words, whose stream NumPy promises to keep; what its distributions
make of a stream may change, and with it what has been recorded.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_spaces.network.point import (
    Activation,
    L1Step,
    LayerRates,
    LossName,
    NetworkPoint,
    NumericEmbedding,
    Optimizer,
    Schedule,
    Switch,
)
from workers.network.architecture import Architecture, Parameters, architecture_of
from workers.train_dev_data import Task

N_TRAIN, N_DEV, N_FEATURES = 52, 8, 7
N_STEPS = 100
"""25 epochs of mini-batches of 16, 16, 16 and 4."""


@dataclass(frozen=True, slots=True)
class Case:
    """A network, what trains it, and what is predicted."""

    hyperparameters: NetworkPoint
    task: Task
    n_outputs: int

    @property
    def architecture(self) -> Architecture:
        """The network's, with one output unit for the loss `binary`."""
        n_units = 1 if self.hyperparameters.loss is LossName.BINARY else self.n_outputs
        return architecture_of(self.hyperparameters, n_features=N_FEATURES, n_units=n_units)

    @property
    def batches(self) -> list[slice]:
        """The rows of each step's mini-batch."""
        size = self.hyperparameters.batch_size
        epoch = [slice(start, start + size) for start in range(0, N_TRAIN, size)]
        return (epoch * N_STEPS)[:N_STEPS]


@dataclass(frozen=True, slots=True)
class Examples:
    """Train features (N_TRAIN, N_FEATURES), dev features (N_DEV, N_FEATURES), train targets; float64."""

    X: NDArray[np.float64]
    X_dev: NDArray[np.float64]
    y: NDArray[Any]


def classification(n_classes: int = 3, **hyperparameters: object) -> Case:
    """Return a case whose targets are classes."""
    return Case(_point(hyperparameters), Task.CLASSIFICATION, n_classes)


def regression(n_targets: int = 2, **hyperparameters: object) -> Case:
    """Return a case whose targets are numbers."""
    return Case(_point(hyperparameters), Task.REGRESSION, n_targets)


def uniform(seed: int, *shape: int) -> NDArray[np.float64]:
    """Return numbers of mean 0 and deviation 1, within sqrt(3)."""
    words = np.random.PCG64(seed).random_raw(prod(shape))
    numbers: NDArray[np.float64] = ((words >> np.uint64(11)) * 2.0**-52 - 1) * np.sqrt(3)
    return numbers.reshape(shape)


def examples_of(case: Case) -> Examples:
    """Return data with something to learn: the targets are a noisy function of the features."""
    X, X_dev = np.split(uniform(1, N_TRAIN + N_DEV, N_FEATURES), [N_TRAIN])
    scores = np.tanh(X @ uniform(2, N_FEATURES, case.n_outputs)) + 0.3 * uniform(3, N_TRAIN, case.n_outputs)
    if case.task is Task.REGRESSION:
        return Examples(X, X_dev, 2 * scores)
    scores[:, 0] += 0.5  # classes of unequal size
    return Examples(X, X_dev, np.argmax(scores, axis=1))


def start_of(case: Case) -> NDArray[np.float64]:
    """Return the parameters at the start (n_parameters,); none of those that are trained is 0 or 1."""
    architecture = case.architecture
    flat = uniform(4, architecture.n_parameters)
    views = Parameters(flat, architecture)
    for W, (n_in, _) in zip(views.weights, pairwise(architecture.sizes), strict=True):
        np.multiply(W, 1 / np.sqrt(n_in), out=W)
    for b in views.biases:
        np.multiply(b, 0.1, out=b)
    if views.embedding is not None:
        views.embedding.waves[..., 0] *= 0.2
        views.embedding.weights[...] *= 0.25
    scales = [] if views.feature_scale is None else [views.feature_scale]
    for near_1 in (*views.gains, *scales, *views.activation_shares):
        np.add(1, 0.1 * near_1, out=near_1)
    for mean, variance in zip(views.running_means, views.running_variances, strict=True):
        mean.fill(0)
        variance.fill(1)
    return flat


def _point(hyperparameters: dict[str, Any]) -> NetworkPoint:
    sizes = {"depth": 2, "width_1": 9, "width_2": 6, "batch_size": 16}
    smooth = {"activation": Activation.TANH, "learning_rate": 0.01}
    return NetworkPoint.model_validate(sizes | smooth | hyperparameters)


CASES = {
    "sgd": classification(optimizer=Optimizer.SGD, learning_rate=0.1),
    "momentum": classification(optimizer=Optimizer.MOMENTUM, learning_rate=0.05, momentum=0.8),
    "nesterov": classification(optimizer=Optimizer.NESTEROV, learning_rate=0.05, momentum=0.8),
    "rmsprop": classification(optimizer=Optimizer.RMSPROP, squares_decay=0.95),
    "adam": classification(optimizer=Optimizer.ADAM),
    "adam with other betas": classification(optimizer=Optimizer.ADAM, beta_1=0.8, beta_2=0.95),
    "adamw": classification(optimizer=Optimizer.ADAMW, weight_decay=0.3),
    "l2 and sgd": classification(optimizer=Optimizer.SGD, learning_rate=0.1, l2_lambda=2.0),
    "l2 and adam": classification(optimizer=Optimizer.ADAM, l2_lambda=2.0),
    "l1 by proximal steps": classification(optimizer=Optimizer.SGD, learning_rate=0.1, l1_lambda=0.5),
    "l1 by its subgradient": classification(l1_lambda=0.5, l1_step=L1Step.SUBGRADIENT),
    "clipping": classification(optimizer=Optimizer.MOMENTUM, learning_rate=0.2, clip_norm=0.2),
    "cosine schedule": classification(learning_rate_schedule=Schedule.COSINE),
    "log-cosine schedule": classification(learning_rate_schedule=Schedule.LOG_COSINE),
    "relu": classification(activation=Activation.RELU),
    "leaky relu": classification(activation=Activation.LEAKY_RELU, leaky_slope=0.2),
    "sigmoid": classification(activation=Activation.SIGMOID),
    "gelu": classification(activation=Activation.GELU),
    "selu": classification(activation=Activation.SELU),
    "mish": classification(activation=Activation.MISH),
    "activation mix": classification(activation=Activation.MISH, activation_mix=Switch.ON),
    "activation mix with batch normalization": classification(
        activation=Activation.SELU,
        batch_normalization=Switch.ON,
        activation_mix=Switch.ON,
        activation_mix_rate=0.1,
    ),
    "batch normalization": classification(batch_normalization=Switch.ON, activation=Activation.RELU),
    "feature scale": classification(feature_scale=Switch.ON, l2_lambda=1.0),
    "rates by group": classification(
        optimizer=Optimizer.ADAMW,
        weight_decay=0.3,
        layer_rates=LayerRates.FAN_IN,
        bias_rate=0.1,
        feature_scale=Switch.ON,
        feature_scale_rate=6.0,
        batch_normalization=Switch.ON,
        learning_rate_schedule=Schedule.LOG_COSINE,
    ),
    "rates by group and momentum": classification(
        optimizer=Optimizer.MOMENTUM, learning_rate=0.2, layer_rates=LayerRates.FAN_IN, bias_rate=0.5
    ),
    "embeddings": classification(numeric_embedding=NumericEmbedding.PERIODIC, l2_lambda=1.0),
    "embeddings, scaled and decayed": regression(
        numeric_embedding=NumericEmbedding.PERIODIC,
        embedding_rate=0.1,
        feature_scale=Switch.ON,
        optimizer=Optimizer.ADAMW,
        weight_decay=0.3,
    ),
    "label smoothing": classification(label_smoothing=0.2),
    "class weights": classification(class_balance=1.0),
    "smoothing and class weights": classification(label_smoothing=0.2, class_balance=1.0),
    "binary": classification(2, loss=LossName.BINARY),
    "binary, smoothed and weighted": classification(
        2, loss=LossName.BINARY, label_smoothing=0.1, class_balance=1.0
    ),
    "squared error": regression(),
    "huber": regression(loss=LossName.HUBER, huber_delta=0.7),
    "everything": regression(
        activation=Activation.GELU,
        batch_normalization=Switch.ON,
        feature_scale=Switch.ON,
        loss=LossName.HUBER,
        optimizer=Optimizer.ADAMW,
        weight_decay=0.1,
        l2_lambda=1.0,
        clip_norm=0.5,
        learning_rate_schedule=Schedule.COSINE,
    ),
}
