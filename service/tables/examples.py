"""Some of a table's examples: one set of a split."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Examples as they stand in the table.

    Attributes
    ----------
    frame
        The cells of all columns but the target, as they were read (n_examples rows).
    y
        Class indices, int64 (n_examples,); or numbers, float64 (n_examples,).
    rows
        Their row numbers among the table's examples, from 0, ascending: int64 (n_examples,).
    units
        Numbers that rows share which came as one (n_examples,); None where each row came by itself.
    """

    frame: pl.DataFrame
    y: NDArray[np.int64] | NDArray[np.float64]
    rows: NDArray[np.int64]
    units: NDArray[np.intp] | None = None

    def __len__(self) -> int:
        """Return their number."""
        return len(self.y)
