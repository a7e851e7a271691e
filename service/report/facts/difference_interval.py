"""How far a difference of two means may be off, where its variance is the sum of estimated parts."""

from collections.abc import Sequence
from math import inf, sqrt
from typing import NamedTuple

from service.uncertainty.interval import students_quantile


class Part(NamedTuple):
    """A part of the difference's variance, and the degrees of freedom that it is known with."""

    variance: float
    degrees: float


def half_width(parts: Sequence[Part]) -> float | None:
    """Return half of the interval's width: t sqrt(v); None where the variance v is 0, which tells nothing.

    v is the sum of the parts v_i, and t the quantile of Student's distribution with Satterthwaite's degrees
    of freedom, v^2 / sum(v_i^2 / degrees_i). Of two means with variances of their own it is Welch's interval.

    Parameters
    ----------
    parts
        Independent parts of the variance; of a part that is known for sure the degrees are infinite.

    References
    ----------
    Welch, B. L. (1947). The generalization of "Student's" problem when several different population variances
    are involved. Biometrika 34. Satterthwaite, F. E. (1946). An approximate distribution of estimates of
    variance components. Biometrics Bulletin 2.
    """
    total = sum(part.variance for part in parts)
    if total == 0:
        return None
    doubt = sum(part.variance**2 / part.degrees for part in parts)
    degrees = total**2 / doubt if doubt else inf
    return students_quantile(degrees) * sqrt(total)
