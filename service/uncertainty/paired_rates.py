"""Differences of figures that count right and wrong classes: what moves them, seen and not seen yet."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from service.uncertainty.units import effective_numbers, variances


class PairedMoves(NamedTuple):
    """What the variance of a difference is made of.

    Attributes
    ----------
    units
        By how much leaving out each unit moves the difference (n_units,).
    unseen
        By how much one further row of each class would, on which one model alone is right (n_classes,). Of
        200 rows on which two models agree, that they always will is not known. Empty for figures that do not
        count.

    References
    ----------
    D. G. Bonett and R. M. Price, 2012, "Adjusted Wald confidence interval for a difference of binomial
    proportions based on paired data", Journal of Educational and Behavioral Statistics 37, who add two such
    rows, one in favor of either model; with one row the intervals here held the truth closer to 95 %.
    """

    units: NDArray[np.float64]
    unseen: NDArray[np.float64]


def moves_of_rates(
    wrong: NDArray[np.float64], own: NDArray[np.int64], unit: NDArray[np.intp], *, is_shared: bool
) -> PairedMoves:
    """Return the moves of a mean over classes of differences of error rates.

    Parameters
    ----------
    wrong
        1 where the first model alone is wrong, -1 where the second alone is, else 0 (n_examples,).
    own
        Class of each example (n_examples,); one for all where the rate is that of all.
    unit
        Number of each example's unit, from 0 (n_examples,).
    is_shared
        Whether units have several examples.
    """
    present, own = np.unique(own, return_inverse=True)
    n_classes, n_units = len(present), int(unit.max()) + 1
    n = np.bincount(own)
    deviations = (wrong - (np.bincount(own, wrong) / n)[own]) / n[own]
    _, left_out = variances(
        _by_class(deviations, own, unit, n_units), _by_class(1 / n[own], own, unit, n_units)
    )
    clumps = np.ones(n_classes)
    if is_shared:
        clumps = _clumps(
            by_rows=np.asarray(np.bincount(own, deviations**2), dtype=np.float64),
            by_units=np.asarray(left_out.power(2).sum(axis=1)),
            trials=_by_class(np.ones(len(own)), own, unit, n_units),
        )
    return PairedMoves(np.asarray(left_out.sum(axis=0)) / n_classes, clumps / n / n_classes)


def moves_of_macro_f1(
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    y: NDArray[np.int64],
    unit: NDArray[np.intp],
    *,
    is_shared: bool,
) -> PairedMoves:
    """Return the moves of a difference of macro F1.

    A class that has n examples and is named m times has F1 = 2 TP / (n + m). An example moves the F1 of its
    class by (2 [it is named so] - F1) / (n + m), and by -F1 / (n + m) that of the class that it is named.

    Parameters
    ----------
    first, second
        Classes that the models name (n_examples,).
    y
        True classes (n_examples,).
    unit, is_shared
        As for `moves_of_rates`.
    """
    n_units, n_classes = int(unit.max()) + 1, int(max(first.max(), second.max(), y.max())) + 1
    of_first, of_second = (_f1_moves(named, y, n_classes) for named in (first, second))
    moves = of_first - of_second
    weight = np.bincount(unit, minlength=n_units) / len(y)
    by_unit = np.bincount(unit, moves, minlength=n_units) / np.maximum(1 - weight, 1e-12)
    clump = 1.0
    if is_shared:
        (clump,) = _clumps(
            by_rows=np.array([moves @ moves]),
            by_units=np.array([by_unit @ by_unit]),
            trials=csr_array(len(y) * weight[np.newaxis]),
        )
    counts = np.bincount(np.concatenate([y, y, first, second])) / 2
    counts = counts[counts > 0]
    return PairedMoves(by_unit, 2 * clump / counts / len(counts))


def _f1_moves(named: NDArray[np.int64], y: NDArray[np.int64], n_classes: int) -> NDArray[np.float64]:
    counts = np.bincount(np.concatenate([y, named]), minlength=n_classes)
    shares = 1 / np.maximum(counts, 1) / np.count_nonzero(counts)
    f1 = 2 * np.bincount(y[named == y], minlength=n_classes) / np.maximum(counts, 1)
    return np.asarray(2 * (named == y) * shares[y] - (f1 * shares)[y] - (f1 * shares)[named])


def _clumps(
    *, by_rows: NDArray[np.float64], by_units: NDArray[np.float64], trials: csr_array
) -> NDArray[np.float64]:
    """Return how many rows of a unit fall together, by the ratio of variances between units and rows.

    Where the models never differ there is none: then it is as if a unit's rows always fell together.
    """
    largest = np.asarray(trials.sum(axis=1)) / effective_numbers(trials)
    seen = np.divide(by_units, by_rows, out=largest.copy(), where=by_rows > 0)
    return np.clip(seen, 1, largest)


def _by_class(
    each: NDArray[np.float64], own: NDArray[np.intp], unit: NDArray[np.intp], n_units: int
) -> csr_array:
    """Add up what the examples count, by class and unit (n_classes, n_units)."""
    sums = csr_array((each, (own, unit)), shape=(int(own.max()) + 1, n_units))
    sums.sum_duplicates()
    return sums
