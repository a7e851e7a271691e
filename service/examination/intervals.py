"""How far a figure may be off for want of examples: confidence intervals and standard errors."""

from collections.abc import Iterator
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workers.metrics import Metric, measure

N_RESAMPLES = 2000
"""Bootstrap resamples of an interval: the ends of one of 95 % rest on the 50 outermost of each side."""

N_RESAMPLES_OF_A_DEVIATION = 200
"""Bootstrap resamples of a standard error, known to 5 % with so many (Efron and Tibshirani 1993)."""


class Interval(NamedTuple):
    """Two ends of a confidence interval."""

    low: float
    high: float


def wilson_interval(errors: int, n: int, confidence: float = 0.95) -> Interval:
    """Return the score interval of an error rate: wide where examples are few, and right at 0 errors too.

    Its ends are the rates p for which |errors / n - p| = z * sqrt(p * (1 - p) / n), z the normal quantile.

    Parameters
    ----------
    errors
        Examples that were got wrong.
    n
        All examples, 1 or more.
    confidence
        Coverage aimed at (fraction).

    References
    ----------
    E. B. Wilson, 1927, "Probable inference, the law of succession, and statistical inference".
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = errors / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2))
    low = 0.0 if errors == 0 else middle - half  # exact ends, which rounding would miss by 1e-17
    high = 1.0 if errors == n else middle + half
    return Interval(low, high)


def bootstrap_interval(
    metric: Metric,
    predictions: NDArray[np.floating],
    y: NDArray[np.integer | np.floating],
    *,
    seed: int,
    confidence: float = 0.95,
) -> Interval:
    """Return the bootstrap interval of a metric; the same seed gives the same interval.

    It is the percentile interval, whose ends are quantiles of the metric of resamples. The calibration error
    is the exception: it sums magnitudes, so that a resample's is too high by about as much as the figure
    itself. There it is the basic interval, the percentile one mirrored in the figure, from 0 on.

    Parameters
    ----------
    metric
        Which.
    predictions, y
        As `workers.metrics.measure` takes them, numbers in the target's unit.
    seed
        Source of the resamples.
    confidence
        Coverage aimed at (fraction).

    References
    ----------
    B. Efron, 1979, "Bootstrap methods: another look at the jackknife". A. C. Davison and D. V. Hinkley, 1997,
    "Bootstrap methods and their application", equations 5.6 and 5.18.
    """
    resampled = list(_resampled(metric, predictions, y, seed=seed, n_resamples=N_RESAMPLES))
    low, high = np.quantile(resampled, [(1 - confidence) / 2, (1 + confidence) / 2])
    if metric is not Metric.CALIBRATION_ERROR:
        return Interval(float(low), float(high))
    figure = measure(metric, predictions, y, target_deviation=1.0)
    return Interval(max(0.0, 2 * figure - float(high)), max(figure, 2 * figure - float(low)))


def standard_error(
    metric: Metric,
    predictions: NDArray[np.floating],
    y: NDArray[np.integer | np.floating],
    *,
    seed: int,
) -> float:
    """Return the standard error of a metric, in its unit.

    sqrt(p (1 - p) / n) for an error, p taken with one error and one success more (Laplace), so that no errors
    in a few examples is not certainty; RMSE / sqrt(2 n) for an RMSE (normal residuals); for every other
    metric the deviation of its bootstrap resamples.

    Parameters
    ----------
    metric, predictions, y, seed
        As for `bootstrap_interval`.
    """
    n = len(y)
    figure = measure(metric, predictions, y, target_deviation=1.0)
    match metric:
        case Metric.ERROR:
            rate = (figure * n + 1) / (n + 2)
            return sqrt(rate * (1 - rate) / n)
        case Metric.RMSE:
            return figure / sqrt(2 * n)
        case _:
            resampled = _resampled(metric, predictions, y, seed=seed, n_resamples=N_RESAMPLES_OF_A_DEVIATION)
            return float(np.std(list(resampled), ddof=1))


def _resampled(
    metric: Metric,
    predictions: NDArray[np.floating],
    y: NDArray[np.integer | np.floating],
    *,
    seed: int,
    n_resamples: int,
) -> Iterator[float]:
    """Yield the metric of as many examples, drawn with replacement, again and again."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, int.from_bytes(b"bootstrap")]))
    for _ in range(n_resamples):
        rows = rng.integers(len(y), size=len(y))
        yield measure(metric, predictions[rows], y[rows], target_deviation=1.0)
