"""From what people hold in Python, an array or a data frame, to the features that a network reads."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.tables.csv_header import listed


def feature_matrix(X: Any, feature_names: tuple[str, ...]) -> NDArray[np.float64]:  # noqa: ANN401 (any data frame)
    """Return the features as float64 (n_examples, n_features), in the order of their names.

    Parameters
    ----------
    X
        A two-dimensional array in that order; or anything with `columns` (pandas, Polars) or `column_names`
        (Arrow) and with `X[name]`, whose other columns are left alone.
    feature_names
        The names.

    Raises
    ------
    ValueError
        Features are missing, there are more or fewer columns in an array, or something is no finite number.
    """
    names = getattr(X, "columns", getattr(X, "column_names", None))
    matrix = _array(X, feature_names) if names is None else _frame(X, [*names], feature_names)
    finite = np.isfinite(matrix)
    if not finite.all():
        row, column = divmod(int(np.argmin(finite)), len(feature_names))
        raise ValueError(
            f"a feature is a finite number in every row, found {matrix[row, column]}"
            f" (row {row}, counted from 0, column {feature_names[column]!r})"
        )
    return matrix


def _array(X: Any, feature_names: tuple[str, ...]) -> NDArray[np.float64]:  # noqa: ANN401 (anything NumPy reads)
    matrix = np.asarray(X, dtype=np.float64)
    if matrix.ndim != 2:
        raise ValueError(f"features are an array (n_examples, n_features), found shape {matrix.shape}")
    if matrix.shape[1] != len(feature_names):
        raise ValueError(
            f"the model reads {len(feature_names)} features ({listed(feature_names)}),"
            f" found {matrix.shape[1]} columns"
        )
    return matrix


def _frame(X: Any, names: list[Any], feature_names: tuple[str, ...]) -> NDArray[np.float64]:  # noqa: ANN401 (any data frame)
    counts = Counter(names)
    missing = tuple(name for name in feature_names if name not in counts)
    if missing:
        raise ValueError(f"the model reads columns that are missing: {listed(missing)}")
    twice = tuple(name for name in feature_names if counts[name] > 1)
    if twice:
        raise ValueError(f"no two columns have one name, found two: {listed(twice)}")
    matrix = np.empty((len(X), len(feature_names)))
    for column, name in enumerate(feature_names):
        try:
            matrix[:, column] = np.asarray(X[name], dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise ValueError(f"a feature is a number in every row: {error} (column {name!r})") from None
    return matrix
