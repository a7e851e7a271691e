"""What counts as one: examples of a group, and copies of a record, came together and say no more than one.

Everything here adds up what the examples of a unit do to a figure. A figure's variance is that of a sum of
independent units, whatever the examples inside a unit have in common.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import stdtrit

from service.uncertainty.interval import CONFIDENCE

FEWEST_DEGREES = 1.5
"""Degrees of freedom that are reckoned with at the least: with fewer, intervals have no end."""


def unit_numbers(units: NDArray[np.intp] | None, n_examples: int) -> tuple[NDArray[np.intp], bool]:
    """Return the units numbered from 0 on, and whether any of them has several examples.

    Where all examples are in one unit nothing connects them: each counts by itself.

    Parameters
    ----------
    units
        Numbers that examples share which came as one (n_examples,); None where each came by itself.
    n_examples
        How many there are.

    Returns
    -------
    numbers, is_shared
        Of each example (n_examples,), and whether two have the same.
    """
    if units is not None:
        distinct, numbers = np.unique(units, return_inverse=True)
        if 1 < len(distinct) < n_examples:
            return numbers.astype(np.intp), True
    return np.arange(n_examples), False


def variances(parts: csr_array, shares: csr_array) -> tuple[NDArray[np.float64], csr_array]:
    """Return the variances of sums over units, and by how much leaving out each unit moves the sums.

    Left out, a unit moves a ratio of totals by d / (1 - w), where d is its part of the linearised ratio and w
    its share of the denominator. The variance is the sum of the squares (HC3 in regression): unlike that of d
    itself it is not too small where units are few and of unequal size.

    Parameters
    ----------
    parts
        What each unit adds to the deviation of each figure; a row sums to 0 (n_figures, n_units).
    shares
        Share of each unit in each figure's denominator, stored where `parts` is (n_figures, n_units).

    Returns
    -------
    variances, left_out
        (n_figures,), and the moves d / (1 - w), 0 for a unit that is all there is (n_figures, n_units).

    References
    ----------
    J. G. MacKinnon and H. White, 1985, "Some heteroskedasticity-consistent covariance matrix estimators with
    improved finite sample properties", equation 12.
    """
    rest = shares.copy()
    rest.data = np.where(shares.data < 1, 1 / np.maximum(1 - shares.data, 1e-12), 0.0)
    left_out = csr_array(parts.multiply(rest))
    return np.asarray(left_out.power(2).sum(axis=1)), left_out


def satterthwaite_quantile(left_out: csr_array, n_units: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the quantile of Student's distribution that a variance of a sum of units calls for (n_figures,).

    Its degrees of freedom are 2 V^2 / Var(V), with V = sum d_u^2 and Var(V) = sum d_u^4 - V^2 / m: as many as
    a variance of normal units would have that is known as well, and m - 1 at most. Where few units have all
    the errors, it is they that count, not the many without any.

    Parameters
    ----------
    left_out
        The moves d of `variances` (n_figures, n_units).
    n_units
        m, of each figure (n_figures,).

    References
    ----------
    F. E. Satterthwaite, 1946, "An approximate distribution of estimates of variance components".
    """
    squares = np.asarray(left_out.power(2).sum(axis=1))
    doubt = np.asarray(left_out.power(4).sum(axis=1)) - squares**2 / np.maximum(n_units, 1)
    known = squares**2 > 0
    degrees = np.full(len(squares), np.inf)
    np.divide(2 * squares**2, doubt, out=degrees, where=known & (doubt > 1e-12 * squares**2))
    degrees = np.clip(np.minimum(degrees, n_units - 1), FEWEST_DEGREES, None)
    return np.asarray(stdtrit(degrees, (1 + CONFIDENCE) / 2))


def effective_numbers(trials: csr_array) -> NDArray[np.float64]:
    """Return Kish's number (sum n)^2 / sum n^2 of each row: units, were a unit's examples always alike.

    Parameters
    ----------
    trials
        Examples by unit, of each row (n_rows, n_units).

    References
    ----------
    L. Kish, 1965, "Survey sampling", section 11.7.
    """
    totals = np.asarray(trials.sum(axis=1))
    return np.asarray(totals**2 / np.maximum(np.asarray(trials.power(2).sum(axis=1)), 1))


class UnitRows:
    """Which rows each unit has.

    Parameters
    ----------
    units
        Numbers that rows share which came as one (n_rows,); None where each came by itself.
    n_rows
        How many there are.
    """

    def __init__(self, units: NDArray[np.intp] | None, n_rows: int) -> None:
        numbers, self._is_shared = unit_numbers(units, n_rows)
        self._by_unit = np.argsort(numbers, kind="stable")
        self._sizes = np.bincount(numbers)
        self._starts = np.cumsum(self._sizes) - self._sizes

    def __len__(self) -> int:
        """Return the number of units."""
        return len(self._sizes)

    def rows(self, drawn: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the rows of some units, as often as each is drawn.

        Parameters
        ----------
        drawn
            Numbers of units, from 0 (n_drawn,).
        """
        if not self._is_shared:
            return drawn
        sizes = self._sizes[drawn]
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return np.asarray(self._by_unit[np.repeat(self._starts[drawn], sizes) + within])
