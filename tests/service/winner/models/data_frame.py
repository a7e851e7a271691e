"""A data frame as far as predicting looks at one: named columns in some order."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class DataFrame:
    """Columns by name, as pandas and Polars give them."""

    def __init__(self, columns: Sequence[str], values: NDArray[Any]) -> None:
        self.columns = list(columns)
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, name: str) -> NDArray[Any]:
        return np.asarray(self._values[:, self.columns.index(name)])


class NumberedColumns:
    """A data frame as pandas makes one of an array: its columns are called 0, 1, ..."""

    def __init__(self, values: NDArray[np.float64]) -> None:
        self._values = values
        self.columns = range(values.shape[1])
        self.shape = values.shape

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, name: int) -> NDArray[np.float64]:
        return self._values[:, name]
