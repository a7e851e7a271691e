"""What each unit holds: how many rows of which classes."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray


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
