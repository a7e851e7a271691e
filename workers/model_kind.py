"""What a kind of model is to whoever trains it, judges it and keeps it: a network is one kind.

A kind learns in epochs, from one seed, and says what it has learned as named arrays. It knows nothing of
early stopping, pruning, folds and metrics: `workers.trial` does, and knows no kind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from search_spaces.point import Point
from search_spaces.values import Value
from workers.messages import Details, State, TrainingRules
from workers.train_dev_data import Task, TrainDevData


@dataclass(frozen=True, slots=True)
class Advance:
    """What an epoch of learning showed, before anything is judged.

    Attributes
    ----------
    train_loss
        What is minimized, a mean over the train set as it was learned from.
    train_cost
        The same with the penalties of regularization.
    details
        What this kind of model shows besides, by name: each a number, or one a layer, for pictures.
    """

    train_loss: float
    train_cost: float
    details: Details = field(default_factory=dict)


class Learner(Protocol):
    """One model as it learns: made from data, a point and a seed, and nothing else."""

    def advance(self) -> Advance:
        """Learn for one more epoch.

        Raises
        ------
        TrainingFailedError
            It cannot go on.
        """

    def predict_dev(self, out: NDArray[np.float32]) -> None:
        """Write the dev set's predictions as the model is now into `out` (n_dev, n_outputs).

        Those are probabilities, or numbers as the targets are standardised.
        """

    def check(self, figures: Mapping[str, float]) -> None:
        """Refuse to go on where the model no longer learns.

        Parameters
        ----------
        figures
            The epoch's losses and metrics, by what they are in words.

        Raises
        ------
        TrainingFailedError
            One of them is not finite, or the model cannot learn any more.
        """

    def keep(self) -> None:
        """Remember the model as it is now: it is the best so far."""

    @property
    def kept_state(self) -> State:
        """What was remembered last, in arrays that the learner does not change any more."""

    @property
    def kept_figures(self) -> Mapping[str, float]:
        """What that model shows of itself, by name."""


class ModelKind(Protocol):
    """A kind of model. Each of its functions is a pure one: the same arguments give the same bits."""

    def insist_on_fit(self, values: Mapping[str, Sequence[Value]], data: TrainDevData) -> None:
        """Refuse a space with a point that cannot be trained on the data.

        Parameters
        ----------
        values
            Of each hyperparameter in the space, its choices, or the ends of its range.
        data
            What it would be trained on.

        Raises
        ------
        ValueError
            `loss: expected ..., got ...`, naming the hyperparameter.
        """

    def prepare_training(self) -> None:
        """Import what training needs and predicting does not: that is no part of a trial's time."""

    def learner(self, data: TrainDevData, point: Point, *, seed: int, rules: TrainingRules) -> Learner:
        """Return a model that has learned nothing yet.

        Parameters
        ----------
        data
            Train and dev set; they are only read.
        point
            The kind's own hyperparameters.
        seed
            Source of all randomness.
        rules
            How many epochs there are at most, and what the model is judged by.

        Raises
        ------
        ValueError
            The point does not suit the data.
        """

    def predict(
        self, state: State, point: Point, X: NDArray[np.float32], *, task: Task, n_outputs: int
    ) -> NDArray[np.float32]:
        """Return a trained model's predictions, each row's the same to the last bit in whatever company.

        Parameters
        ----------
        state
            What a learner kept.
        point
            The hyperparameters that it was trained with.
        X
            Features, prepared as the train set was (n_examples, n_features).
        task, n_outputs
            What is predicted; the number of classes, or of targets.

        Returns
        -------
        predictions
            Probabilities (n_examples, n_classes), or standardised predictions (n_examples, n_outputs).
        """

    def epoch_cost(self, point: Point, data: TrainDevData) -> float:
        """Return about how long an epoch takes (seconds), by a fixed formula: the same everywhere."""
