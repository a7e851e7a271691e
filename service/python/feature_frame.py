"""From what people hold in Python, an array or a data frame, to cells as they stand in a table."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import issparse

from service.python.column_cells import column_cells
from service.tables.csv_header import listed


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
