"""Some of a table's examples: one set of a split."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Examples as they stand in the table, not normalised.

    Attributes
    ----------
    X
        Features: float64 (n_examples, n_features).
    y
        Class indices, int64 (n_examples,); or numbers, float64 (n_examples,).
    rows
        Their row numbers in the table, from 0, ascending: int64 (n_examples,).
    """

    X: NDArray[np.float64]
    y: NDArray[np.int64] | NDArray[np.float64]
    rows: NDArray[np.int64]
