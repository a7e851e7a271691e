"""Files whose cells have types of their own, as frames that are read when they are collected.

JSON and NumPy's own files are read here; Arrow's formats and workbooks have files of their own.
"""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any, assert_never

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.errors import BadInputError
from service.tables.cells import shown
from service.tables.files.arrow_files import scan_arrow_file
from service.tables.files.file_formats import FAILURES, FileFormat, damaged
from service.tables.header import column_names
from service.tables.plain_types import plain_types


@dataclass(frozen=True, slots=True, eq=False)
class TypedFile:
    """A file that has been looked into.

    Attributes
    ----------
    file_format
        How it is written.
    frame
        Its columns under their names, of types that `plain_types` leaves.
    sheet
        Of a workbook, the sheet; None for other formats.
    """

    file_format: FileFormat
    frame: pl.LazyFrame
    sheet: str | None = None


def open_typed_file(path: Path, file_format: FileFormat, *, sheet: str | None = None) -> TypedFile:
    """Look into a file that is not CSV.

    Parameters
    ----------
    path
        The file.
    file_format
        How it is written.
    sheet
        Which sheet of a workbook is the table, by name; None for the first.

    Raises
    ------
    BadInputError
        The file is damaged, a column has no name, or holds more than one value a cell.
    """
    place, name = str(path), None
    if file_format is FileFormat.WORKBOOK:
        name, header, rows = _workbook_reader(path)(path, sheet)
        frame = rows.lazy()
        place = f"{path}: sheet {shown(name)}"
    else:
        frame = _opened(path, file_format)
        header = list(frame.collect_schema())
    names = column_names(header, place)
    if not names:
        raise BadInputError(f"expected at least one column, got none ({place})")
    if names != (present := tuple(frame.collect_schema())):
        frame = frame.rename(dict(zip(present, names, strict=True)))
    return TypedFile(file_format, plain_types(frame, place), name)


def _opened(path: Path, file_format: FileFormat) -> pl.LazyFrame:
    match file_format:
        case FileFormat.JSON_LINES | FileFormat.JSON:
            return _scan_json_file(path, file_format)
        case FileFormat.NPZ | FileFormat.NPY:
            return _read_numpy_file(path, file_format).lazy()
        case FileFormat.PARQUET | FileFormat.ARROW | FileFormat.ARROW_STREAM:
            return scan_arrow_file(path, file_format)
        case FileFormat.CSV | FileFormat.WORKBOOK:
            raise ValueError(f"expected a file of typed columns, got {file_format.value}")
        case _:
            assert_never(file_format)


def _workbook_reader(path: Path) -> Callable[[Path, str | None], tuple[str, list[str], pl.DataFrame]]:
    try:
        from service.tables.files.workbook_files import read_workbook  # noqa: PLC0415 (an extra)
    except ImportError:
        raise BadInputError(
            f"reading Excel workbooks needs a package that is not installed ({path}); install it:"
            f" pip install fastexcel"
        ) from None
    return read_workbook


def _scan_json_file(path: Path, file_format: FileFormat) -> pl.LazyFrame:
    """Look into a file of objects; the whole of it decides which keys there are, and of which types.

    A key that an object lacks is a missing cell, wherever in the file it is first seen. A column of numbers
    and words is text. Columns stand in the order in which Polars merges the objects' keys.

    Raises
    ------
    BadInputError
        The file is no JSON, or holds something else than objects, or values of one key that no type has.
    """
    try:
        if file_format is FileFormat.JSON:
            return pl.read_json(path, infer_schema_length=None).lazy()
        schema = pl.scan_ndjson(path, infer_schema_length=None).collect_schema()
        return pl.scan_ndjson(path, schema=schema)  # it would be inferred again for every slice
    except FAILURES as error:
        raise damaged(path, file_format, error) from None


NUMPY_FAILURES = (
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


def _read_numpy_file(path: Path, file_format: FileFormat) -> pl.DataFrame:
    """Read arrays as columns, in the file's order; a matrix X gives the columns X_0, X_1, and so on.

    Raises
    ------
    BadInputError
        The file is damaged, or its arrays are no columns of one table.
    """
    columns: dict[str, NDArray[Any]] = {}
    names = []
    for name, values in _arrays(path, file_format):
        for column_name, column in _columns_of_arrays(name, values, path):
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
    except NUMPY_FAILURES as error:
        reason = (f"{error}".splitlines() or [type(error).__name__])[0]
        raise BadInputError(f"the NumPy file cannot be read: {reason} ({path})") from None


def _columns_of_arrays(name: str, values: NDArray[Any], path: Path) -> Iterator[tuple[str, NDArray[Any]]]:
    if values.dtype.names is not None and values.ndim == 1:
        for field in values.dtype.names:
            yield from _columns_of_arrays(field, values[field], path)
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
