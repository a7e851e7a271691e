"""Bias and variance from the winner's figures, and the one thing that the basic recipe advises."""

from dataclasses import dataclass
from enum import StrEnum
from math import hypot, sqrt

from workers.train_dev_data import Task


class Trouble(StrEnum):
    """What stands between the winner and the best that anyone could reach."""

    BIAS = "bias"
    VARIANCE = "variance"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure on some examples.

    Attributes
    ----------
    figure
        An error (fraction), or an RMSE in the target's unit.
    n_examples
        On how many it was measured.
    task
        Which of the two it is.
    """

    figure: float
    n_examples: int
    task: Task

    @property
    def standard_error(self) -> float:
        """How far the figure may be off for want of examples.

        sqrt(p (1 - p) / n) for an error, p taken with one error and one success more (Laplace), so that no
        errors in a few examples is not certainty; RMSE / sqrt(2 n) for an RMSE (normal residuals).
        """
        if self.task is Task.REGRESSION:
            return self.figure / sqrt(2 * self.n_examples)
        rate = (self.figure * self.n_examples + 1) / (self.n_examples + 2)
        return sqrt(rate * (1 - rate) / self.n_examples)


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
        Train minus Bayes error.
    variance
        Dev minus train.
    trouble, advice
        The larger of the clear gaps, and what the recipe advises for it.
    """

    avoidable_bias: Gap
    variance: Gap
    trouble: Trouble
    advice: str


def diagnose(*, train: Measured, dev: Measured, bayes_error: float) -> Diagnosis:
    """Tell bias from variance.

    Parameters
    ----------
    train, dev
        The winner's error or RMSE on the train and dev set.
    bayes_error
        The best error or RMSE anyone could reach.
    """
    avoidable_bias = Gap(train.figure - bayes_error, train.standard_error)
    variance = Gap(dev.figure - train.figure, hypot(train.standard_error, dev.standard_error))
    clear = {
        trouble: gap.size
        for trouble, gap in ((Trouble.BIAS, avoidable_bias), (Trouble.VARIANCE, variance))
        if gap.is_clear
    }
    trouble = max(clear, key=lambda name: clear[name]) if clear else Trouble.NEITHER
    return Diagnosis(avoidable_bias, variance, trouble, _ADVICE[trouble])
