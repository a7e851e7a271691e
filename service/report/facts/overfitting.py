"""Overfitting to the dev set: how much worse the winner did on the test set than selection had foretold."""

from math import hypot

from pydantic import BaseModel, ConfigDict

from service.uncertainty.interval import Interval, Z
from workers.metrics import Metric


class Overfitting(BaseModel):
    """The gap between test and dev set, seen at the opening; in the metric's unit, above 0 for the worse."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    size: float
    """How much worse the winner did on the test set than on the dev set."""

    standard_error: float
    """For want of examples in both: from the sides of the two figures' intervals that face each other."""

    foretold: float | None
    """By how much the dev figure was reckoned to flatter before the opening; None where nothing told."""

    is_clear: bool
    """Whether the gap, less what was foretold, is beyond two standard errors: the dev set was overfitted."""


def overfitting_of(  # noqa: PLR0913 (two figures, each with how far it may be off)
    metric: Metric,
    *,
    dev: float,
    dev_interval: Interval,
    test: float,
    test_interval: Interval,
    foretold: float | None,
) -> Overfitting:
    """Return how much worse the winner did on the test set than on the dev set.

    A winner that was selected for its luck does worse on the test set by that luck, without any fault. Only
    what goes beyond that and chance is called overfitting. A dev figure near its best value has an interval
    that reaches much farther to the worse side than to the better one, so half its width would be too little.

    Parameters
    ----------
    metric
        The study's metric.
    dev, dev_interval
        The winner's figure on the dev set, with its 95 % interval.
    test, test_interval
        The same on the test set.
    foretold
        The optimism estimated before the opening (metric's unit).

    References
    ----------
    G. Y. Zou and A. Donner, 2008, "Construction of confidence limits about effect measures: a general
    approach", Statistics in Medicine 27, equation 3: the limits of a difference.
    """
    size = metric.badness(test) - metric.badness(dev)
    test_is_worse = size > 0
    standard_error = hypot(
        _side(metric, dev, dev_interval, to_the_worse=test_is_worse),
        _side(metric, test, test_interval, to_the_worse=not test_is_worse),
    )
    return Overfitting(
        size=size,
        standard_error=standard_error,
        foretold=foretold,
        is_clear=size - max(foretold or 0.0, 0.0) > 2 * standard_error,
    )


def _side(metric: Metric, figure: float, interval: Interval, *, to_the_worse: bool) -> float:
    """Return how far an interval reaches to one side of its figure, in standard errors' unit: over 1.96."""
    ends = [metric.badness(end) for end in interval]
    reach = max(ends) - metric.badness(figure) if to_the_worse else metric.badness(figure) - min(ends)
    return max(reach, 0.0) / Z
