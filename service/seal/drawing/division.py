"""Dividing rows among sets: records by class, groups by filling set after set."""

import numpy as np
from numpy.typing import NDArray

from service.seal.drawing.cuts import cut, cut_by_class
from service.seal.drawing.filling import fill
from service.seal.drawing.unit_contents import UnitContents


def class_indices(labels: NDArray[np.generic] | None, n_rows: int) -> NDArray[np.intp]:
    """Return each row's class, 0, 1, … without a gap, shape (n_rows,); without labels all are of one."""
    if labels is None:
        return np.zeros(n_rows, dtype=np.intp)
    _, classes = np.unique(labels, return_inverse=True)
    return np.asarray(classes, dtype=np.intp)


def classes_of_records(units: NDArray[np.intp], classes: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the class that each row's record counts for, 0, 1, … without a gap, shape (n_rows,).

    Copies need not agree in their class: a record counts for the rarest of its classes, so that each of these
    is spread over the sets as evenly as it can be.

    Parameters
    ----------
    units, classes
        Each row's record and class, shape (n_rows,).
    """
    return class_indices(UnitContents.of(units, classes).rarest_class()[units], len(units))


def within_reach(
    at_least: NDArray[np.int64], units: NDArray[np.intp], classes: NDArray[np.intp]
) -> NDArray[np.int64]:
    """Return how many records of each class each set is to have, no more in sum than there are.

    Where copies differ in their class, records that count for another class bring a class into a set, too.
    The last set, train, is the last to go without.

    Parameters
    ----------
    at_least
        Records asked for, 0 or 1, shape (n_classes, n_sets).
    units, classes
        Each row's record and the class that it counts for, shape (n_rows,).
    """
    n_records = np.bincount(UnitContents.of(units, classes).classes)
    asked_from_the_last = np.cumsum(at_least[:, ::-1], axis=1)[:, ::-1]
    return np.where(asked_from_the_last <= n_records[:, np.newaxis], at_least, 0)


def divide(
    units: NDArray[np.intp],
    classes: NDArray[np.intp],
    wanted: NDArray[np.int64],
    at_least: NDArray[np.int64],
    *,
    by_group: bool,
) -> NDArray[np.intp]:
    """Return the set of each row, shape (n_rows,): no unit straddles, and each class has nearly its rows.

    Parameters
    ----------
    units, classes
        Each row's unit and class, shape (n_rows,); the rows of a record are of one class.
    wanted, at_least
        Rows that each set is to have of each class, and the fewest units, shape (n_classes, n_sets). The
        last set takes what fits nowhere else.
    by_group
        Whether units are groups, of any size and mixture of classes.

    Raises
    ------
    ValueError
        A class has too few units.
    """
    if by_group:
        return fill(units, classes, wanted, at_least)
    return cut_by_class(units, classes, wanted, at_least)


def divide_by_time(times: NDArray[np.intp], wanted: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the set of each row, shape (n_rows,), sets in the order of time; no time straddles.

    Parameters
    ----------
    times
        Each row's time by its number, 0, 1, …, shape (n_rows,).
    wanted
        Rows that each set is to have, the earliest first, shape (n_sets,); none where 0.

    Raises
    ------
    ValueError
        There are fewer times than sets.
    """
    lengths = np.bincount(times)
    at_least = (wanted > 0).astype(np.int64)
    if len(lengths) < at_least.sum():
        raise ValueError(
            f"a split by time needs {at_least.sum()} times that differ, one for each set; "
            f"found {len(lengths)}"
        )
    return cut(lengths, wanted, at_least)[times]
