"""The arrays a trial sees: train and dev set, already normalised. The test set has no place here."""

from dataclasses import dataclass
from enum import StrEnum
from math import log

import numpy as np
from numpy.typing import NDArray

from workers.model_source import ModelSource


class Task(StrEnum):
    """The task: a class or a number is predicted."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"


BEYOND = 2.0
"""Predicted by its logarithm, a number is at most so many times the greatest train target; so with the least.

Of a row that is like no other, a logarithm is extrapolated, and its exponential would be beyond all measure.
"""


@dataclass(frozen=True, slots=True)
class TrainDevData:
    """Train and dev set as the workers receive them.

    Attributes
    ----------
    task
        Decides which losses and metrics there are.
    X_train, X_dev
        Features, float32 (n_examples, n_features): scaled by the train set's statistics; or raw, numbers as
        they are, NaN where a cell is missing, and codes of categories.
    y_train, y_dev
        Class indices, int64 (n_examples,); or targets standardised with the train set's means and
        deviations, float32 (n_examples, n_outputs).
    n_outputs
        Number of classes, or of targets.
    target_deviation
        The train targets' standard deviation, in the target's unit: turns a standardised RMSE into the
        target's unit. 1 for classification, and for several targets.
    log_target_mean
        Where targets are standardised logarithms, the mean that was taken off; else None. The deviation above
        is the logarithms' then.
    image_shape
        Height, width and channels where the features of an example are an image's pixels, row by row, a
        pixel's channels together; None where they are not.
    n_categories
        Categories of each feature, which hold codes from 0 on; 0 where it is a number. Empty where all are
        numbers.
    numeric_features
        Positions of the features that are scaled numbers, ascending, and not 0 or 1 for a category or a
        missing cell; None where all are numbers.
    own_model
        The source of the user's own model, where that is what is trained; else None.
    """

    task: Task
    X_train: NDArray[np.float32]
    y_train: NDArray[np.int64] | NDArray[np.float32]
    X_dev: NDArray[np.float32]
    y_dev: NDArray[np.int64] | NDArray[np.float32]
    n_outputs: int
    target_deviation: float = 1.0
    log_target_mean: float | None = None
    image_shape: tuple[int, int, int] | None = None
    n_categories: tuple[int, ...] = ()
    numeric_features: tuple[int, ...] | None = None
    own_model: ModelSource | None = None

    @property
    def logarithm_limits(self) -> tuple[float, float]:
        """The least and the greatest logarithm that is predicted, where targets are logarithms."""
        y = self.y_train.astype(np.float64) * self.target_deviation + (self.log_target_mean or 0.0)
        return float(y.min()) - log(BEYOND), float(y.max()) + log(BEYOND)

    @property
    def class_counts(self) -> NDArray[np.int64] | None:
        """Train examples of each class (n_outputs,), 0 for one that is not there; None in regression."""
        if self.task is Task.REGRESSION:
            return None
        return np.bincount(self.y_train.astype(np.int64), minlength=self.n_outputs)
