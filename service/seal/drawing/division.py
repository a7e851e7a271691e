"""Dividing rows among sets: records by class, groups by filling set after set."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from service.seal.drawing.filling import fill
from service.seal.drawing.units import UnitContents


def cut(
    lengths: NDArray[np.int64], wanted: NDArray[np.int64], at_least: NDArray[np.int64]
) -> NDArray[np.intp]:
    """Return the set of each unit, shape (n_units,): ascending, each cut at the unit's end nearest to it.

    Parameters
    ----------
    lengths
        Rows of each unit, in their order, shape (n_units,).
    wanted
        Rows that each set is to have, in the order of the sets, shape (n_sets,).
    at_least
        Units that each set has in any case, shape (n_sets,); no more in sum than there are.
    """
    ends = np.concatenate([[0], np.cumsum(lengths)])
    targets = np.cumsum(wanted)
    later = np.cumsum(at_least[::-1])[::-1]  # units that a set and those after it need
    cuts = np.empty(len(wanted) - 1, dtype=np.intp)
    previous = 0
    for index, target in enumerate(targets[:-1]):
        after = min(int(np.searchsorted(ends, target)), len(lengths))
        before = max(after - 1, 0)
        nearest = before if target - ends[before] < ends[after] - target else after
        previous = int(np.clip(nearest, previous + at_least[index], len(lengths) - later[index + 1]))
        cuts[index] = previous
    return np.searchsorted(cuts, np.arange(len(lengths)), side="right")


def cut_by_class(
    units: NDArray[np.intp],
    classes: NDArray[np.intp],
    wanted: NDArray[np.int64],
    at_least: NDArray[np.int64],
) -> NDArray[np.intp]:
    """Return the set of each row, shape (n_rows,), each class being cut by itself.

    A unit with more rows of the class than any set but the last wants of it is drawn after all others, and so
    stays in the last set, unless that needs no more units.

    Parameters
    ----------
    units, classes
        Each row's unit and class, shape (n_rows,); a unit's rows are of one class.
    wanted, at_least
        Rows that each set is to have of each class, and units in any case, shape (n_classes, n_sets).

    Raises
    ------
    ValueError
        A class has fewer units than its sets need.
    """
    set_of_row = np.empty(len(units), dtype=np.intp)
    order = np.argsort(classes * (units.max(initial=0) + 1) + units, kind="stable")  # by class, then by unit
    starts = np.searchsorted(classes[order], np.arange(len(wanted) + 1))
    for label, (start, stop) in enumerate(pairwise(starts.tolist())):
        rows = order[start:stop]
        unit_of_row = np.zeros(len(rows), dtype=np.intp)
        np.cumsum(units[rows[1:]] != units[rows[:-1]], out=unit_of_row[1:])
        lengths = np.bincount(unit_of_row)
        if len(lengths) < at_least[label].sum():
            whose = f" of class {label}" if len(wanted) > 1 else ""
            raise ValueError(
                f"expected a row of every class for each of {at_least[label].sum()} sets, counting copies as"
                f" one, got {len(lengths)}{whose}"
            )
        is_large = lengths > wanted[label, :-1].max(initial=0)
        drawing = np.argsort(lengths * is_large, kind="stable")
        set_of_unit = np.empty(len(lengths), dtype=np.intp)
        set_of_unit[drawing] = cut(lengths[drawing], wanted[label], at_least[label])
        set_of_row[rows] = set_of_unit[unit_of_row]
    return set_of_row


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
            f"expected at least {at_least.sum()} different times for a split by time, one for each set, got"
            f" {len(lengths)}"
        )
    return cut(lengths, wanted, at_least)[times]
