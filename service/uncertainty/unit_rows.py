"""The rows of units, to draw whole units where a figure is measured again on what was drawn."""

import numpy as np
from numpy.typing import NDArray

from service.uncertainty.units import unit_numbers


class UnitRows:
    """Which rows each unit has.

    Parameters
    ----------
    units
        Numbers that rows share which came as one (n_rows,); None where each came by itself.
    n_rows
        How many there are.
    """

    def __init__(self, units: NDArray[np.intp] | None, n_rows: int) -> None:
        numbers, self._is_shared = unit_numbers(units, n_rows)
        self._by_unit = np.argsort(numbers, kind="stable")
        self._sizes = np.bincount(numbers)
        self._starts = np.cumsum(self._sizes) - self._sizes

    def __len__(self) -> int:
        """Return the number of units."""
        return len(self._sizes)

    def rows(self, drawn: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the rows of some units, as often as each is drawn.

        Parameters
        ----------
        drawn
            Numbers of units, from 0 (n_drawn,).
        """
        if not self._is_shared:
            return drawn
        sizes = self._sizes[drawn]
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return np.asarray(self._by_unit[np.repeat(self._starts[drawn], sizes) + within])
