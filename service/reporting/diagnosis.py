"""Bias and variance from the winner's figures, and the one thing that the basic recipe advises."""

from dataclasses import dataclass
from enum import StrEnum
from math import hypot

from workers.metrics import Metric


class Trouble(StrEnum):
    """What stands between the winner and the best that anyone could reach."""

    BIAS = "bias"
    VARIANCE = "variance"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure on some examples, and how far it may be off for want of more, in the metric's unit."""

    figure: float
    standard_error: float


_ADVICE = {
    Trouble.BIAS: "avoidable bias is the larger gap: try a bigger network, longer training, or another"
    " architecture",
    Trouble.VARIANCE: "variance is the larger gap: get more data, regularize more, or try another"
    " architecture",
    Trouble.NEITHER: "neither gap is larger than chance allows with this many examples: more data would be"
    " needed to see anything to improve",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """A difference between two figures, in the metric's own unit, with its standard error."""

    size: float
    standard_error: float

    @property
    def is_clear(self) -> bool:
        """Whether it is beyond two standard errors."""
        return self.size > 2 * self.standard_error


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the winner's figures say.

    Attributes
    ----------
    avoidable_bias
        How much worse train is than the best that is reckoned with.
    variance
        How much worse dev is than train.
    trouble, advice
        The larger of the clear gaps, and what the recipe advises for it.
    """

    avoidable_bias: Gap
    variance: Gap
    trouble: Trouble
    advice: str


def has_bayes_figure(metric: Metric) -> bool:
    """Tell whether a Bayes error is a value of the metric: an error's, a balanced error's, or an RMSE."""
    return metric in (Metric.ERROR, Metric.BALANCED_ERROR, Metric.RMSE)


def diagnose(metric: Metric, *, train: Measured, dev: Measured, best: float) -> Diagnosis:
    """Tell bias from variance; a gap is one of badness, above 0 where the latter set is the worse.

    Parameters
    ----------
    metric
        The study's metric.
    train, dev
        Its values on the train and dev set.
    best
        What train is compared with: the best value that anyone could reach.
    """
    avoidable_bias = Gap(metric.badness(train.figure) - metric.badness(best), train.standard_error)
    variance = Gap(
        metric.badness(dev.figure) - metric.badness(train.figure),
        hypot(train.standard_error, dev.standard_error),
    )
    clear = {
        trouble: gap.size
        for trouble, gap in ((Trouble.BIAS, avoidable_bias), (Trouble.VARIANCE, variance))
        if gap.is_clear
    }
    trouble = max(clear, key=lambda name: clear[name]) if clear else Trouble.NEITHER
    return Diagnosis(avoidable_bias, variance, trouble, _ADVICE[trouble])
