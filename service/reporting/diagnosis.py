"""Bias and variance from the winner's figures, and the one thing that the basic recipe advises."""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from workers.train_dev_data import Task


class Trouble(StrEnum):
    """What stands between the winner and the best that anyone could reach."""

    BIAS = "bias"
    VARIANCE = "variance"
    NEITHER = "neither"


_ADVICE = {
    Trouble.BIAS: "avoidable bias is the larger gap: try a bigger network, longer training, or another"
    " architecture",
    Trouble.VARIANCE: "variance is the larger gap: get more data, regularize more, or try another"
    " architecture",
    Trouble.NEITHER: "neither gap is larger than chance allows with {n_dev} dev examples: more data would be"
    " needed to see anything to improve",
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The winner's gaps, in the metric's own unit (error as a fraction, or RMSE).

    Attributes
    ----------
    avoidable_bias
        Train minus Bayes error.
    variance
        Dev minus train.
    dev_standard_error
        Standard error of the dev figure, as far as the number of dev examples makes it.
    trouble, advice
        The larger gap, if it is beyond two standard errors; and what the recipe advises for it.
    """

    avoidable_bias: float
    variance: float
    dev_standard_error: float
    trouble: Trouble
    advice: str


def diagnose(*, train: float, dev: float, bayes_error: float, n_dev: int, task: Task) -> Diagnosis:
    """Tell bias from variance.

    A gap below two standard errors of the dev figure is not named. The standard error is
    sqrt(p (1 - p) / n) for an error p, and RMSE / sqrt(2 n) for an RMSE (normal residuals).

    Parameters
    ----------
    train, dev
        The winner's error or RMSE on the train and dev set.
    bayes_error
        The best error or RMSE anyone could reach.
    n_dev
        Number of dev examples.
    task
        Whether the figures are errors or RMSEs.
    """
    avoidable_bias, variance = train - bayes_error, dev - train
    standard_error = sqrt(dev * (1 - dev) / n_dev) if task is Task.CLASSIFICATION else dev / sqrt(2 * n_dev)
    if max(avoidable_bias, variance) <= 2 * standard_error:
        trouble = Trouble.NEITHER
    else:
        trouble = Trouble.BIAS if avoidable_bias > variance else Trouble.VARIANCE
    return Diagnosis(avoidable_bias, variance, standard_error, trouble, _ADVICE[trouble].format(n_dev=n_dev))
