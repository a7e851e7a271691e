"""How a file comes to hold a record more than once."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.honesty_worlds.world import Copying


def pasted_twice(rng: np.random.Generator, n_records: int) -> NDArray[np.int64]:
    """Have the whole file below itself once more."""
    del rng  # nothing is drawn
    return np.tile(np.arange(n_records), 2)


def some_twice(share: float) -> Copying:
    """Have a share of the records (fraction) in the file twice, the rows in any order."""

    def copying(rng: np.random.Generator, n_records: int) -> NDArray[np.int64]:
        copied = rng.choice(n_records, size=round(share * n_records), replace=False)
        return rng.permutation(np.concatenate([np.arange(n_records), copied]))

    return copying
