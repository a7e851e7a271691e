"""The power law that falls along some figures: the best one, of many sets of figures at once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LIKELY_EXPONENT = 0.5
"""Between what large networks show on large data, 0.07 to 0.35, and what learning theory allows, up to 1."""

LIKELY_FACTOR = 2.0
"""By about how much an exponent differs from the likely one."""

_EXPONENTS = np.geomspace(0.01, 2.0, 400)
"""All that are tried: neighbours differ by 1.3 %, far less than figures tell."""


class PowerLaws(NamedTuple):
    """Laws badness(n) = floor + scale * (n / n_whole) ** -exponent, each of the arrays (n_laws,)."""

    floor: NDArray[np.float64]
    scale: NDArray[np.float64]
    exponent: NDArray[np.float64]
    n_whole: float

    def at(self, n_examples: float) -> NDArray[np.float64]:
        """Return the badness with so many train examples, by each law (n_laws,)."""
        badness: NDArray[np.float64] = self.floor + self.scale * (n_examples / self.n_whole) ** -self.exponent
        return badness


def fit_power_laws(
    n_examples: NDArray[np.float64],
    badness: NDArray[np.float64],
    *,
    variances: NDArray[np.float64],
    lowest: float,
) -> PowerLaws:
    """Fit a law to each set of figures: the least sum of squares, weighted, with exponents near a likely one.

    What is minimized over floor >= `lowest`, scale >= 0 and 0.01 <= exponent <= 2 is

        sum_i (badness_i - law(n_i)) ** 2 / variance_i
            + (log(exponent / LIKELY_EXPONENT) / log(LIKELY_FACTOR)) ** 2.

    The last term is that of a log-normal belief in the exponent. Three or four figures with noise cannot
    tell a slow fall without a floor from a fast one to a high floor; where they can, it counts for little.
    Of four tables whose whole was measured, it took a third off the error of predictions from the half of two
    (digits, diabetes), and made no difference to the others.

    For a given exponent floor and scale are a weighted linear regression, in closed form with its bounds
    (variable projection): the exponents of a fine grid are tried, so that no fit can fail or end in a local
    minimum, and all sets of figures are fitted at once.

    Parameters
    ----------
    n_examples
        Train examples of each figure (n_figures,), at least two different numbers.
    badness
        Sets of figures (n_sets, n_figures), lower is better.
    variances
        Of the figures (n_figures,), above 0.
    lowest
        The badness of perfect predictions.

    References
    ----------
    Hestness, J. et al. (2017). Deep learning scaling is predictable, empirically (the law, and exponents).
    Figueroa, R. L. et al. (2012). Predicting sample size required for classification performance (weighted
    fits to the first points). Golub, G. H. and Pereyra, V. (1973). The differentiation of pseudo-inverses and
    nonlinear least squares problems whose variables separate.
    """
    n_whole = float(n_examples.max())
    weights = 1 / variances
    shares = weights / weights.sum()
    fall = (n_examples / n_whole) ** -_EXPONENTS[:, np.newaxis]  # (n_exponents, n_figures)
    mean_fall, mean_badness = fall @ shares, badness @ shares
    centered = fall - mean_fall[:, np.newaxis]
    scale = ((badness - mean_badness[:, np.newaxis]) * shares) @ centered.T / (centered**2 @ shares)
    scale = np.maximum(scale, 0.0)  # (n_sets, n_exponents)
    floor = mean_badness[:, np.newaxis] - scale * mean_fall
    at_bound = np.maximum(((badness - lowest) * shares) @ fall.T / (fall**2 @ shares), 0.0)
    scale = np.where(floor < lowest, at_bound, scale)
    floor = np.maximum(floor, lowest)
    residuals = (
        badness[:, np.newaxis] - floor[..., np.newaxis] - scale[..., np.newaxis] * fall
    )  # (n_sets, n_exponents, n_figures)
    unlikely = (np.log(_EXPONENTS / LIKELY_EXPONENT) / np.log(LIKELY_FACTOR)) ** 2
    best = (residuals**2 @ weights + unlikely).argmin(axis=1)
    sets = np.arange(len(badness))
    return PowerLaws(floor[sets, best], scale[sets, best], _EXPONENTS[best], n_whole)
