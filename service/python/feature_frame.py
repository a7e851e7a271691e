"""From what people hold in Python, an array or a data frame, to cells as they stand in a table.

Columns come from whatever library: pandas, Polars, Arrow, NumPy. None is imported for this: its columns are
known by their types' attributes. Columns of numbers are never walked cell by cell.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import issparse

from service.python.object_cells import complex_numbers, nested, object_cells, warn_of_long_numbers
from service.tables.cells import shown
from service.tables.header import listed
from service.tables.plain_types import as_plain, nested_kind
from service.tables.times import in_utc


def feature_frame(X: Any, names: Sequence[str]) -> pl.DataFrame:  # noqa: ANN401 (an array or any data frame)
    """Return the cells of the columns named, in that order.

    Parameters
    ----------
    X
        A two-dimensional array in that order; or anything with `columns` (pandas, Polars) or `column_names`
        (Arrow) and with `X[name]`, whose other columns are left alone. `column_cells` says what types become.
    names
        The names.

    Raises
    ------
    ValueError
        Columns are missing or there twice, there are more or fewer in an array, or a cell is no single value.

    Warns
    -----
    ProctorWarning
        Whole numbers need more than 64 bits, and are rounded.
    """
    found = _column_names(X)
    if found is None:
        return _of_array(X, names)
    counts = Counter(map(str, found))
    missing = tuple(name for name in names if name not in counts)
    if missing:
        raise ValueError(f"missing columns that the model reads: {listed(missing)}")
    twice = tuple(name for name in names if counts[name] > 1)
    if twice:
        raise ValueError(f"duplicate column name: {listed(twice)}")
    by_name = {str(name): name for name in found}
    return pl.DataFrame([column_cells(name, X[by_name[name]]) for name in names])


def held_frame(X: Any) -> pl.DataFrame:  # noqa: ANN401 (an array or any data frame)
    """Return the cells of all columns, under a data frame's names or, where it has none, x0, x1 and so on.

    Parameters
    ----------
    X
        As for `feature_frame`. Names that are not text are ignored: pandas numbers columns where nobody names
        them.

    Raises
    ------
    ValueError
        It is not two-dimensional, has no columns or no rows, two columns of one name, or a cell that is no
        single value.
    TypeError
        It is sparse.

    Warns
    -----
    ProctorWarning
        As for `feature_frame`.
    """
    if issparse(X):
        raise TypeError("sparse data are not supported: X is an array or a data frame; X.toarray() makes one")
    found = _column_names(X)
    if found is None:
        X = _array(X)
        if X.ndim != 2:
            raise ValueError(
                f"expected an array of shape (n_examples, n_features), got shape {X.shape}. Reshape your"
                f" data: X.reshape(-1, 1) is one feature, X.reshape(1, -1) is one example"
            )
        found = range(X.shape[1])
    if len(found) == 0:
        raise ValueError(f"X has 0 feature(s) (shape={np.shape(X)}) while a minimum of 1 is required.")
    numbered = [f"x{column}" for column in range(len(found))]
    is_array = isinstance(X, np.ndarray)
    frame = feature_frame(X, numbered if is_array else [str(name) for name in found])
    if not all(isinstance(name, str) for name in found):
        frame.columns = numbered
    if frame.height == 0:
        raise ValueError(f"X has 0 sample(s) (shape={frame.shape}) while a minimum of 1 is required.")
    return frame


def column_cells(name: str, column: Any) -> pl.Series:  # noqa: ANN401 (a column of any library)
    """Return a column's cells: null where missing, times in UTC, durations in seconds.

    A category is its label, a decimal a float, and a time of day a point of 1970-01-01.

    Parameters
    ----------
    name
        The column's name.
    column
        A column of pandas (with NumPy's, nullable, Arrow's or other types), Polars or Arrow, or what NumPy
        reads as an array (n,); cells that a masked array masks are missing.

    Raises
    ------
    ValueError
        Its cells are nested, binary or complex.

    Warns
    -----
    ProctorWarning
        Whole numbers need more than 64 bits, and are rounded.
    """
    if isinstance(column, pl.Series):
        return _of_polars(column.rename(name))
    dtype = getattr(column, "dtype", None)
    if dtype is None and hasattr(column, "__arrow_c_stream__"):
        return _of_arrow(name, column)
    if dtype is None or isinstance(dtype, np.dtype):
        return _of_numpy(name, column if np.ma.isMaskedArray(column) else np.asarray(column))
    return _of_pandas(name, column)


def _of_array(X: Any, names: Sequence[str]) -> pl.DataFrame:  # noqa: ANN401 (anything that NumPy reads)
    array = _array(X)
    if array.ndim != 2:
        raise ValueError(f"expected an array of shape (n_examples, n_features), got shape {array.shape}")
    if array.shape[1] != len(names):
        raise ValueError(f"expected {len(names)} columns ({listed(tuple(names))}), got {array.shape[1]}")
    return pl.DataFrame([column_cells(name, array[:, column]) for column, name in enumerate(names)])


def _column_names(X: Any) -> Any:  # noqa: ANN401 (an array or any data frame)
    """Return the names of a data frame's columns; None of an array."""
    return getattr(X, "column_names", getattr(X, "columns", None))  # Arrow's `columns` are not names


