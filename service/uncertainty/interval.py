"""A 95 % interval as a value, and the normal quantile that goes with it."""

from statistics import NormalDist
from typing import NamedTuple

CONFIDENCE = 0.95
"""How often an interval shall hold the truth (fraction)."""

Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
"""Half the width of a normal interval, in standard errors: 1.96."""


class Interval(NamedTuple):
    """Two ends of a confidence interval."""

    low: float
    high: float

    @property
    def standard_error(self) -> float:
        """The standard error of a normal interval of this width."""
        return (self.high - self.low) / (2 * Z)
