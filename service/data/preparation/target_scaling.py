"""A regression's targets, brought to mean 0 and deviation 1 for training, and predictions brought back."""

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from service.data.preparation.inputs.column_statistics import moments

_LARGEST = np.finfo(np.float32).max
_LARGEST_TARGET = np.finfo(np.float64).max


class TargetScaling(BaseModel):
    """z = (y - mean) / deviation, or the same of log(y)."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    mean: float
    """Of the train targets, or of their logarithms."""

    deviation: float = Field(gt=0)
    """The population's deviation of the same; 1 where it would be 0."""

    is_log: bool = False
    """Whether logarithms are standardised."""

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
        """Bring predictions (n_examples,) back into the target's unit; too large for any is the largest."""
        with np.errstate(over="ignore"):  # an infinity is clipped below
            values = np.asarray(standardized, dtype=np.float64) * self.deviation + self.mean
            values = np.exp(values) if self.is_log else values
        return np.clip(values, -_LARGEST_TARGET, _LARGEST_TARGET)


def fit_target_scaling(y: NDArray[np.float64], *, is_log: bool = False) -> TargetScaling:
    """Take mean and deviation from the train targets (n_examples,).

    Raises
    ------
    ValueError
        When a logarithm is to be taken and a target is not positive.
    """
    mean, deviation = moments((_logarithm(y) if is_log else y.astype(np.float64))[:, np.newaxis])
    return TargetScaling(mean=float(mean[0]), deviation=float(deviation[0]), is_log=is_log)


def _logarithm(y: NDArray[np.float64]) -> NDArray[np.float64]:
    if not (y > 0).all():
        row = int(np.argmin(y > 0))
        raise ValueError(
            f"expected targets above 0 for a logarithm, got {y[row]} (row {row} of {len(y)}, from 0)"
        )
    logarithms: NDArray[np.float64] = np.log(y, dtype=np.float64)
    return logarithms
