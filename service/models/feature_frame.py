"""From what people hold in Python, an array or a data frame, to cells as they stand in a table."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

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
        return X.select(names)
    by_name = {str(name): name for name in found}
    return pl.DataFrame([_series(name, np.asarray(X[by_name[name]])) for name in names])


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
