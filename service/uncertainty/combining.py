"""The mean of several figures, from an interval of each: no normal distribution, and right at 0 and 1."""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from service.uncertainty.interval import Interval
from service.uncertainty.proportions import Estimates, wilson_ends


def interval_of_mean(figures: Estimates, *, unseen_correlation: float) -> Interval:
    """Return the interval of a mean of figures that lie between 0 and 1, from their intervals (MOVER).

    With a_k the distance of figure k from its lower end, and r_kl the correlation of two, the mean of K has
    the lower end mean - sqrt(sum_kl r_kl a_k a_l) / K; so has the upper one with the upper distances. Each
    distance stands for the variance that its figure would have if the truth were there.

    Of many classes with few errors each, most are at 0 and have no way to go down, though their mean has.
    Therefore an end is moved towards that of Wilson's interval of the mean, with as many examples as its
    variance is worth, where that is farther out: not at all for two figures, all the way for very many, and
    by 1 - 2 / K of the way for K. MOVER alone was measured to hold the truth 88 times in 100 with 10 classes
    of 30 examples and 3 % of errors, and so moved 96 times.

    Parameters
    ----------
    figures
        Their values, intervals and covariances; K of them.
    unseen_correlation
        Of two figures of which one shows no variance, such as a class without any error.

    References
    ----------
    G. Y. Zou and A. Donner, 2008, "Construction of confidence limits about effect measures: a general
    approach", Statistics in Medicine 27, equation 4 ("method of variance estimates recovery").
    """
    mean, n_figures = float(figures.values.mean()), len(figures.values)
    correlation = _correlations(figures.covariance, unseen_correlation)
    low = mean - _length(figures.values - figures.low, correlation)
    high = mean + _length(figures.high - figures.values, correlation)
    variance = float(figures.covariance.mean())
    if n_figures > 2 and 0 < mean < 1 and variance > 0:
        (low_as_one,), (high_as_one,) = wilson_ends(
            np.array([mean]), np.array([mean * (1 - mean) / variance])
        )
        way = 1 - 2 / n_figures
        low -= way * max(low - float(low_as_one), 0.0)
        high += way * max(float(high_as_one) - high, 0.0)
    return Interval(max(low, 0.0), min(high, 1.0))


def _correlations(covariance: NDArray[np.float64], unseen: float) -> NDArray[np.float64]:
    deviations: NDArray[np.float64] = np.sqrt(np.diag(covariance))
    scale = np.asarray(np.outer(deviations, deviations))
    correlation = np.full_like(covariance, unseen)
    is_seen = scale > 0
    correlation[is_seen] = covariance[is_seen] / scale[is_seen]
    np.fill_diagonal(correlation, 1.0)
    return correlation


def _length(distances: NDArray[np.float64], correlation: NDArray[np.float64]) -> float:
    squared = float(distances @ correlation @ distances)
    return sqrt(max(squared, 0.0)) / len(distances)
