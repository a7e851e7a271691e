"""Columns of libraries that are not here, as far as reading looks at them: pandas' own types, and Arrow."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray


class NotAvailable:
    """A missing cell as `pandas.NA` is one: it compares to nothing, and is neither true nor false."""

    def __eq__(self, other: object) -> "NotAvailable":  # type: ignore[override] # as NA does
        return self

    def __ne__(self, other: object) -> "NotAvailable":  # type: ignore[override] # as NA does
        return self

    def __hash__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        raise TypeError("boolean value of NA is ambiguous")


NA = NotAvailable()


class NullableColumn:
    """Numbers or truth values as pandas' Int64, Float64 and boolean hold them."""

    def __init__(self, values: NDArray[Any], missing: list[int]) -> None:
        self.dtype = SimpleNamespace(numpy_dtype=values.dtype, kind=values.dtype.kind)
        self._values, self._missing = values, missing

    def isna(self) -> "NullableColumn":
        """Tell which cells are missing."""
        mask = np.zeros(len(self._values), dtype=bool)
        mask[self._missing] = True
        return NullableColumn(mask, [])

    def any(self) -> bool:
        """Tell whether one is true."""
        return bool(self._values.any())

    def to_numpy(self, dtype: object = None, na_value: object = None) -> NDArray[Any]:
        """Return the cells, this one where they are missing."""
        values = self._values.copy()
        if self._missing:
            values[self._missing] = na_value
        return values if dtype is None else values.astype(np.dtype(dtype))  # type: ignore[call-overload] # any


class ZonedColumn:
    """Times of a zone as pandas holds them: as those of UTC when NumPy's type is asked for."""

    def __init__(self, utc: NDArray[np.datetime64]) -> None:
        self.dtype = SimpleNamespace(tz="Europe/Oslo", unit=np.datetime_data(utc.dtype)[0])
        self._utc = utc

    def to_numpy(self, dtype: str) -> NDArray[Any]:
        """Return the times of UTC."""
        return self._utc.astype(dtype)


class ArrowColumn:
    """A column that knows how to leave by Arrow's C interface, and nothing else."""

    def __init__(self, series: pl.Series) -> None:
        self._series = series

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._series.__arrow_c_stream__(requested_schema)


class ArrowBackedColumn:
    """A column of pandas whose cells Arrow holds."""

    def __init__(self, series: pl.Series) -> None:
        self.dtype = SimpleNamespace(pyarrow_dtype=str(series.dtype))
        self.array = SimpleNamespace(__arrow_array__=lambda: ArrowColumn(series))


class ArrowTable:
    """A table of Arrow's: its `columns` are cells, its `column_names` the names."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.column_names = frame.columns
        self.columns = [ArrowColumn(series) for series in frame]
        self.shape = frame.shape

    def __getitem__(self, name: str) -> ArrowColumn:
        return self.columns[self.column_names.index(name)]
