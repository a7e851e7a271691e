"""Overfitting to the dev set: how much worse the winner did on the test set, beside what was foretold."""

from math import hypot
from statistics import NormalDist

from pydantic import BaseModel, ConfigDict

from workers.metrics import Metric

_Z = NormalDist().inv_cdf(0.975)
"""Half of a 95 % interval in standard errors."""


class Overfitting(BaseModel):
    """The gap between test and dev set, seen at the opening; in the metric's unit, above 0 for the worse."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    size: float
    """How much worse the winner did on the test set than on the dev set."""

    standard_error: float
    """For want of examples in both."""

    foretold: float | None
    """By how much the dev figure was reckoned to flatter before the opening; None where nothing told."""

    is_clear: bool
    """Whether the gap is beyond two standard errors."""


def overfitting_of(  # noqa: PLR0913 (two figures, each with how far it may be off)
    metric: Metric,
    *,
    dev_figure: float,
    dev_standard_error: float,
    test_figure: float,
    test_interval: tuple[float, float],
    foretold: float | None,
) -> Overfitting:
    """Return how much worse the winner did on the test set than on the dev set.

    Parameters
    ----------
    metric
        The study's metric.
    dev_figure, dev_standard_error
        The winner's on the dev set.
    test_figure, test_interval
        The same on the test set, with its 95 % interval.
    foretold
        The optimism estimated before the opening (metric's unit).
    """
    size = metric.badness(test_figure) - metric.badness(dev_figure)
    of_test = (test_interval[1] - test_interval[0]) / (2 * _Z)
    standard_error = hypot(dev_standard_error, of_test)
    return Overfitting(
        size=size,
        standard_error=standard_error,
        foretold=foretold,
        is_clear=size > 2 * standard_error,
    )
