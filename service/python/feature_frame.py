"""From what people hold in Python, an array or a data frame, to cells as they stand in a table."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import issparse

from service.tables.csv_header import listed


def feature_frame(X: Any, names: Sequence[str]) -> pl.DataFrame:  # noqa: ANN401 (an array or any data frame)
    """Return the cells of the columns named, in that order.

    Parameters
    ----------
    X
        A two-dimensional array in that order; or anything with `columns` (pandas, Polars) or `column_names`
        (Arrow) and with `X[name]`, whose other columns are left alone.
    names
        The names.

    Raises
    ------
    ValueError
        Columns are missing or there twice, or there are more or fewer in an array.
    """
    found = getattr(X, "columns", getattr(X, "column_names", None))
    if found is None:
        return _of_array(X, names)
    counts = Counter(map(str, found))
    missing = tuple(name for name in names if name not in counts)
    if missing:
        raise ValueError(f"the model reads columns that are missing: {listed(missing)}")
    twice = tuple(name for name in names if counts[name] > 1)
    if twice:
        raise ValueError(f"no two columns have one name, found two: {listed(twice)}")
    if isinstance(X, pl.DataFrame):
        return X.select(names).with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    by_name = {str(name): name for name in found}
    return pl.DataFrame([_series(name, np.asarray(X[by_name[name]])) for name in names])


def held_frame(X: Any) -> pl.DataFrame:  # noqa: ANN401 (an array or any data frame)
    """Return the cells of all columns, under a data frame's names or, where it has none, x0, x1 and so on.

    Parameters
    ----------
    X
        As for `feature_frame`. Names that are not texts are none: pandas numbers columns where nobody names
        them.

    Raises
    ------
    ValueError
        It is not two-dimensional, has no columns or no rows, or two columns of one name.
    TypeError
        It is sparse.
    """
    if issparse(X):
        raise TypeError("sparse data are not supported: X is an array or a data frame; X.toarray() makes one")
    found = getattr(X, "columns", getattr(X, "column_names", None))
    if found is None:
        X = np.asarray(X)
        if X.ndim != 2:
            raise ValueError(
                f"features are an array (n_examples, n_features), found shape {X.shape}. Reshape your data: "
                "X.reshape(-1, 1) is one feature, X.reshape(1, -1) is one example"
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
    array = np.asarray(X)
    if array.ndim != 2:
        raise ValueError(f"features are an array (n_examples, n_features), found shape {array.shape}")
    if array.shape[1] != len(names):
        raise ValueError(
            f"the model reads {len(names)} columns ({listed(tuple(names))}), found {array.shape[1]}"
        )
    return pl.DataFrame([_series(name, array[:, column]) for column, name in enumerate(names)])


def _series(name: str, values: NDArray[Any]) -> pl.Series:
    if values.ndim != 1:
        raise ValueError(f"a column has one cell an example, found shape {values.shape} (column {name!r})")
    if values.dtype.kind == "f":
        return pl.Series(name, values.astype(np.float64)).fill_nan(None)
    if values.dtype.kind in "biu":
        return pl.Series(name, values)
    if values.dtype.kind == "M":
        return pl.Series(name, values.astype("datetime64[us]"))
    if values.dtype.kind == "c":
        raise ValueError(f"Complex data not supported: a column's numbers are real (column {name!r})")
    return pl.Series(name, [_text(cell) for cell in values.tolist()], dtype=pl.String)


def _text(cell: object) -> str | None:
    """Return a cell of any type as it would stand in a file; None where it is missing."""
    if cell is None or cell != cell:  # noqa: PLR0124 (NaN, NaT and their like are not what they are)
        return None
    if isinstance(cell, bool | np.bool_):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str | int | float):
        return str(cell)
    try:
        return None if str(cell) in {"<NA>", "NaT"} else str(cell)
    except Exception as error:
        raise ValueError(f"a cell is a number, a text or a date, found {type(cell).__name__}") from error
