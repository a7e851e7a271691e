"""Shares of examples, such as the errors within each class, with intervals right at 0 and 1."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from service.uncertainty.interval import Interval, Z
from service.uncertainty.units import effective_numbers, satterthwaite_quantile, variances


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


class Estimates(NamedTuple):
    """Figures with intervals, and how they go together.

    Attributes
    ----------
    values, low, high
        (n_figures,) each.
    covariance
        Of the figures, as far as the examples show it (n_figures, n_figures).
    """

    values: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    covariance: NDArray[np.float64]


def proportions(hits: csr_array, trials: csr_array, *, is_shared: bool) -> Estimates:
    """Return shares of hits with Wilson's interval of as many examples as are worth what there is.

    Where each example came by itself, that is their number n. Else it is p (1 - p) / v (z / t)^2, v being the
    share's variance between units and t Student's quantile with the degrees of freedom that v is known with.
    It is n at most. It is Kish's number where no unit differs, as with no errors at all: had the units' rows
    always to fall together, so much would be seen of them; and t does not take it below that number.

    Parameters
    ----------
    hits, trials
        How often each unit had one, and how often it might have, by share (n_shares, n_units). Each share has
        a trial.
    is_shared
        Whether units have several examples.

    References
    ----------
    E. L. Korn and B. I. Graubard, 1998, "Confidence intervals for proportions with small expected number of
    positive counts estimated from survey data", Survey Methodology 24; here with Wilson's interval, and with
    Satterthwaite's degrees of freedom.
    """
    n = np.asarray(trials.sum(axis=1))
    rates = np.asarray(hits.sum(axis=1)) / n
    shares = csr_array(trials.multiply(1 / n[:, np.newaxis]))
    deviations = csr_array(hits.multiply(1 / n[:, np.newaxis]) - shares.multiply(rates[:, np.newaxis]))
    spread, left_out = variances(deviations, shares)
    worth = n
    if is_shared:
        n_units = np.asarray((trials > 0).sum(axis=1), dtype=np.float64)
        worth = _worth(
            rates, spread, satterthwaite_quantile(left_out, n_units), n=n, kish=effective_numbers(trials)
        )
    low, high = wilson_ends(rates, worth)
    return Estimates(rates, low, high, (left_out @ left_out.T).toarray())


def _worth(
    rates: NDArray[np.float64],
    spread: NDArray[np.float64],
    quantile: NDArray[np.float64],
    *,
    n: NDArray[np.float64],
    kish: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the number of independent examples that would tell as much (n_shares,)."""
    doubt = 1 + (1 - kish / n) * ((quantile / Z) ** 2 - 1)
    by_spread = np.divide(rates * (1 - rates), spread * doubt, out=np.full(len(n), np.inf), where=spread > 0)
    return np.minimum(np.where((rates <= 0) | (rates >= 1) | (kish <= 1), kish, by_spread), n)
