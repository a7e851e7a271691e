"""Whether anything was learned: the winner beside the best constant, with its luck taken off."""

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from service.noise_floor.judging import example_losses, in_unit_of
from service.uncertainty.means import standard_error_of_mean
from workers.metrics import Metric

N_STANDARD_ERRORS = 2

PAIRED = (Metric.ERROR, Metric.LOG_LOSS, Metric.RMSE, Metric.MAE)
"""Metrics whose difference is told example by example. Of the others a constant's figure is what it is by
definition, such as a ROC AUC of 0.5, and all that is uncertain is the winner's."""


class BesideConstant(BaseModel):
    """The winner on the dev set beside naming the commonest class, or the mean."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    constant: str
    """Its name: `majority class` or `mean`."""

    gain: float
    """By how much the winner is better, in the metric's unit."""

    standard_error: float
    """Of that difference, paired by example where the metric is a mean over examples."""

    flattery: float
    """By how much being chosen on these examples flatters the winner."""

    @property
    def is_beyond_chance(self) -> bool:
        """Whether something was learned: the gain, less the flattery, is beyond two standard errors."""
        return self.gain - self.flattery > N_STANDARD_ERRORS * self.standard_error


def paired_error(
    metric: Metric,
    *,
    winner: NDArray[np.floating],
    constant: NDArray[np.floating],
    y: NDArray[np.integer | np.floating],
    units: NDArray[np.intp] | None,
) -> float | None:
    """Return the standard error of a difference on the same examples; None where it is not paired.

    Parameters
    ----------
    metric
        The metric.
    winner, constant, y
        Predictions of both, and what is true, as `workers.metrics.measure` takes them, in the target's unit.
    units
        Numbers that examples share which came as one (n_examples,); None where each came by itself.
    """
    if metric not in PAIRED:
        return None
    own, other = example_losses(metric, winner, y), example_losses(metric, constant, y)
    if own is None or other is None:
        return None
    figure = float(np.sqrt((own.mean() + other.mean()) / 2)) if metric is Metric.RMSE else 0.0
    return in_unit_of(metric, standard_error_of_mean(other - own, units), figure=figure, variance=0.0)
