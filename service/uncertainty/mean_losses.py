"""Figures that are means of losses, or made from them: log loss, MAE, RMSE and R², as totals over units.

Each is a monotone function of Q = loss / base, two totals over examples, and the more the worse. Q is looked
at on a log scale: it is never below 0, and there its deviations are nearest to those of a normal variable.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from service.uncertainty.interval import Interval, Z, students_quantile
from workers.metrics.classification_metrics import SMALLEST_PROBABILITY
from workers.metrics.metric import Metric


@dataclass(frozen=True, slots=True, eq=False)
class LossTotals:
    """What log Q and its deviation are computed from.

    Attributes
    ----------
    metric
        Whose Q it is.
    totals
        By unit, the loss, and then what its base is made of: the number of examples; or of R², whose base is
        the sum of squares about the mean, that number, the sum and the sum of squares (n_units, 2 or 4).
    scale
        What Q of these totals is multiplied with to be that of the examples, as they are scaled to 1 at the
        most: a square of a square of what is very large would be infinite.
    """

    metric: Metric
    totals: NDArray[np.float64]
    scale: float

    @property
    def is_bounded(self) -> bool:
        """Whether an example adds no more than so much: 87 nats to a log loss."""
        return self.metric is Metric.LOG_LOSS

    @property
    def is_varied(self) -> bool:
        """Whether there are two units or more that differ, and a log Q."""
        sums = self.totals.sum(axis=0)
        if len(self.totals) < 2 or sums[0] <= 0 or _base(sums) <= 0:
            return False
        return bool(np.abs(self.moves).max() > 1e-9 / len(self.totals))

    @property
    def moves(self) -> NDArray[np.float64]:
        """By how much leaving out each unit moves log Q, by linearisation (n_units,).

        As in `units.variances` a unit's part is divided by what its share leaves of the examples.
        """
        sums = self.totals.sum(axis=0)
        return np.asarray(self.totals @ slopes(sums) / (1 - self.totals[:, 1] / sums[1]))

    def interval(self, low: float, high: float) -> Interval:
        """Return the metric's interval where log Q has that one."""
        return Interval(*sorted([self._figure(low), self._figure(high)]))

    def standard_error(self, of_logarithm: float) -> float:
        """Return the metric's standard error where log Q has that one: by the slope of the metric."""
        return of_logarithm * abs(self._slope)

    @property
    def figure_moves(self) -> NDArray[np.float64]:
        """By how much leaving out each unit moves the metric: 0 where there is no loss (n_units,)."""
        sums = self.totals.sum(axis=0)
        if len(self.totals) < 2 or sums[0] <= 0 or _base(sums) <= 0:
            return np.zeros(len(self.totals))
        return self._slope * self.moves

    @property
    def _slope(self) -> float:
        """The metric's derivative by log Q."""
        quotient = self.scale * float(np.exp(log_quotients(self.totals.sum(axis=0))))
        if self.metric is Metric.RMSE:
            return float(np.sqrt(quotient)) / 2
        return -quotient if self.metric is Metric.R_SQUARED else quotient

    def _figure(self, log_quotient: float) -> float:
        quotient = self.scale * float(np.exp(log_quotient))
        if self.metric is Metric.RMSE:
            return float(np.sqrt(quotient))
        return 1 - quotient if self.metric is Metric.R_SQUARED else quotient


_POWERS = {Metric.LOG_LOSS: 1, Metric.MAE: 1, Metric.RMSE: 2, Metric.R_SQUARED: 2}
"""The power of an example's log loss or residual that each metric adds up."""


def loss_totals(
    metric: Metric,
    predictions: NDArray[np.floating],
    y: NDArray[np.integer | np.floating],
    unit: NDArray[np.intp],
) -> LossTotals:
    """Add up what the examples of each unit cost.

    Parameters
    ----------
    metric
        The log loss, the MAE, the RMSE or R².
    predictions, y
        Class probabilities (n_examples, n_classes) and classes (n_examples,); or numbers (n_examples,) both.
    unit
        Number of each example's unit, from 0 (n_examples,).

    Raises
    ------
    ValueError
        For a metric that adds up no losses.
    """
    if metric not in _POWERS:
        raise ValueError(f"expected one of {', '.join(_POWERS)}, got {metric}")
    ones, power = np.ones(len(y)), _POWERS[metric]
    losses = _losses(metric, predictions, y)
    largest, base = float(losses.max()) or 1.0, [ones]
    scale = largest**power
    if metric is Metric.R_SQUARED:
        centered = y.reshape(len(y)) - y.mean(dtype=np.float64)
        farthest = float(np.abs(centered).max()) or 1.0
        scale, centered = (largest / farthest) ** 2, centered / farthest
        base += [centered, centered**2]
    columns = [(losses / largest) ** power, *base]
    return LossTotals(metric, np.stack([np.bincount(unit, column) for column in columns], axis=1), scale)


def log_quotients(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return log Q of totals over all units (..., 2 or 4): (...)."""
    return np.asarray(np.log(sums[..., 0]) - np.log(_base(sums)))


def slopes(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the derivatives of log Q by each of the totals (..., 2 or 4), of the same shape."""
    found = np.empty_like(sums)
    found[..., 0] = 1 / sums[..., 0]
    if sums.shape[-1] == 2:
        found[..., 1] = -1 / sums[..., 1]
        return found
    mean, base = sums[..., 2] / sums[..., 1], _base(sums)
    found[..., 1], found[..., 2], found[..., 3] = -(mean**2) / base, 2 * mean / base, -1 / base
    return found


def _losses(
    metric: Metric, predictions: NDArray[np.floating], y: NDArray[np.integer | np.floating]
) -> NDArray[np.float64]:
    """Return log losses, or residuals' sizes (n_examples,)."""
    if metric is Metric.LOG_LOSS:
        own = predictions[np.arange(len(y)), y.astype(np.int64)].astype(np.float64)
        return np.asarray(np.maximum(-np.log(np.maximum(own, SMALLEST_PROBABILITY)), 0.0))
    return np.asarray(np.abs(np.subtract(predictions.reshape(len(y)), y.reshape(len(y)), dtype=np.float64)))


def _base(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the number of examples, or for R² the sum of squares about the mean."""
    if sums.shape[-1] == 2:
        return np.asarray(sums[..., 1])
    return np.asarray(sums[..., 3] - sums[..., 2] ** 2 / sums[..., 1])


def standard_error_of_mean(values: NDArray[np.float64], units: NDArray[np.intp] | None) -> float:
    """Return the standard error of a mean, by how the units differ.

    Where each example came by itself it is s / sqrt(n). Else it is sqrt(sum_u (d_u / (1 - n_u / n))^2), with
    d_u the sum of the unit's deviations from the mean over n, and wider by Student's t where units are few.
    Of one unit alone it is the size of the mean, for want of anything better.

    Parameters
    ----------
    values
        (n_examples,).
    units
        Numbers that examples share which came as one (n_examples,); None where each came by itself.
    """
    n = len(values)
    if units is None:
        return float(values.std(ddof=1)) / sqrt(n) if n > 1 else abs(float(values[0]))
    _, unit = np.unique(units, return_inverse=True)
    sizes = np.bincount(unit)
    if len(sizes) == 1:
        return abs(float(values.mean()))
    deviations = np.bincount(unit, values - values.mean()) / n
    wider = students_quantile(len(sizes) - 1) / Z
    return wider * float(np.sqrt(np.sum((deviations / (1 - sizes / n)) ** 2)))
