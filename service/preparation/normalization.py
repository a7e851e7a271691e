"""Normalization: mean and deviation of the train set, used for every set and every later prediction."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.seal.splits import Split
from service.tables.examples import Examples
from workers.train_dev_data import Task, TrainDevData

_LARGEST = np.finfo(np.float32).max
_SMALLEST_DEVIATION = np.finfo(np.float64).smallest_normal


@dataclass(frozen=True, slots=True, eq=False)
class Normalization:
    """z = (x - mean) / deviation, a column at a time.

    Attributes
    ----------
    mean, deviation
        The train set's, a feature: float64 (n_features,). The deviation is the population's (divided by m);
        1 for a constant column, which so becomes 0.
    target_mean, target_deviation
        The train targets', in the target's unit; 0 and 1 in classification.
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    target_mean: float = 0.0
    target_deviation: float = 1.0

    def apply(self, X: NDArray[np.float64]) -> NDArray[np.float32]:
        """Normalise features (n_examples, n_features); what float32 cannot hold becomes its largest value."""
        return _standardised(X, self.mean, self.deviation)

    def apply_to_targets(self, y: NDArray[np.float64]) -> NDArray[np.float32]:
        """Standardise the numbers of a regression's targets (n_examples,)."""
        return _standardised(y, np.float64(self.target_mean), np.float64(self.target_deviation))

    def restore_targets(self, standardised: NDArray[np.floating]) -> NDArray[np.float64]:
        """Bring predictions (n_examples,) back into the target's unit."""
        return np.asarray(standardised, dtype=np.float64) * self.target_deviation + self.target_mean


def fit_normalization(train: Examples, *, task: Task) -> Normalization:
    """Take mean and deviation from the train set, and from nothing else."""
    mean, deviation = _moments(train.X)
    if task is Task.CLASSIFICATION:
        return Normalization(mean, deviation)
    target_mean, target_deviation = _moments(train.y.astype(np.float64)[:, np.newaxis])
    return Normalization(mean, deviation, float(target_mean[0]), float(target_deviation[0]))


def train_dev_data(
    split: Split, *, image_shape: tuple[int, int, int] | None = None
) -> tuple[TrainDevData, Normalization]:
    """Make what workers receive; the normalization is for the test set and later predictions."""
    normalization = fit_normalization(split.train, task=split.task)
    data = TrainDevData(
        task=split.task,
        X_train=normalization.apply(split.train.X),
        y_train=_targets(split.train, split.task, normalization),
        X_dev=normalization.apply(split.dev.X),
        y_dev=_targets(split.dev, split.task, normalization),
        n_outputs=len(split.class_names) or 1,
        target_deviation=normalization.target_deviation,
        image_shape=image_shape,
    )
    return data, normalization


def _targets(
    examples: Examples, task: Task, normalization: Normalization
) -> NDArray[np.int64] | NDArray[np.float32]:
    if task is Task.CLASSIFICATION:
        return examples.y.astype(np.int64)
    return normalization.apply_to_targets(examples.y.astype(np.float64))[:, np.newaxis]


def _moments(X: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and deviation of each column.

    Taken of the column divided by its largest magnitude, so that columns near 1e308 do not overflow and
    constant ones, which become exactly 1, have a deviation of exactly 0 before it is set to 1.
    """
    scale = np.abs(X).max(axis=0)
    scale[scale == 0] = 1
    scaled = X / scale
    mean, deviation = scaled.mean(axis=0) * scale, scaled.std(axis=0) * scale
    deviation[deviation < _SMALLEST_DEVIATION] = 1
    return mean, deviation


def _standardised(
    x: NDArray[np.float64],
    mean: NDArray[np.float64] | np.float64,
    deviation: NDArray[np.float64] | np.float64,
) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # an infinity is clipped below
        z = (x / 2 - mean / 2) / (deviation / 2)  # halved: the difference of two huge values stays finite
    return np.clip(z, -_LARGEST, _LARGEST).astype(np.float32)
