"""A trained winner and what was fitted beside it: all that turns a table's cells into predictions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from search_spaces.point import Point
from service.data.preparation.preparation import Preparation
from service.errors import ProctorError
from workers.failures import TrainingFailedError
from workers.kinds import model_kind
from workers.messages import State
from workers.metrics.decision_rule import DecisionRule
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
        (n_examples,). Their mean is taken in that unit, also where models predict logarithms: the metrics
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
class TrainedModel:
    """What predicts; the report's figures and an exported model's predictions both come from here.

    Mostly one model; or several of the same hyperparameters, trained with other seeds, whose predictions are
    averaged.

    Attributes
    ----------
    task
        What is predicted.
    n_outputs
        Number of classes, or of targets.
    hyperparameters
        Those that it was trained with.
    states
        What each model learned.
    preparation
        What makes inputs of a table's cells, fitted on the train set.
    rule
        Decides labels of class probabilities.
    """

    task: Task
    n_outputs: int
    hyperparameters: Point
    states: tuple[State, ...]
    preparation: Preparation
    rule: DecisionRule

    @property
    def n_models(self) -> int:
        """Number of models whose predictions are averaged; 1 of a single one."""
        return len(self.states)

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.floating]:
        """Return class probabilities (n_examples, n_classes), or numbers in the target's unit (n_examples,).

        Several models' are averaged. A row's predictions are the same to the last bit in any company.

        Parameters
        ----------
        X
            Inputs, as `preparation` makes them (n_examples, n_inputs).

        Raises
        ------
        ValueError
            What was learned does not fit these hyperparameters and inputs.
        """
        return average(self.member_predictions(X))

    def member_predictions(self, X: NDArray[np.float32]) -> list[NDArray[np.floating]]:
        """Return each model's own predictions, in their order; see `predict`.

        Raises
        ------
        ProctorError
            The user's own code failed, with its line.
        """
        kind = model_kind(self.hyperparameters.kind)
        try:
            with threadpool_limits(1):  # more threads would add up in another order
                outputs = [
                    kind.predict(state, self.hyperparameters, X, task=self.task, n_outputs=self.n_outputs)
                    for state in self.states
                ]
        except TrainingFailedError as error:  # the user's own code
            raise ProctorError(f"the winner cannot predict: {error}") from error
        return [self.preparation.restored(each) for each in outputs]
