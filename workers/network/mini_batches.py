"""A train set in mini-batches, each epoch in a new order, without a copy of it.

Rows are gathered some mini-batches at a time into one small buffer, and a mini-batch is a slice of that: one
gathering costs several times a slice, and a buffer that stays in the processor's cache is read at its speed,
however large the train set is.
"""

from collections.abc import Iterator
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

GATHERED_NUMBERS = 65_536
"""About how many features are gathered at a time: 256 KiB of float32, or a mini-batch where that is more."""


class MiniBatches:
    """Gathers a train set's rows in a random order.

    Parameters
    ----------
    X, y
        The train set, (n_examples, ...) each; read only.
    batch_size
        Examples in a mini-batch; an epoch's last one may be smaller.
    seed
        Source of the orders.
    dtype
        What features are turned into.
    """

    def __init__(
        self,
        X: NDArray[np.floating],
        y: NDArray[Any],
        *,
        batch_size: int,
        seed: np.random.SeedSequence,
        dtype: type[np.floating] = np.float32,
    ) -> None:
        self._X, self._y = X, y
        self.batch_size = batch_size
        n_batches = max(1, GATHERED_NUMBERS // (batch_size * X.shape[1]))
        self.n_gathered = min(n_batches * batch_size, len(X))
        """The most examples that are gathered together."""
        self._rng = np.random.default_rng(seed)
        self._order = np.arange(len(X))
        self._X_gathered = np.empty((self.n_gathered, X.shape[1]), dtype)
        self._y_gathered = np.empty((self.n_gathered, *y.shape[1:]), y.dtype)

    def __len__(self) -> int:
        """Mini-batches in an epoch."""
        return ceil(len(self._X) / self.batch_size)

    def gathered(self) -> Iterator[tuple[NDArray[np.floating], NDArray[Any]]]:
        """Draw a new order and yield the epoch's examples in it: whole mini-batches, `n_gathered` at most.

        Yields
        ------
        X, y
            Views of buffers, valid until the next; X may be changed.
        """
        self._rng.shuffle(self._order)
        for start in range(0, len(self._order), self.n_gathered):
            rows = self._order[start : start + self.n_gathered]
            X, y = self._X_gathered[: len(rows)], self._y_gathered[: len(rows)]
            # The mode "clip" changes no valid index; under "raise" NumPy would fill a copy first.
            np.take(self._X, rows, axis=0, out=X, mode="clip")
            np.take(self._y, rows, axis=0, out=y, mode="clip")
            yield X, y
