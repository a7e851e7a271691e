"""By how much a winner's dev figure flatters: it was chosen for that figure, luck included."""

from statistics import NormalDist

import numpy as np
from pydantic import BaseModel, ConfigDict

from workers.metrics.metric import Metric

FEWEST_CANDIDATES = 2
"""A lone trial was chosen too: its best epoch, among its others, on the same dev set."""

_FARTHEST = 9.0
"""Beyond so many deviations a normal distribution has nothing that a double could hold beside 1."""


class Optimism(BaseModel):
    """An estimate of how much better the winner's dev figure is than its figure on new examples would be."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    n_trials: int
    """Trials that the winner was chosen among: those that ended with a figure."""

    n_standard_errors: float
    """The estimate in standard errors of the dev figure."""

    size: float | None
    """The estimate in the metric's unit, 0 or more; None until the winner's standard error is known."""

    without: float | None
    """The dev figure less what flatters in it, in the metric's own sense; no worse than the worst value."""


def estimate_optimism(
    metric: Metric, *, dev_figure: float, standard_error: float | None, n_trials: int
) -> Optimism:
    """Estimate the optimism of the best of several figures: s E[max of n standard normals].

    s is the dev figure's standard error, n the number of trials. Were all trials equally good, and their
    figures off by independent normal errors of deviation s, the best would be off by just so much on average.
    Trials that err on the same examples make it less, and so do trials that are worse than others; that each
    shows its best epoch makes it more. Winners on small tables were measured to be off by about 2.5 standard
    errors; the formula says 2.25 for 50 trials, and 2.51 for 100.

    Parameters
    ----------
    metric
        The study's metric.
    dev_figure
        Its value for the winner, by which it was chosen.
    standard_error
        Of that value, in the metric's unit; None where it is not known yet.
    n_trials
        Trials that ended with a figure.

    References
    ----------
    Cawley, G. C. and Talbot, N. L. C. (2010). On over-fitting in model selection and subsequent selection
    bias in performance evaluation. Journal of Machine Learning Research 11.
    """
    n_standard_errors = expected_maximum(max(n_trials, FEWEST_CANDIDATES))
    if standard_error is None:
        return Optimism(n_trials=n_trials, n_standard_errors=n_standard_errors, size=None, without=None)
    size = n_standard_errors * standard_error
    badness = metric.badness(dev_figure) + size
    return Optimism(
        n_trials=n_trials,
        n_standard_errors=n_standard_errors,
        size=size,
        without=metric.badness(min(badness, metric.badness(metric.worst))),
    )


def expected_maximum(n: int) -> float:
    """Return the expected value of the largest of n independent standard normals.

    It is L less the integral of Phi(x)^n from -L to L, for L so large that Phi(-L) is 0 and Phi(L) is 1; by
    the trapezoidal rule, which errs by less than 1e-9 with this step.

    Parameters
    ----------
    n
        At least 1.

    Raises
    ------
    ValueError
        When there are none.
    """
    if n < 1:
        raise ValueError(f"a largest one needs n >= 1, got n = {n}")
    x = np.linspace(-_FARTHEST, _FARTHEST, 1801)
    below = np.array([NormalDist().cdf(value) for value in x.tolist()]) ** n
    return _FARTHEST - float(np.trapezoid(below, x))
