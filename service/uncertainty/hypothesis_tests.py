"""Whether two samples of a column differ by more than chance, and which of many hypotheses to reject.

Numbers are counted and compared as whole numbers, so that neither the order of rows nor the machine's linear
algebra can move a p-value.
"""

from math import e, exp, fsum

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

FEWEST_EXPECTED = 5
"""Rows of the smaller sample that a category is to bring by chance; rarer ones are counted as one."""


def p_of_numbers(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return the p-value of the largest distance D between two samples' cumulative distributions.

    That is the two-sample test of Kolmogorov and Smirnov, with a bound in the place of its distribution:
    P(D >= d) <= e * exp(-2 * d**2 * n * m / (n + m)), whatever the number of rows. Equal values make it an
    overestimate.

    Parameters
    ----------
    first, second
        The samples, (n,) and (m,), without NaN; a missing value may be a number of its own.

    Returns
    -------
    float
        At most 1; 1 where a sample is empty.

    References
    ----------
    F. Wei and R. M. Dudley, 2012, "Two-sample Dvoretzky-Kiefer-Wolfowitz inequalities", theorem 1: the factor
    e serves for all n = m; for n > m they found that 2 does.
    """
    n, m = len(first), len(second)
    if n == 0 or m == 0:
        return 1.0
    values = np.unique(np.concatenate([first, second]))
    below_first = np.searchsorted(np.sort(first), values, side="right").astype(np.int64)
    below_second = np.searchsorted(np.sort(second), values, side="right").astype(np.int64)
    distance = int(np.abs(below_first * m - below_second * n).max())  # D * n * m
    return min(1.0, e * exp(-2 * distance**2 / (n * m * (n + m))))


def p_of_categories(first: NDArray[np.int64], second: NDArray[np.int64]) -> float:
    """Return the p-value of Pearson's chi-square between two samples' counts of categories.

    Categories of which chance would bring fewer than five rows to the smaller sample are counted as one:
    with fewer, chi-square says too often that samples differ.

    Parameters
    ----------
    first, second
        Rows of each category in the samples, (n_categories,) each.

    Returns
    -------
    float
        1 where a sample is empty, or only one category is left.
    """
    n, m = int(first.sum()), int(second.sum())
    if n == 0 or m == 0:
        return 1.0
    is_rare = (first + second) * min(n, m) < FEWEST_EXPECTED * (n + m)
    counts = [(int(a), int(b)) for a, b in zip(first[~is_rare], second[~is_rare], strict=True)]
    rare = int(first[is_rare].sum()), int(second[is_rare].sum())
    if sum(rare) * min(n, m) >= FEWEST_EXPECTED * (n + m):
        counts.append(rare)
    if len(counts) < 2:
        return 1.0
    n, m = (sum(column) for column in zip(*counts, strict=True))
    if n == 0 or m == 0:
        return 1.0
    # Σ (a·m - b·n)² / (n·m·(a + b)) is chi-square of two rows; `fsum` is the same in any order of categories.
    statistic = fsum((a * m - b * n) ** 2 / (n * m * (a + b)) for a, b in counts)
    return float(chdtrc(len(counts) - 1, statistic))


def rejected(p: NDArray[np.float64], level: float) -> NDArray[np.bool_]:
    """Return which of some hypotheses Holm's procedure rejects.

    Parameters
    ----------
    p
        Their p-values (n,), dependent or not.
    level
        Share of studies in which one that is true may be rejected (fraction).

    Returns
    -------
    ndarray
        Bool (n,).

    References
    ----------
    S. Holm, 1979, "A simple sequentially rejective multiple test procedure".
    """
    order = np.argsort(p, kind="stable")
    is_low = p[order] <= level / np.arange(len(p), 0, -1)
    result = np.zeros(len(p), dtype=bool)
    result[order] = np.logical_and.accumulate(is_low)
    return result
