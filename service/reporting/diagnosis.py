"""Bias, variance and mismatch from the winner's figures, and the one thing that the basic recipe advises."""

from dataclasses import dataclass
from enum import StrEnum
from math import hypot

from workers.metrics import Metric


class Trouble(StrEnum):
    """What stands between the winner and the best that anyone could reach."""

    BIAS = "bias"
    VARIANCE = "variance"
    MISMATCH = "data mismatch"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure on some examples, and how far it may be off for want of more, in the metric's unit."""

    figure: float
    standard_error: float


_ADVICE = {
    Trouble.BIAS: "avoidable bias is the largest gap: try a bigger network, longer training, or another"
    " architecture",
    Trouble.VARIANCE: "variance is the largest gap: get more data, regularize more, or try another"
    " architecture",
    Trouble.MISMATCH: "data mismatch is the largest gap: look at what differs between train and dev examples,"
    " and collect or synthesize train examples that are more like dev; tuning does not close it",
    Trouble.NEITHER: "no gap is larger than chance allows with this many examples: more data would be needed"
    " to see anything to improve",
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
        How much worse than train the set is that nothing was fitted on and that comes from where train does:
        train-dev, or else dev.
    data_mismatch
        How much worse dev is than train-dev; None where dev comes from where train does.
    trouble, advice
        The largest of the clear gaps, and what the recipe advises for it.
    """

    avoidable_bias: Gap
    variance: Gap
    data_mismatch: Gap | None
    trouble: Trouble
    advice: str


def has_bayes_figure(metric: Metric) -> bool:
    """Tell whether a Bayes error is a value of the metric: an error's, a balanced error's, or an RMSE."""
    return metric in (Metric.ERROR, Metric.BALANCED_ERROR, Metric.RMSE)


def diagnose(
    metric: Metric, *, train: Measured, dev: Measured, best: float, train_dev: Measured | None = None
) -> Diagnosis:
    """Tell bias, variance and mismatch apart; a gap is one of badness, above 0 where the latter set is worse.

    The gaps add up to dev - best. A gap's standard error is that of a difference of independent figures.

    Parameters
    ----------
    metric
        The study's metric.
    train, dev
        Its values on the train and dev set.
    best
        What train is compared with: the best value that anyone could reach.
    train_dev
        Its value on the train-dev set, where dev comes from elsewhere than train.
    """
    avoidable_bias = _gap(metric, Measured(best, 0.0), train)
    variance = _gap(metric, train, dev if train_dev is None else train_dev)
    data_mismatch = None if train_dev is None else _gap(metric, train_dev, dev)
    gaps = {Trouble.BIAS: avoidable_bias, Trouble.VARIANCE: variance, Trouble.MISMATCH: data_mismatch}
    clear = {trouble: gap.size for trouble, gap in gaps.items() if gap is not None and gap.is_clear}
    trouble = max(clear, key=lambda name: clear[name]) if clear else Trouble.NEITHER
    return Diagnosis(avoidable_bias, variance, data_mismatch, trouble, _ADVICE[trouble])


def _gap(metric: Metric, better: Measured, worse: Measured) -> Gap:
    return Gap(
        metric.badness(worse.figure) - metric.badness(better.figure),
        hypot(better.standard_error, worse.standard_error),
    )