def _array(X: Any) -> NDArray[Any]:  # noqa: ANN401 (anything that NumPy reads)
    array: NDArray[Any] = X if np.ma.isMaskedArray(X) else np.asarray(X)
    return array


def _of_pandas(name: str, column: Any) -> pl.Series:  # noqa: ANN401 (a `pandas.Series` of pandas' own types)
    dtype = column.dtype
    if hasattr(dtype, "pyarrow_dtype"):
        return _of_arrow(name, column.array.__arrow_array__())
    if hasattr(dtype, "tz"):
        return _of_numpy(name, column.to_numpy(dtype=f"datetime64[{dtype.unit}]"))  # of UTC
    if hasattr(dtype, "numpy_dtype"):  # nullable numbers and truth values: what is missing may be anything
        values = column.to_numpy(dtype=dtype.numpy_dtype, na_value=dtype.numpy_dtype.type(0))
        return _of_numpy(name, np.ma.masked_array(values, mask=column.isna().to_numpy()))
    return _of_numpy(name, np.asarray(column))


def _of_arrow(name: str, column: Any) -> pl.Series:  # noqa: ANN401 (any exporter of Arrow's C interface)
    try:
        series = pl.Series(column).rename(name)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, TypeError) as error:
        raise nested(name, str(getattr(column, "type", "something else"))) from error
    return _of_polars(series)


def _of_polars(series: pl.Series) -> pl.Series:
    name, dtype = series.name, series.dtype
    if dtype in (pl.Int128, pl.UInt128):
        return _of_long_numbers(series)
    if dtype == pl.Object:
        return object_cells(name, series.to_list())
    if found := nested_kind(dtype):
        raise nested(name, found)
    plain = as_plain(pl.col(name), dtype)
    return in_utc(series) if plain is None else series.to_frame().select(plain.alias(name)).to_series()


def _of_long_numbers(series: pl.Series) -> pl.Series:
    for dtype in (pl.Int64, pl.UInt64):
        short = series.cast(dtype, strict=False)
        if short.null_count() == series.null_count():
            return short
    fits = [series.cast(dtype, strict=False).is_not_null() for dtype in (pl.Int64, pl.UInt64)]
    if n_long := int((series.is_not_null() & ~(fits[0] | fits[1])).sum()):
        warn_of_long_numbers(series.name, n_long)
    return series.cast(pl.Float64)


def _of_numpy(name: str, values: NDArray[Any]) -> pl.Series:  # noqa: PLR0911 (likewise)
    if values.ndim != 1:
        raise ValueError(f"expected one cell per example, got shape {values.shape} (column {shown(name)})")
    if isinstance(values, np.ma.MaskedArray):
        series, masked = _of_numpy(name, values.data), np.ma.getmaskarray(values)
        return series if not masked.any() else series.zip_with(pl.Series(~masked), _nothing(series))
    match values.dtype.kind:
        case "f":
            return pl.Series(name, values.astype(np.float64, copy=False)).fill_nan(None)
        case "b" | "i" | "u":
            return pl.Series(name, values.astype(values.dtype.newbyteorder("="), copy=False))
        case "M":
            return pl.Series(name, values.astype("datetime64[us]"))
        case "m":
            return pl.Series(name, values / np.timedelta64(1, "s")).fill_nan(None)
        case "c":
            raise complex_numbers(name)
        case "S":
            return object_cells(name, _decoded(name, values).tolist())
        case _:
            return object_cells(name, values.tolist())


def _nothing(series: pl.Series) -> pl.Series:
    return pl.repeat(None, len(series), dtype=series.dtype, eager=True)


def _decoded(name: str, values: NDArray[Any]) -> NDArray[np.str_]:
    try:
        return np.char.decode(values, "utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"expected text in UTF-8, got other bytes in column {shown(name)}") from None
