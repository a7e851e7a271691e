"""NumPy's own files as tables: npz of equally long arrays, npy of a matrix or of records. Never a pickle."""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.errors import BadInputError
from service.tables.cells import shown
from service.tables.csv_header import column_names
from service.tables.files.file_formats import FileFormat

FAILURES = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    NotImplementedError,
    MemoryError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    TokenError,
)
"""What NumPy, zipfile and the parser of headers raise over a damaged file, or Python objects in it."""


def read_numpy_file(path: Path, file_format: FileFormat) -> pl.DataFrame:
    """Read arrays as columns, in the file's order; a matrix X gives the columns X_0, X_1, and so on.

    Raises
    ------
    BadInputError
        The file is damaged, or its arrays are no columns of one table.
    """
    columns: dict[str, NDArray[Any]] = {}
    names = []
    for name, values in _arrays(path, file_format):
        for column_name, column in _columns(name, values, path):
            names.append(column_name)
            columns[column_name] = column
    if not names:
        raise BadInputError(f"expected at least one column, got none ({path})")
    stripped = column_names(names, str(path))
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        first = next(iter(columns))
        other = next(name for name in columns if len(columns[name]) != len(columns[first]))
        raise BadInputError(
            f"expected arrays with the same number of rows, got {len(columns[first])} in {shown(first)} and"
            f" {len(columns[other])} in {shown(other)} ({path})"
        )
    series = [_series(name, columns[raw], path) for raw, name in zip(names, stripped, strict=True)]
    return pl.DataFrame(series)


def _arrays(path: Path, file_format: FileFormat) -> Iterator[tuple[str, NDArray[Any]]]:
    try:
        if file_format is FileFormat.NPY:
            yield "X", np.load(path, allow_pickle=False)
            return
        with np.load(path, allow_pickle=False) as archive:
            for name in archive.files:
                yield name, archive[name]
    except FAILURES as error:
        reason = (f"{error}".splitlines() or [type(error).__name__])[0]
        raise BadInputError(f"the NumPy file cannot be read: {reason} ({path})") from None


def _columns(name: str, values: NDArray[Any], path: Path) -> Iterator[tuple[str, NDArray[Any]]]:
    if values.dtype.names is not None and values.ndim == 1:
        for field in values.dtype.names:
            yield from _columns(field, values[field], path)
    elif values.ndim == 1:
        yield name, values
    elif values.ndim == 2:
        for column in range(values.shape[1]):
            yield f"{name}_{column}", values[:, column]
    else:
        raise BadInputError(
            f"expected an array with one row per example, (n_examples,) or (n_examples, n_columns), got shape"
            f" {values.shape} for {shown(name)} ({path})"
        )


def _series(name: str, values: NDArray[Any], path: Path) -> pl.Series:
    kind = values.dtype.kind
    if kind == "S":
        try:
            values = np.char.decode(values, "utf-8")
        except UnicodeDecodeError:
            raise BadInputError(
                f"expected text in UTF-8, got other bytes in {shown(name)} ({path})"
            ) from None
    elif kind == "f":
        values = values.astype(np.float32 if values.dtype.itemsize <= 4 else np.float64)
    elif kind in "mM":
        values = values.astype(f"{values.dtype.kind}8[us]")
    elif kind in "iub":
        values = values.astype(values.dtype.newbyteorder("="))
    elif kind != "U":
        raise BadInputError(
            f"expected a number, text, boolean or date in each cell, got {values.dtype} in {shown(name)}"
            f" ({path})"
        )
    return pl.Series(name, np.ascontiguousarray(values))
