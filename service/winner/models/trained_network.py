"""A trained winner and what was fitted beside it: all that turns a table's cells into predictions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from search_spaces.hyperparameters import Hyperparameters
from service.data.preparation.preparation import Preparation
from workers.metrics.decision_rule import DecisionRule
from workers.network.prediction import predict
from workers.train_dev_data import Task


def power_of_two_below(n_members: int) -> float:
    """Return 1 / 2^k, the smallest k with 2^k >= n: so many members, each times it, add up to no overflow."""
    return float(0.5 ** (n_members - 1).bit_length())


def average(predictions: Sequence[NDArray[np.floating]]) -> NDArray[np.floating]:
    """Return (1 / n) * sum of the members' predictions, in their type: of one member, its own.

    They are added up in float64 and in their order, an entry at a time: a row's average does not depend on
    its company. Members are scaled by a power of two before and after, which changes no bit but lets the
    largest numbers be added.

    Parameters
    ----------
    predictions
        Of each member, one at least: probabilities (n_examples, n_classes), or numbers in the target's unit
        (n_examples,). Their mean is taken in that unit, also where networks predict logarithms: the metrics
        are measured there, and only there is an average never worse than its members' mean by a convex one.
    """
    first, *others = predictions
    scale = power_of_two_below(len(predictions))
    total = first.astype(np.float64) * scale
    for other in others:
        total += other.astype(np.float64) * scale
    averaged: NDArray[np.floating] = (total / (len(predictions) * scale)).astype(first.dtype, copy=False)
    return averaged


@dataclass(frozen=True, slots=True, eq=False)
class TrainedNetwork:
    """What predicts; the report's figures and an exported model's predictions both come from here.

    Mostly one network; or several of the same hyperparameters, trained with other seeds, whose predictions
    are averaged.

    Attributes
    ----------
    task
        What is predicted.
    n_outputs
        Number of classes, or of targets.
    hyperparameters
        Those that it was trained with.
    parameters
        Weights, biases and the rest of each network (n_networks, n_parameters).
    preparation
        What makes inputs of a table's cells, fitted on the train set.
    rule
        Decides labels of class probabilities.
    """

    task: Task
    n_outputs: int
    hyperparameters: Hyperparameters
    parameters: NDArray[np.float32]
    preparation: Preparation
    rule: DecisionRule

    @property
    def n_networks(self) -> int:
        """Number of networks whose predictions are averaged; 1 of a single one."""
        return len(self.parameters)

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.floating]:
        """Return class probabilities (n_examples, n_classes), or numbers in the target's unit (n_examples,).

        Several networks' are averaged. A row's predictions are the same to the last bit in any company.

        Parameters
        ----------
        X
            Inputs, as `preparation` makes them (n_examples, n_inputs).

        Raises
        ------
        ValueError
            The parameters are not as many as these hyperparameters and inputs make.
        """
        return average(self.member_predictions(X))

    def member_predictions(self, X: NDArray[np.float32]) -> list[NDArray[np.floating]]:
        """Return each network's own predictions, in their order; see `predict`."""
        with threadpool_limits(1):  # more threads would add up in another order
            outputs = [
                predict(own, self.hyperparameters, X, task=self.task, n_outputs=self.n_outputs)
                for own in self.parameters
            ]
        return [self.preparation.restored(each) for each in outputs]
