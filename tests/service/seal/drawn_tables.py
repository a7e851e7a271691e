"""Hypothesis strategies: the records of tables, of one row or several, with groups, classes and times."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from numpy.typing import NDArray


def hashes_of(numbers: NDArray[np.integer]) -> NDArray[np.uint64]:
    """Return words that are equal where the numbers are, with nothing else in common, shape (n_rows, 2)."""
    table = np.random.default_rng(11).integers(0, 2**64, size=(int(numbers.max()) + 1, 2), dtype=np.uint64)
    return np.take(table, numbers, axis=0)


@dataclass(frozen=True)
class DrawnTable:
    """What a split may follow of a table: its records and, where there are, labels, groups or times."""

    hashes: NDArray[np.uint64]
    labels: NDArray[np.int64] | None = None
    groups: NDArray[Any] | None = None
    times: NDArray[np.float64] | None = None

    def taken(self, rows: NDArray[np.intp]) -> "DrawnTable":
        """Return the table with some rows, in their order."""
        return replace(
            self, **{name: values[rows] for name, values in vars(self).items() if values is not None}
        )

    def as_arguments(self) -> dict[str, Any]:
        """Return what is handed over by name."""
        return {"labels": self.labels, "groups": self.groups, "times": self.times}


@st.composite
def tables(draw: DrawFn, min_size: int = 30, max_size: int = 150) -> DrawnTable:
    """Draw a table with some records of several rows, and with labels, groups or times, or none of them."""
    n_rows = draw(st.integers(min_size, max_size))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    numbers = rng.integers(0, draw(st.sampled_from([n_rows // 2, 20 * n_rows])), n_rows)
    labels = numbers % 2 if draw(st.booleans()) else None
    if labels is not None and draw(st.booleans()):
        labels = rng.integers(0, 2, n_rows)  # rows of a record that differ in their class
    table = DrawnTable(hashes_of(numbers), labels)
    follows = draw(st.sampled_from(["values", "groups", "times"]))
    if follows == "groups":
        groups = rng.integers(0, n_rows // 3, n_rows)
        return replace(table, groups=groups if draw(st.booleans()) else groups.astype("U"))
    if follows == "times":
        return replace(table, times=numbers % 17 / 4)
    return table
