"""The figures that a model is reported by, with the intervals around them."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workers.metrics import error, log_loss, r_squared, root_mean_squared_error
from workers.train_dev_data import Task

N_RESAMPLES = 2000
"""Bootstrap resamples: the ends of a 95 % interval then rest on the 50 outermost of each side."""


@dataclass(frozen=True, slots=True)
class ClassificationFigures:
    """Error (fraction of examples whose class is not the most probable one) and log loss (nats)."""

    error: float
    log_loss: float


@dataclass(frozen=True, slots=True)
class RegressionFigures:
    """RMSE (in the target's unit) and R², the share of the targets' variance that is explained."""

    rmse: float
    r_squared: float


Figures = ClassificationFigures | RegressionFigures


class Interval(NamedTuple):
    """Two ends of a confidence interval."""

    low: float
    high: float


def figures(
    predictions: NDArray[np.floating], y: NDArray[np.integer | np.floating], *, task: Task
) -> Figures:
    """Judge predictions.

    Parameters
    ----------
    predictions
        Probabilities (n_examples, n_classes); or numbers in the target's unit (n_examples,).
    y
        Class indices (n_examples,); or numbers (n_examples,).
    task
        Which of the two.
    """
    if task is Task.CLASSIFICATION:
        labels = y.astype(np.int64)
        return ClassificationFigures(error(predictions, labels), log_loss(predictions, labels))
    targets = y.astype(np.float64)
    return RegressionFigures(root_mean_squared_error(predictions, targets), r_squared(predictions, targets))


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


def bootstrap_rmse_interval(
    predictions: NDArray[np.floating],
    targets: NDArray[np.floating],
    *,
    seed: int,
    confidence: float = 0.95,
) -> Interval:
    """Return the percentile bootstrap interval of an RMSE; the same seed gives the same interval.

    Parameters
    ----------
    predictions, targets
        In the target's unit (n_examples,).
    seed
        Source of the resamples.
    confidence
        Coverage aimed at (fraction).

    References
    ----------
    B. Efron, 1979, "Bootstrap methods: another look at the jackknife".
    """
    squared = np.square(np.subtract(predictions, targets, dtype=np.float64))
    rng = np.random.default_rng(np.random.SeedSequence([seed, int.from_bytes(b"bootstrap")]))
    resampled = [
        sqrt(squared[rng.integers(len(squared), size=len(squared))].mean()) for _ in range(N_RESAMPLES)
    ]
    low, high = np.quantile(resampled, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(low), float(high))
