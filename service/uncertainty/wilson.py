"""The score interval of a share: right at 0 and 1 too, and where examples are few."""

import numpy as np
from numpy.typing import NDArray

from service.uncertainty.interval import Interval, Z


def wilson_interval(errors: int, n: int) -> Interval:
    """Return the score interval of an error rate.

    Its ends are the rates p for which |errors / n - p| = z * sqrt(p * (1 - p) / n), z the normal quantile.

    Parameters
    ----------
    errors
        Examples that were got wrong.
    n
        All examples, 1 or more.

    References
    ----------
    E. B. Wilson, 1927, "Probable inference, the law of succession, and statistical inference".
    """
    low, high = wilson_ends(np.array([errors / n]), np.array([float(n)]))
    return Interval(float(low[0]), float(high[0]))


def wilson_ends(
    rates: NDArray[np.float64], n: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lower and upper ends of score intervals (n_rates,) each.

    Parameters
    ----------
    rates
        Shares that were observed (n_rates,).
    n
        How many independent examples they are of, which need not be whole numbers (n_rates,).
    """
    middle = (rates + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * np.sqrt(rates * (1 - rates) / n + Z**2 / (4 * n**2))
    # Exact ends, which rounding would miss by 1e-17.
    return np.where(rates <= 0, 0.0, middle - half), np.where(rates >= 1, 1.0, middle + half)
