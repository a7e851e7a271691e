"""How far an area under a ROC curve may be off for want of examples."""

from collections.abc import Callable
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple


class AreaInterval(NamedTuple):
    """Two ends of a confidence interval of an area."""

    low: float
    high: float


def area_interval(area: float, *, n_negative: int, n_positive: int, confidence: float = 0.95) -> AreaInterval:
    """Return the score interval of an area under a ROC curve: right at 0 and 1 too, and where rows are few.

    Its ends are the areas A for which |area - A| = z sqrt(V(A)), z the normal quantile, with

        V(A) = A (1 - A) (1 + (n - 1) ((1 - A) / (2 - A) + A / (1 + A))) / (m k),   n = (m + k) / 2,

    m and k the numbers of examples: Hanley's and McNeil's variance, for scores of exponential distributions,
    in which either number is replaced by their mean.

    Parameters
    ----------
    area
        The share of pairs in which the positive example has the higher score.
    n_negative, n_positive
        Number of examples of each kind, at least 1.
    confidence
        Coverage aimed at (fraction).

    References
    ----------
    J. A. Hanley and B. J. McNeil, 1982, "The meaning and use of the area under a receiver operating
    characteristic (ROC) curve", Radiology 143. R. G. Newcombe, 2006, "Confidence intervals for an effect size
    measure based on the Mann-Whitney statistic. Part 2", Statistics in Medicine 25, method 5.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)

    def is_within(candidate: float) -> bool:
        variance = _variance(candidate, n_negative=n_negative, n_positive=n_positive)
        return abs(area - candidate) <= z * sqrt(variance)

    return AreaInterval(_last(is_within, area, 0.0), _last(is_within, area, 1.0))


def _variance(area: float, *, n_negative: int, n_positive: int) -> float:
    n = (n_negative + n_positive) / 2
    pairs_that_share = (n - 1) * ((1 - area) / (2 - area) + area / (1 + area))
    return area * (1 - area) * (1 + pairs_that_share) / (n_negative * n_positive)


def _last(is_within: Callable[[float], bool], inside: float, outside: float) -> float:
    """Bisect between a point that is within and the end of all that may be, to the last bits."""
    if is_within(outside):
        return outside
    for _ in range(60):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if is_within(middle) else (inside, middle)
    return inside
