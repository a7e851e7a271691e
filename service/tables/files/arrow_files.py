"""Parquet files, and Arrow's own: Feather of version 2, and streams."""

from pathlib import Path

import polars as pl

from service.errors import BadInputError
from service.tables.cells import shown
from service.tables.csv_header import column_names
from service.tables.files.file_formats import FileFormat

FORMAT_NAMES = {
    FileFormat.PARQUET: "Parquet",
    FileFormat.ARROW: "Feather (Arrow)",
    FileFormat.ARROW_STREAM: "Arrow stream",
}

FAILURES = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, OverflowError)
"""What Polars raises over a damaged file; a panic is none of Python's exceptions."""


def scan_arrow_file(path: Path, file_format: FileFormat) -> pl.LazyFrame:
    """Look into a file; categories are to come as strings.

    Raises
    ------
    BadInputError
        The file is damaged, or a column holds what is no single value.
    """
    if file_format is FileFormat.PARQUET:
        _refuse_cut_off_parquet(path)
    try:
        if file_format is FileFormat.PARQUET:
            frame = pl.scan_parquet(path, glob=False, hive_partitioning=False)
        elif file_format is FileFormat.ARROW:
            frame = pl.scan_ipc(path, glob=False, hive_partitioning=False)
        else:
            frame = pl.read_ipc_stream(path).lazy()
        schema = frame.collect_schema()
    except FAILURES as error:
        raise damaged(path, file_format, error) from None
    for name, kind in schema.items():
        if kind.is_nested() or kind in (pl.Binary, pl.Object):
            raise BadInputError(
                f"a cell is one number, word, truth value or date, column {shown(name)} holds "
                f"{_in_words(kind)} ({path})"
            )
    names = column_names(list(schema), str(path))
    categories = [name for name, kind in schema.items() if kind in (pl.Categorical, pl.Enum)]
    frame = frame.with_columns(pl.col(name).cast(pl.String) for name in categories) if categories else frame
    return frame if names == tuple(schema) else frame.rename(dict(zip(schema, names, strict=True)))


def damaged(path: Path, file_format: FileFormat, error: BaseException) -> BadInputError:
    """Say in one line what Polars says in some."""
    reason = (f"{error}".splitlines() or [type(error).__name__])[0]
    return BadInputError(f"the {FORMAT_NAMES[file_format]} file is damaged or cut off: {reason} ({path})")


def _refuse_cut_off_parquet(path: Path) -> None:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - 8, 0))
        tail = file.read()
    if not tail.endswith(b"PAR1") or int.from_bytes(tail[:4], "little") + 12 > size:
        raise BadInputError(f"the Parquet file is cut off: its end is not there ({path})")


def _in_words(kind: pl.DataType) -> str:
    if kind in (pl.List, pl.Array):
        return "lists"
    return "structs" if kind == pl.Struct else "binary data"
