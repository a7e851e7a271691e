"""A made table in which rows meet by chance: two columns of three values each, and a noisy answer."""

import numpy as np
from numpy.typing import NDArray

CHANCES = np.array([[0.02, 0.08, 0.22], [0.10, 0.762, 0.87], [0.19, 0.84, 0.95]])
"""Of a yes, by the values of the two columns, each combination of which is as frequent as any other."""

BEST_ERROR = float(np.minimum(CHANCES, 1 - CHANCES).mean())
"""What no model can be better than, on ever more rows: 13.2 %."""


def few_valued(n_rows: int, *, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the columns (n_rows, 2) and whether the answer is yes (n_rows,)."""
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 3, (n_rows, 2))
    return X, (rng.random(n_rows) < CHANCES[X[:, 0], X[:, 1]]).astype(np.int64)
