"""All that was fitted on a train set: from cells to a model's inputs, from its outputs to the target.

A regression's targets are brought to mean 0 and deviation 1 for training, and predictions are brought back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from search_spaces.input_choices import InputChoices, TargetScale
from service.data.inputs.column_statistics import moments
from service.data.inputs.target_statistics import TargetStatisticsColumns
from service.data.inputs.transformation import Transformation, fit_transformation
from service.tables.columns import Column, lenient_frame
from workers.train_dev_data import BEYOND, Task

_LARGEST = np.finfo(np.float32).max
_LARGEST_TARGET = float(np.finfo(np.float64).max)


class TargetScaling(BaseModel):
    """z = (y - mean) / deviation, or the same of log(y)."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    mean: float
    """Of the train targets, or of their logarithms."""

    deviation: float = Field(gt=0)
    """The population's deviation of the same; 1 where it would be 0."""

    is_log: bool = False
    """Whether logarithms are standardised."""

    low: float = -_LARGEST_TARGET
    """Least prediction, in the target's unit: of logarithms, half the least train target."""

    high: float = _LARGEST_TARGET
    """Greatest prediction, in the target's unit: of logarithms, twice the greatest train target."""

    def apply(self, y: NDArray[np.float64]) -> NDArray[np.float32]:
        """Standardise targets (n_examples,); what float32 cannot hold becomes its largest number.

        Raises
        ------
        ValueError
            When a logarithm is to be taken and a target is not positive.
        """
        values = _logarithm(y) if self.is_log else y
        with np.errstate(over="ignore"):  # an infinity is clipped below
            z = (values / 2 - self.mean / 2) / (self.deviation / 2)
        return np.clip(z, -_LARGEST, _LARGEST).astype(np.float32)

    def restore(self, standardized: NDArray[np.floating]) -> NDArray[np.float64]:
        """Bring predictions (n_examples,) back into the target's unit, from `low` to `high`."""
        with np.errstate(over="ignore"):  # an infinity is clipped below
            values = np.asarray(standardized, dtype=np.float64) * self.deviation + self.mean
            values = np.exp(values) if self.is_log else values
        return np.clip(values, self.low, self.high)


def fit_target_scaling(y: NDArray[np.float64], *, is_log: bool = False) -> TargetScaling:
    """Take mean and deviation from the train targets (n_examples,), or from their logarithms.

    Raises
    ------
    ValueError
        When a logarithm is to be taken and a target is not positive.
    """
    mean, deviation = moments((_logarithm(y) if is_log else y.astype(np.float64))[:, np.newaxis])
    scaling = TargetScaling(mean=float(mean[0]), deviation=float(deviation[0]), is_log=is_log)
    if not is_log:
        return scaling
    greatest = min(float(y.max()), _LARGEST_TARGET / BEYOND)
    return scaling.model_copy(update={"low": float(y.min()) / BEYOND, "high": greatest * BEYOND})


def _logarithm(y: NDArray[np.float64]) -> NDArray[np.float64]:
    if not (y > 0).all():
        row = int(np.argmin(y > 0))
        raise ValueError(
            f"expected targets above 0 for a logarithm, got {y[row]} (row {row} of {len(y)}, from 0)"
        )
    logarithms: NDArray[np.float64] = np.log(y, dtype=np.float64)
    return logarithms


class LenientInputs(NamedTuple):
    """Inputs, float32 (n_examples, n_inputs), and how many cells of a column could not be read, by name."""

    X: NDArray[np.float32]
    n_faulty: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Preparation:
    """A preparation, fitted on one train set, and used for every other set and every later prediction.

    Attributes
    ----------
    columns
        Those that are learned from, and how their cells are understood.
    transformation
        From their values to inputs.
    target_scaling
        Of a regression's target; None in classification.
    """

    columns: tuple[Column, ...]
    transformation: Transformation
    target_scaling: TargetScaling | None

    @property
    def reads_targets(self) -> bool:
        """Whether inputs are made of the train targets, too, on the scale on which they are learned."""
        return any(isinstance(block, TargetStatisticsColumns) for block in self.transformation.blocks)

    def lenient_inputs(self, frame: pl.DataFrame) -> LenientInputs:
        """Turn cells into inputs; one that does not fit its column's kind is read as missing, and counted.

        Parameters
        ----------
        frame
            Cells as they stand in a table, at least the columns that are learned from, in any order.
        """
        typed = lenient_frame(frame, self.columns)
        return LenientInputs(self.transformation.apply(typed.frame), typed.n_faulty)

    def restored(self, outputs: NDArray[np.floating]) -> NDArray[np.floating]:
        """Bring a model's outputs into the target's unit.

        Parameters
        ----------
        outputs
            Probabilities (n_examples, n_classes), which stay as they are; or standardised numbers
            (n_examples, 1), which become (n_examples,).
        """
        return outputs if self.target_scaling is None else self.target_scaling.restore(outputs[:, 0])


class FittedPreparation(NamedTuple):
    """A preparation, and what the train set becomes by it: (n_train, n_inputs), and its targets."""

    preparation: Preparation
    X_train: NDArray[np.float32]
    y_train: NDArray[np.int64] | NDArray[np.float32]


def fit_preparation(  # noqa: PLR0913 (each by its name)
    typed: pl.DataFrame,
    y: NDArray[np.int64] | NDArray[np.float64],
    *,
    columns: Sequence[Column],
    task: Task,
    n_classes: int,
    choices: InputChoices,
    seed: int,
    rows: NDArray[np.intp] | None = None,
) -> FittedPreparation:
    """Fit on a train set, and on nothing else.

    Parameters
    ----------
    typed
        The columns' values, as `service.tables.columns.typed_frame` makes them.
    rows
        Positions of the train rows, if `typed` has others too.
    y
        Class indices, or numbers in the target's unit (n_train,).
    columns
        Those of `typed`.
    task, n_classes
        What is predicted; 0 classes in regression.
    choices
        Which inputs are made of the columns, and on which scale a regression learns its target.
    seed
        Source of the parts that target statistics are taken out of.

    Raises
    ------
    BadInputError
        In these train examples there is no column that anything can be learned from.
    ValueError
        A logarithm is wanted of a number that has none.
    """
    is_regression = task is Task.REGRESSION
    is_log = choices.target_scale is TargetScale.LOG
    scaling = fit_target_scaling(y.astype(np.float64), is_log=is_log) if is_regression else None
    targets = scaled_targets(y, scaling)
    fitted = fit_transformation(
        typed,
        kinds={column.name: column.kind for column in columns},
        y=targets[:, 0].astype(np.float64) if is_regression else y.astype(np.int64),
        n_classes=n_classes,
        choices=choices,
        seed=seed,
        rows=rows,
    )
    preparation = Preparation(tuple(columns), fitted.transformation, scaling)
    return FittedPreparation(preparation, fitted.X_train, targets)


def scaled_targets(
    y: NDArray[np.int64] | NDArray[np.float64], scaling: TargetScaling | None
) -> NDArray[np.int64] | NDArray[np.float32]:
    """Return targets as a model is trained on them: class indices, or standardised (n_examples, 1)."""
    if scaling is None:
        return y.astype(np.int64)
    return scaling.apply(y.astype(np.float64))[:, np.newaxis]
