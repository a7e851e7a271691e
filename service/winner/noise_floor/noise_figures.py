"""From the noise between equal rows to the figure that it leaves to anyone."""

from math import sqrt

from workers.metrics import Metric

OF_CLASSES = (Metric.ERROR, Metric.BALANCED_ERROR)
OF_NUMBERS = (Metric.RMSE, Metric.R_SQUARED)
HAVE_FLOOR_BELOW = (*OF_CLASSES, *OF_NUMBERS)
"""Metrics of which noise between rows tells the best figure from below."""


def error_of_disagreement(disagreement: float, n_classes: int) -> float:
    """Return the least error where two rows with the same features differ in class so often.

    R* >= (K - 1) / K (1 - sqrt(1 - K / (K - 1) G)), with G the probability that they differ: what two draws
    of one distribution over K classes differ by. It is convex in G, so that a mean of G over features may
    stand for G.

    Parameters
    ----------
    disagreement
        G (fraction); what is below 0 counts as 0, and what no distribution has as its largest value.
    n_classes
        K, 2 or more.

    References
    ----------
    Cover, T. M. and Hart, P. E. (1967). Nearest neighbor pattern classification. IEEE Transactions on
    Information Theory 13, the theorem solved for R*.
    """
    most = (n_classes - 1) / n_classes
    return most * (1 - sqrt(1 - min(max(disagreement, 0.0), most) / most))


def figure_of_variance(metric: Metric, variance: float, *, of_targets: float) -> float:
    """Return the best RMSE or R² where the targets of equal rows have so much variance.

    Parameters
    ----------
    metric
        RMSE or R².
    variance
        In the target's unit squared; below 0 counts as 0.
    of_targets
        Variance of all targets, above 0.
    """
    kept = max(variance, 0.0)
    return sqrt(kept) if metric is Metric.RMSE else 1 - kept / of_targets
