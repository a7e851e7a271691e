"""Rows that stay together: those of a record, a group or a time; and the order of drawing them.

A unit's number is its place in that order. Only values and a key decide it, so that the rows of a file may
come in any order.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.seal.hashes import hash_order, row_hashes, scrambled


def units_of(
    records: NDArray[np.uint64],
    *,
    groups: NDArray[np.generic] | None,
    times: NDArray[np.generic] | None,
    key: np.uint64,
) -> NDArray[np.intp]:
    """Return the number of each row's unit, 0, 1, … without a gap, shape (n_rows,).

    Parameters
    ----------
    records
        Words that the rows of one record share, shape (n_rows, 2), from `service.seal.records`.
    groups, times
        Each row's group or time, shape (n_rows,), or None; at most one of them.
    key
        Another key gives another order, but for times.

    Raises
    ------
    ValueError
        Both groups and times are given, or a time is missing.
    """
    if groups is not None and times is not None:
        raise ValueError("expected a split by group or by time, got both")
    if groups is not None:
        return joined_groups(records, groups, key=key)
    if times is not None:
        return equal_times(times)
    return numbers_of(records, key=key)


def numbers_of(words: NDArray[np.uint64], *, key: np.uint64) -> NDArray[np.intp]:
    """Return each row's number, shape (n_rows,), in the order of scrambled words; equal ones share one."""
    firsts, seconds = scrambled(words[:, 0], key=key), words[:, 1]
    order = hash_order(firsts, seconds)
    first, second = firsts[order], seconds[order]
    is_new = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    numbers = np.zeros(len(order), dtype=np.intp)
    numbers[order[1:]] = np.cumsum(is_new)
    return numbers


def joined_groups(
    records: NDArray[np.uint64], groups: NDArray[np.generic], *, key: np.uint64
) -> NDArray[np.intp]:
    """Return a number for each row, shape (n_rows,), its group's, in the order of scrambled values.

    Groups that have a record in common are one: else either the group or the record would come apart.
    """
    from scipy.sparse import coo_array  # noqa: PLC0415 (slow, and few tables need it)
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 (as above)

    group = numbers_of(row_hashes(pl.DataFrame({"group": groups})), key=key)
    row = numbers_of(records, key=key)
    n_groups, n_nodes = group.max(initial=-1) + 1, group.max(initial=-1) + row.max(initial=-1) + 2
    edges = (np.ones(len(row), dtype=np.int8), (group, n_groups + row))
    _, joined = connected_components(coo_array(edges, shape=(n_nodes, n_nodes)), directed=False)
    _, first_group, number = np.unique(joined[:n_groups], return_index=True, return_inverse=True)
    place: NDArray[np.intp] = np.argsort(np.argsort(first_group))
    return place[number][group]


def equal_times(times: NDArray[np.generic]) -> NDArray[np.intp]:
    """Return a number for each row, shape (n_rows,), its time's, the earliest first.

    Raises
    ------
    ValueError
        A time is missing.
    """
    is_missing = np.flatnonzero(times != times)  # noqa: PLR0124 - NaN and NaT alone differ from themselves
    if is_missing.size:
        raise ValueError(f"expected a time in every row for a split by time, got none in row {is_missing[0]}")
    _, numbers = np.unique(times, return_inverse=True)
    return np.asarray(numbers, dtype=np.intp)


def straddling(records_a: NDArray[np.uint64], records_b: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Return the rows of the second set whose records are also in the first, ascending."""
    numbers = numbers_of(np.concatenate([records_a, records_b]), key=np.uint64(0))
    return np.flatnonzero(np.isin(numbers[len(records_a) :], numbers[: len(records_a)]))


@dataclass(frozen=True, slots=True, eq=False)
class UnitContents:
    """Rows of each class in each unit, where there are any; no more memory than the rows need.

    Attributes
    ----------
    units, classes, n_rows
        A unit, a class in it, and the rows of that, shape (n_pairs,); ascending by unit, then by class.
    sizes
        Rows of each unit, shape (n_units,).
    """

    units: NDArray[np.intp]
    classes: NDArray[np.intp]
    n_rows: NDArray[np.intp]
    sizes: NDArray[np.intp]

    @classmethod
    def of(cls, units: NDArray[np.intp], classes: NDArray[np.intp]) -> Self:
        """Count the rows, each of them given by its unit and class, shape (n_rows,)."""
        n_classes = int(classes.max(initial=0)) + 1
        pairs, n_rows = np.unique(units * n_classes + classes, return_counts=True)
        return cls(pairs // n_classes, pairs % n_classes, n_rows, np.bincount(units))

    @property
    def n_units(self) -> int:
        """How many units there are."""
        return len(self.sizes)

    def rarest_class(self) -> NDArray[np.intp]:
        """Return of each unit's classes the one that fewest rows of all have, shape (n_units,)."""
        n_of_class = np.bincount(self.classes, weights=self.n_rows)
        order = np.lexsort((self.classes, -n_of_class[self.classes], self.units))
        rarest = np.empty(self.n_units, dtype=np.intp)
        rarest[self.units[order]] = self.classes[order]  # of a unit, the last one written stays
        return rarest

    def by_unit(self) -> list[list[tuple[int, int]]]:
        """Return each unit's (class, rows)."""
        contents: list[list[tuple[int, int]]] = [[] for _ in range(self.n_units)]
        for unit, label, n_rows in zip(
            self.units.tolist(), self.classes.tolist(), self.n_rows.tolist(), strict=True
        ):
            contents[unit].append((label, n_rows))
        return contents
