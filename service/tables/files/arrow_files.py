"""Parquet files, and Arrow's own: Feather of version 2, and streams."""

from pathlib import Path

import polars as pl

from service.errors import BadInputError
from service.tables.files.damage import FAILURES, damaged
from service.tables.files.file_formats import FileFormat
from service.tables.files.parquet_pages import refuse_negative_pages


def scan_arrow_file(path: Path, file_format: FileFormat) -> pl.LazyFrame:
    """Look into a file; its schema can be collected.

    Raises
    ------
    BadInputError
        The file is damaged.
    """
    if file_format is FileFormat.PARQUET:
        _refuse_cut_off_parquet(path)
        refuse_negative_pages(path)
    try:
        if file_format is FileFormat.PARQUET:
            frame = pl.scan_parquet(path, glob=False, hive_partitioning=False)
        elif file_format is FileFormat.ARROW:
            frame = pl.scan_ipc(path, glob=False, hive_partitioning=False)
        else:
            frame = pl.read_ipc_stream(path).lazy()
        frame.collect_schema()
    except FAILURES as error:
        raise damaged(path, file_format, error) from None
    return frame


def _refuse_cut_off_parquet(path: Path) -> None:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - 8, 0))
        tail = file.read()
    if not tail.endswith(b"PAR1") or int.from_bytes(tail[:4], "little") + 12 > size:
        raise BadInputError(f"the Parquet file is cut off: its end is missing ({path})")
