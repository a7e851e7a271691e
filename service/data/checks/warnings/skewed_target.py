"""A regression's target with a few values far above the others."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from service.data.checks.warnings.data_warning import Concern, DataWarning
from service.data.checks.warnings.known_data import KnownData
from workers.train_dev_data import Task

LARGE = 1.5
"""A skewness: an exponential target has 2, and 0 is symmetric."""


def skewed_target(data: KnownData) -> Iterator[DataWarning]:
    """Offer the logarithm where all targets are above 0 and skewed, and their logarithms less so."""
    if data.task is not Task.REGRESSION or data.learns_logarithm or not (data.y > 0).all():
        return
    skew = skewness(data.y.astype(np.float64))
    if skew > LARGE and abs(skewness(np.log(data.y))) < skew:
        yield DataWarning(
            about=Concern.SKEWED_TARGET,
            column=None,
            sentence=f"a few targets are far above the others: their skewness is {skew:.1f}",
            remedy="if ratios matter rather than differences, [data] log_target = true",
        )


def skewness(y: NDArray[np.float64]) -> float:
    """Return the third standardised moment, mean((y - mean)^3) / deviation^3; 0 where all are the same."""
    scaled = y / (np.abs(y).max() or 1.0)  # cubes stay finite
    centered = scaled - scaled.mean()
    deviation = float(centered.std())
    return float((centered**3).mean() / deviation**3) if deviation > 0 else 0.0
