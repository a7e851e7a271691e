"""Files whose cells have types of their own, as frames that are read when they are collected."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from service.errors import BadInputError
from service.tables.cells import shown
from service.tables.csv_header import column_names
from service.tables.files.arrow_files import scan_arrow_file
from service.tables.files.file_formats import FileFormat
from service.tables.files.json_files import scan_json_file
from service.tables.files.numpy_files import read_numpy_file
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
    if file_format in {FileFormat.JSON_LINES, FileFormat.JSON}:
        return scan_json_file(path, file_format)
    if file_format in {FileFormat.NPZ, FileFormat.NPY}:
        return read_numpy_file(path, file_format).lazy()
    return scan_arrow_file(path, file_format)


def _workbook_reader(path: Path) -> Callable[[Path, str | None], tuple[str, list[str], pl.DataFrame]]:
    try:
        from service.tables.files.workbook_files import read_workbook  # noqa: PLC0415 (an extra)
    except ImportError:
        raise BadInputError(
            f"reading Excel workbooks needs a package that is not installed ({path}); install it:"
            f" pip install fastexcel"
        ) from None
    return read_workbook
