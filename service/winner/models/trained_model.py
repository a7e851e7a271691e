"""A trained winner and what was fitted beside it: all that turns a table's cells into predictions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from search_spaces.point import Point
from service.data.inputs.transformation import Transformation
from service.data.preparation.preparation import Preparation
from service.errors import ProctorError
from service.tables.columns import Column
from workers.failures import TrainingFailedError
from workers.kinds import model_kind
from workers.messages import State
from workers.metrics.decision_rule import DecisionRule
from workers.train_dev_data import Task


def power_of_two_below(n_members: int) -> float:
    """Return 1 / 2^k, the smallest k with 2^k >= n: so many members, each times it, add up to no overflow."""
    return float(0.5 ** (n_members - 1).bit_length())


def average(
    predictions: Sequence[NDArray[np.floating]], weights: Sequence[int] | None = None
) -> NDArray[np.floating]:
    """Return (1 / sum of w) * sum of w_i times the members' predictions, in their type: of one, its own.

    They are added up in float64 and in their order, an entry at a time: a row's average does not depend on
    its company. Members are scaled by a power of two before and after, which changes no bit but lets the
    largest numbers be added.

    Parameters
    ----------
    predictions
        Of each member, one at least: probabilities (n_examples, n_classes), or numbers in the target's unit
        (n_examples,). Their mean is taken in that unit, also where models predict logarithms: the metrics
        are measured there, and only there is an average never worse than its members' mean by a convex one.
    weights
        Of each member, whole and at least 1; None where all count alike.
    """
    first = predictions[0]
    counts = (1,) * len(predictions) if weights is None else weights
    if len(predictions) == 1:
        return first
    scale = power_of_two_below(sum(counts))
    total = np.zeros(first.shape)
    for each, weight in zip(predictions, counts, strict=True):
        total += each.astype(np.float64) * (scale * weight)
    averaged: NDArray[np.floating] = (total / (sum(counts) * scale)).astype(first.dtype, copy=False)
    return averaged


Inputs = Sequence[NDArray[np.float32]]
"""What each member of a model reads (n_examples, n_inputs); members of one transformation share an array."""


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One of the models whose predictions are averaged; mostly there is one alone.

    Attributes
    ----------
    hyperparameters
        Those that it was trained with.
    state
        What it learned.
    preparation
        What makes its inputs of a table's cells, fitted on the rows that it was trained on.
    weight
        How often it counts in the average.
    """

    hyperparameters: Point
    state: State
    preparation: Preparation
    weight: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class TrainedModel:
    """What predicts; the report's figures and an exported model's predictions both come from here.

    Attributes
    ----------
    task
        What is predicted.
    n_outputs
        Number of classes, or of targets.
    members
        The models whose predictions are averaged, all of one kind; mostly one.
    rule
        Decides labels of class probabilities.
    """

    task: Task
    n_outputs: int
    members: tuple[Member, ...]
    rule: DecisionRule

    @property
    def n_models(self) -> int:
        """Number of models whose predictions are averaged; 1 of a single one."""
        return len(self.members)

    @property
    def preparations(self) -> tuple[Preparation, ...]:
        """The members' preparations, each once, in the order of the members."""
        return tuple({id(each.preparation): each.preparation for each in self.members}.values())

    @property
    def transformations(self) -> tuple[Transformation, ...]:
        """The preparations' transformations, each once: those that differ by the target's scale share one."""
        return tuple({id(each.transformation): each.transformation for each in self.preparations}.values())

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that are learned from, the same for all members, and how their cells are understood."""
        return self.members[0].preparation.columns

    def inputs(self, frame: pl.DataFrame) -> Inputs:
        """Make the members' inputs of a table's values.

        Parameters
        ----------
        frame
            Typed, at least the columns that are learned from.
        """
        made = {id(each): each.apply(frame) for each in self.transformations}
        return tuple(made[id(each.preparation.transformation)] for each in self.members)

    def predict(self, X: Inputs) -> NDArray[np.floating]:
        """Return class probabilities (n_examples, n_classes), or numbers in the target's unit (n_examples,).

        Several models' are averaged. A row's predictions are the same to the last bit in any company.

        Parameters
        ----------
        X
            What `inputs` makes.

        Raises
        ------
        ValueError
            What was learned does not fit the hyperparameters and inputs.
        """
        return average(self.member_predictions(X), [each.weight for each in self.members])

    def member_predictions(self, X: Inputs) -> list[NDArray[np.floating]]:
        """Return each model's own predictions, in their order; see `predict`.

        Raises
        ------
        ProctorError
            The user's own code failed, with its line.
        """
        try:
            with threadpool_limits(1):  # more threads would add up in another order
                return [self._of_member(each, own) for each, own in zip(self.members, X, strict=True)]
        except TrainingFailedError as error:  # the user's own code
            raise ProctorError(f"the winner cannot predict: {error}") from error

    def _of_member(self, member: Member, X: NDArray[np.float32]) -> NDArray[np.floating]:
        kind, point = model_kind(member.hyperparameters.kind), member.hyperparameters
        outputs = kind.predict(member.state, point, X, task=self.task, n_outputs=self.n_outputs)
        return member.preparation.restored(outputs)
