"""Dividing rows among sets: records by class, groups by filling set after set.

Units such as groups are of any size and mixture of classes, and each stays whole.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from search_spaces.counted import counted
from service.seal.units import UnitContents


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
    order = np.argsort(classes * (units.max(initial=0) + 1) + units)  # by class, then by unit
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


def class_indices(labels: NDArray[np.integer] | None, n_rows: int) -> NDArray[np.intp]:
    """Return each row's class, 0, 1, … without a gap, shape (n_rows,); without labels all are of one."""
    if labels is None:
        return np.zeros(n_rows, dtype=np.intp)
    classes: NDArray[np.intp] = np.cumsum(np.bincount(labels) > 0)[labels] - 1
    return classes


def classes_of_records(units: NDArray[np.intp], classes: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the class that each row's record counts for, 0, 1, … without a gap, shape (n_rows,).

    Copies need not agree in their class: a record counts for the rarest of its classes, so that each of these
    is spread over the sets as evenly as it can be.

    Parameters
    ----------
    units, classes
        Each row's record and class, shape (n_rows,).
    """
    if units.max(initial=-1) + 1 == len(units):
        return class_indices(classes, len(units))  # each row is a record
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


def fill(
    units: NDArray[np.intp],
    classes: NDArray[np.intp],
    wanted: NDArray[np.int64],
    at_least: NDArray[np.int64],
) -> NDArray[np.intp]:
    """Return the set of each row, shape (n_rows,), the sets having nearly the rows wanted of each class.

    A greedy search. First each set gets a unit with each class that it needs, the class in fewest units
    first. Then one set after the other, but the last, takes the units that bring it nearer to what is wanted
    of it, those first that do not exceed its size. Units come in the order of their numbers; the last set has
    what is left. A set that lacks m_c rows of class c, and M in all, of the w_c and W that are wanted of it
    (negative where it has too many), is at a distance of

        M² / W + Σ_c m_c² / w_c

    Parameters
    ----------
    units, classes
        Each row's unit and class, shape (n_rows,).
    wanted, at_least
        Rows that each set is to have of each class, and units with that class that it needs (0 or 1), shape
        (n_classes, n_sets).

    Raises
    ------
    ValueError
        There are fewer units than sets, or a class is in too few units to be in each set that needs it.
    """
    contents = UnitContents.of(units, classes)
    n_sets = wanted.shape[1]
    if contents.n_units < n_sets:
        raise ValueError(
            f"expected at least {n_sets} groups for a split by group, one for each set, got"
            f" {contents.n_units} (groups that share a record count as one)"
        )
    search = _GreedySearch(contents, wanted)
    search.place_classes(at_least)
    for index in range(n_sets - 1):
        search.fill_up(index)
    return search.set_of_unit(last=n_sets - 1)[units]


class _OpenSet:
    """A set that is being filled: its wanted size, and what it has."""

    def __init__(self, wanted: list[int]) -> None:
        self.room = sum(wanted)
        self._wanted = [max(rows, 0.5) for rows in wanted]  # a class of which none is wanted is not free
        self._size = max(self.room, 0.5)
        self._missing = list(wanted)
        self.n_of_class = [0] * len(wanted)

    def add(self, unit: list[tuple[int, int]]) -> None:
        for label, n_rows in unit:
            self.room -= n_rows
            self._missing[label] -= n_rows
            self.n_of_class[label] += n_rows

    def is_nearer_with(self, unit: list[tuple[int, int]]) -> bool:
        """Tell whether the distance falls: n rows more of m that lack change m² by n(n - 2m)."""
        n_all = sum(n_rows for _, n_rows in unit)
        change = n_all * (n_all - 2 * self.room) / self._size
        for label, n_rows in unit:
            change += n_rows * (n_rows - 2 * self._missing[label]) / self._wanted[label]
        return change < 0


class _GreedySearch:
    """Which unit goes into which set, as far as it is decided."""

    def __init__(self, contents: UnitContents, wanted: NDArray[np.int64]) -> None:
        self._units = contents.by_unit()
        self._sizes = contents.sizes.tolist()
        self._free = dict.fromkeys(range(contents.n_units))  # keeps its order while units are taken out
        self._sets = [_OpenSet(column.tolist()) for column in wanted.T]
        self._set_of_unit: dict[int, int] = {}

    def place_classes(self, at_least: NDArray[np.int64]) -> None:
        """Give each set a unit with each class that it needs: the first that fits, or the smallest.

        Raises
        ------
        ValueError
            A class is in too few units.
        """
        holders: list[list[int]] = [[] for _ in at_least]
        for unit, content in enumerate(self._units):
            for label, _ in content:
                holders[label].append(unit)
        for label in sorted(range(len(holders)), key=lambda label: len(holders[label])):
            for index in np.flatnonzero(at_least[label]).tolist():
                if self._sets[index].n_of_class[label]:
                    continue
                free = [unit for unit in holders[label] if unit in self._free]
                if not free:
                    raise ValueError(
                        f"expected every class in each of {at_least[label].sum()} sets and no group in two,"
                        f" got class {label} in only {counted(len(holders[label]), 'group')}"
                    )
                room = self._sets[index].room
                smallest = min(free, key=self._sizes.__getitem__)
                self._take(next((unit for unit in free if self._sizes[unit] <= room), smallest), index)

    def fill_up(self, index: int) -> None:
        """Let a set take the units that bring it closer to its wanted size."""
        target = self._sets[index]
        for may_exceed in (False, True):
            for unit in list(self._free):
                if target.room <= 0:
                    return
                fits = may_exceed or self._sizes[unit] <= target.room
                if fits and target.is_nearer_with(self._units[unit]):
                    self._take(unit, index)

    def set_of_unit(self, *, last: int) -> NDArray[np.intp]:
        """Return the set of each unit, `last` for those that none has taken."""
        sets = np.full(len(self._units), last, dtype=np.intp)
        sets[list(self._set_of_unit)] = list(self._set_of_unit.values())
        return sets

    def _take(self, unit: int, index: int) -> None:
        del self._free[unit]
        self._set_of_unit[unit] = index
        self._sets[index].add(self._units[unit])
