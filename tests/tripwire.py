"""An array, or a frame, whose values do not exist: whoever reads one trips over it."""

from typing import NoReturn, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.tables.table import Examples


class TrippedError(AssertionError):
    """Somebody read a value that nobody may read."""


class Tripwire:
    """Stands where an array is due; tells its shape and length, as a seal may, and nothing else.

    There is nothing behind it, so that no way of reading can have been forgotten.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def __len__(self) -> int:
        return self.shape[0]

    def _trip(self, *_: object, **__: object) -> NoReturn:
        raise TrippedError("a sealed test example was read")

    __array__ = __array_ufunc__ = __array_function__ = __getitem__ = __iter__ = __reduce_ex__ = _trip
    __add__ = __sub__ = __mul__ = __truediv__ = __lt__ = __gt__ = __float__ = __bool__ = _trip

    def __getattr__(self, name: str) -> NoReturn:
        self._trip()


def tripwired_examples(n_examples: int, n_features: int = 1) -> Examples:
    """Make examples of the given number that cannot be read."""
    frame, y, rows = (Tripwire(shape) for shape in ((n_examples, n_features), (n_examples,), (n_examples,)))
    return Examples(
        cast("pl.DataFrame", frame), cast("NDArray[np.float64]", y), cast("NDArray[np.int64]", rows)
    )
