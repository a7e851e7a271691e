"""Gradient check: what backpropagation says, against two-sided differences of the cost in float64.

The ratio |d_approx - d| / (|d_approx| + |d|), norms over the coordinates that are checked, is about 1e-7 or
less where the gradient is right; by the course notes look again from 1e-5 on, and from 1e-3 it is wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_spaces.network.point import L1Step, LossName, NetworkPoint
from workers.network.activations import ActivationFunction, Scratch
from workers.network.architecture import architecture_of
from workers.network.gradient_descent import GradientDescent
from workers.network.losses import make_loss
from workers.network.network import Masks, Network
from workers.train_dev_data import Task

EPSILON = 1e-7
"""How far a coordinate is moved to either side."""


class Verdict(StrEnum):
    """What the course notes conclude from the ratio."""

    RIGHT = "right"
    LOOK_AGAIN = "look again"
    WRONG = "wrong"


def verdict_on(ratio: float) -> Verdict:
    """Return the verdict: right below 1e-5, wrong from 1e-3 on; a ratio that is NaN is wrong."""
    if ratio < 1e-5:
        return Verdict.RIGHT
    return Verdict.LOOK_AGAIN if ratio < 1e-3 else Verdict.WRONG


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples for a check, and what is predicted of them.

    Attributes
    ----------
    X, y
        Features, float64 (n_examples, n_features), and targets as in `TrainDevData`.
    task, n_outputs
        As in `TrainDevData`.
    n_train
        The number of train examples that regularization is divided by.
    class_counts
        Examples of each class in the train set, for class weights (n_outputs,); None in regression.
    numeric_features
        As in `TrainDevData`.
    """

    X: NDArray[np.float64]
    y: NDArray[Any]
    task: Task
    n_outputs: int
    n_train: int
    class_counts: NDArray[np.int64] | None = None
    numeric_features: tuple[int, ...] | None = None


class Cost:
    """The regularized loss of one batch as a function of the parameters, dropout's masks fixed, in float64.

    L1 is taken as part of the cost, with its subgradient, whatever step it acts by in training.

    Parameters
    ----------
    hyperparameters
        The network and what is minimized.
    batch
        The examples.
    masks
        Dropout's; None for no dropout.

    Attributes
    ----------
    parameters
        What the cost is a function of (n_trainable,): change it in place.
    """

    def __init__(self, hyperparameters: NetworkPoint, batch: Batch, *, masks: Masks | None = None) -> None:
        self._point = hyperparameters.model_copy(update={"l1_step": L1Step.SUBGRADIENT})
        self._batch, self._masks = batch, masks
        self._loss = make_loss(
            self._point,
            task=batch.task,
            n_outputs=batch.n_outputs,
            class_counts=batch.class_counts,
            dtype=np.float64,
        )
        architecture = architecture_of(
            self._point,
            n_features=batch.X.shape[1],
            n_units=self._loss.n_units,
            numeric_features=batch.numeric_features,
        )
        self._kinks = _KinkWatch(architecture.activation)
        self._network = Network.untrained(
            replace(architecture, activation=self._kinks.watched),
            largest_batch=len(batch.X),
            dtype=np.float64,
        )
        self._descent = GradientDescent(
            self._network,
            self._loss,
            self._point,
            n_train=batch.n_train,
            dropout_seed=np.random.SeedSequence(0),
        )
        self._targets, self._predictions = np.empty((2, len(batch.X), batch.n_outputs))
        self._loss.encode(batch.y, self._targets)
        self.parameters = self._network.parameters.trainable

    @property
    def weights(self) -> list[NDArray[np.floating]]:
        """Views of each layer's weights (n_in, n_out) in `parameters`."""
        return self._network.parameters.weights

    def value(self) -> float:
        """Return the mean loss of the batch plus the penalties."""
        Z = self._network.forward(self._batch.X, self._masks, is_training=True)
        self._loss.predict_weighted(Z, self._predictions)
        total = self._loss.total(self._predictions, self._targets)
        return total / len(self._batch.X) + self._descent.penalty

    def gradient(self) -> NDArray[np.floating]:
        """Return a copy of what training would use (n_trainable,)."""
        return self._descent.differentiate(
            self._batch.X, self._targets, self._masks, predictions=self._predictions
        ).copy()

    def distance_to_kink(self) -> float:
        """Return how near anything is to where the cost has no derivative.

        That is a pre-activation of ReLU near 0, a weight near 0 under L1, or a residual near Huber's delta.
        """
        self._kinks.nearest = np.inf
        self.value()
        distances = [self._kinks.nearest]
        if self._point.l1_lambda > 0:
            distances.append(float(np.min(np.abs(self._network.parameters.all_weights))))
        if self._point.loss is LossName.HUBER:
            residuals = np.abs(self._predictions - self._targets)
            distances.append(float(np.min(np.abs(residuals - self._point.huber_delta))))
        return min(distances)


class _KinkWatch:
    """An activation that remembers how near to 0 any of its pre-activations was."""

    def __init__(self, activation: ActivationFunction) -> None:
        self.nearest = np.inf
        self._activate = activation.activate
        self.watched = activation
        if not activation.is_smooth:
            self.watched = replace(activation, activate=self._watch)

    def _watch(self, Z: NDArray[np.floating], scratch: Scratch) -> None:
        self.nearest = min(self.nearest, float(np.min(np.abs(Z))))
        self._activate(Z, scratch)


def gradient_ratio(
    cost: Cost, *, coordinates: NDArray[np.int64] | None = None, epsilon: float = EPSILON
) -> float:
    """Return the ratio between the cost's gradient and its two-sided differences.

    Parameters
    ----------
    cost
        Left as it was.
    coordinates
        Which parameters to move, one at a time (n_coordinates,); all where left out.
    epsilon
        How far to either side.
    """
    if coordinates is None:
        coordinates = np.arange(len(cost.parameters))
    exact = cost.gradient()[coordinates]
    approximate = np.array([_difference(cost.value, cost.parameters, i, epsilon) for i in coordinates])
    return ratio_of(approximate, exact)


def ratio_of(approximate: NDArray[np.floating], exact: NDArray[np.floating]) -> float:
    """Return |approximate - exact| / (|approximate| + |exact|); 0 where both are 0."""
    total = float(np.linalg.norm(approximate) + np.linalg.norm(exact))
    return float(np.linalg.norm(approximate - exact)) / total if total else 0.0


def _difference(
    value: Callable[[], float], parameters: NDArray[np.floating], index: int, epsilon: float
) -> float:
    kept = parameters[index]
    parameters[index] = kept + epsilon
    above = value()
    parameters[index] = kept - epsilon
    below = value()
    parameters[index] = kept
    return (above - below) / (2 * epsilon)
