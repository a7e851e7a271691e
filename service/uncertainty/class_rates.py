"""Intervals of the figures that count right and wrong classes: error, balanced error, macro F1."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from service.uncertainty.combining import interval_of_mean
from service.uncertainty.interval import Interval
from service.uncertainty.proportions import Estimates, proportions


def share_interval(is_hit: NDArray[np.bool_], unit: NDArray[np.intp], *, is_shared: bool) -> Interval:
    """Return Wilson's interval of the share of examples that are hits.

    Parameters
    ----------
    is_hit
        Which are (n_examples,).
    unit
        Number of each example's unit, from 0 (n_examples,).
    is_shared
        Whether units have several examples.
    """
    alone = np.zeros(len(is_hit), dtype=np.int64)
    found = proportions(
        _counted(alone, unit, is_hit.astype(np.float64), 1),
        _counted(alone, unit, 1.0, 1),
        is_shared=is_shared,
    )
    return Interval(float(found.low[0]), float(found.high[0]))


def error_interval(
    named: NDArray[np.int64], y: NDArray[np.int64], unit: NDArray[np.intp], *, is_shared: bool
) -> Interval:
    """Return Wilson's interval of the share of examples whose class is not the one named.

    Parameters
    ----------
    named, y
        Label and true class (n_examples,).
    unit, is_shared
        As for `share_interval`.
    """
    return share_interval(named != y, unit, is_shared=is_shared)


def balanced_error_interval(
    named: NDArray[np.int64], y: NDArray[np.int64], unit: NDArray[np.intp], *, is_shared: bool
) -> Interval:
    """Return the interval of the mean over the classes in y of the error within each.

    It is put together from Wilson's interval of each class: where none of 12 examples of a class was missed,
    that class may still be missed as often as 24 times in 100.

    Parameters
    ----------
    named, y, unit, is_shared
        As for `error_interval`.
    """
    present, own = np.unique(y, return_inverse=True)
    n_classes = len(present)
    errors = proportions(
        _counted(own, unit, 1.0 * (named != y), n_classes),
        _counted(own, unit, 1.0, n_classes),
        is_shared=is_shared,
    )
    return interval_of_mean(errors, unseen_correlation=0.0)


def macro_f1_interval(
    named: NDArray[np.int64], y: NDArray[np.int64], unit: NDArray[np.intp], *, is_shared: bool
) -> Interval:
    """Return the interval of the mean of F1 over the classes that are there or are named.

    Of the examples that are of a class or are called so, J = TP / (TP + FP + FN) are both: a share, which has
    Wilson's interval. F1 = 2 J / (1 + J) rises with it. An error is in two classes' shares, so that these go
    together: by 1 / (K - 1) among K classes, if no error shows how.

    Parameters
    ----------
    named, y, unit, is_shared
        As for `error_interval`.
    """
    classes, of_both = np.unique(np.concatenate([y, named]), return_inverse=True)
    own, called = np.split(of_both, 2)
    n_classes, is_wrong = len(classes), own != called
    rows = np.concatenate([own, called[is_wrong]])
    units = np.concatenate([unit, unit[is_wrong]])
    hits = np.concatenate([1.0 * ~is_wrong, np.zeros(np.count_nonzero(is_wrong))])
    shares = proportions(
        _counted(rows, units, hits, n_classes), _counted(rows, units, 1.0, n_classes), is_shared=is_shared
    )
    slope = 2 / (1 + shares.values) ** 2
    f1 = Estimates(
        values=_f1(shares.values),
        low=_f1(shares.low),
        high=_f1(shares.high),
        covariance=shares.covariance * np.outer(slope, slope),
    )
    return interval_of_mean(f1, unseen_correlation=1 / max(n_classes - 1, 1))


def _f1(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    return 2 * shares / (1 + shares)


def _counted(
    rows: NDArray[np.int64], units: NDArray[np.intp], each: NDArray[np.float64] | float, n_rows: int
) -> csr_array:
    """Add up what each example counts, by row and unit (n_rows, n_units)."""
    n_units = int(units.max()) + 1
    counts = csr_array((np.broadcast_to(each, rows.shape), (rows, units)), shape=(n_rows, n_units))
    counts.sum_duplicates()
    return counts
