"""Filling sets with units of any size and mixture of classes, such as groups, each unit whole."""

import numpy as np
from numpy.typing import NDArray

from search_spaces.counted import counted
from service.seal.drawing.units import UnitContents


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
