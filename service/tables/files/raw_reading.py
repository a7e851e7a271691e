"""Reading a whole table, whichever format its file is in."""

from pathlib import Path

import polars as pl

from service.errors import BadInputError
from service.tables.files.arrow_files import FAILURES, damaged, scan_arrow_file
from service.tables.files.csv_dialect import CsvDialect
from service.tables.files.csv_frames import open_csv
from service.tables.files.file_formats import FileFormat, recognized_format
from service.tables.files.numpy_files import read_numpy_file
from service.tables.files.raw_table import RawTable


def read_raw_table(path: Path, *, dialect: CsvDialect | None = None) -> RawTable:
    """Read a table of CSV, Parquet, Feather or NumPy: told by its bytes, whatever its name ends with.

    Parameters
    ----------
    path
        The file; CSV may be compressed by gzip, bzip2, xz or Zstandard.
    dialect
        How it is written if it is CSV; what it leaves open is told from the file.

    Raises
    ------
    BadInputError
        The file cannot be read, is no table, or has no examples.
    """
    file_format = recognized_format(path)
    if file_format is FileFormat.CSV:
        opened = open_csv(path, dialect or CsvDialect())
        table = RawTable(
            path,
            pl.concat(opened.frames),
            is_csv=True,
            encoding=opened.dialect.encoding,
            delimiter=opened.dialect.delimiter,
            decimal_comma=bool(opened.dialect.decimal_comma),
        )
    elif file_format in {FileFormat.NPZ, FileFormat.NPY}:
        table = RawTable(path, read_numpy_file(path, file_format))
    else:
        try:
            table = RawTable(path, scan_arrow_file(path, file_format).collect())
        except FAILURES as error:
            raise damaged(path, file_format, error) from None
    if not table.frame.height:
        raise BadInputError(f"a table needs examples, found only a header ({path})")
    return table
