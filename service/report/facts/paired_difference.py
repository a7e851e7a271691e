"""A paired difference as the report has it, and what can be said of it."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from workers.metrics.metric import Metric


class Verdict(StrEnum):
    """What a difference's interval allows to say of the network beside another model."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no difference"
    """None that these rows can show: the interval holds 0. It does not say that the two are equal."""
    UNKNOWN = "unknown"
    """There is no interval."""


class Difference(BaseModel):
    """The network's figure less another model's, on the same rows."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    value: float
    """In the metric's own unit and sense."""

    interval: tuple[float, float] | None
    """95 % interval of it, by the row-by-row differences; None where there is none."""

    method: str
    """How the interval was made, or why there is none."""

    verdict: Verdict
    """What can be said of the network: only this, and never where one figure lies in the other's interval."""


def difference_of(
    metric: Metric, *, value: float, interval: tuple[float, float] | None, method: str
) -> Difference:
    """Return a difference with its verdict.

    Parameters
    ----------
    metric
        Of what; its sense says which way is better.
    value, interval, method
        As the attributes are called.
    """
    return Difference(value=value, interval=interval, method=method, verdict=verdict_of(metric, interval))


def verdict_of(metric: Metric, interval: tuple[float, float] | None) -> Verdict:
    """Return what can be said of the first of two models where their difference has that interval."""
    if interval is None:
        return Verdict.UNKNOWN
    low, high = sorted(map(metric.badness, interval))
    if high < 0:
        return Verdict.BETTER
    return Verdict.WORSE if low > 0 else Verdict.NO_DIFFERENCE
