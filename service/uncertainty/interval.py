"""A 95 % interval as a value, and the normal and Student quantiles that go with it."""

from statistics import NormalDist
from typing import NamedTuple

from scipy.special import stdtrit

CONFIDENCE = 0.95
"""How often an interval shall hold the truth (fraction)."""

Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
"""Half the width of a normal interval, in standard errors: 1.96."""

N_STANDARD_ERRORS = 2
"""A difference larger than this many of its standard errors is beyond chance."""


def students_quantile(degrees: float) -> float:
    """Return half the width of a Student interval, in standard errors: `Z` of infinitely many degrees."""
    return float(stdtrit(degrees, (1 + CONFIDENCE) / 2))


class Interval(NamedTuple):
    """Two ends of a confidence interval."""

    low: float
    high: float

    @property
    def standard_error(self) -> float:
        """The standard error of a normal interval of this width."""
        return (self.high - self.low) / (2 * Z)
