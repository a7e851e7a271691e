"""A table as its file has it, before anything is made of its columns.

It is read in any format: as a whole, or some rows at a time in memory that does not grow.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from service.errors import BadInputError
from service.tables.cells import shown
from service.tables.files.csv_blocks import csv_blocks
from service.tables.files.csv_dialect import NO_PREAMBLE, CsvDialect, Preamble
from service.tables.files.csv_frames import CsvFrames, open_csv
from service.tables.files.csv_structure import record_structure
from service.tables.files.file_formats import FAILURES, FileFormat, damaged, recognized_format
from service.tables.files.typed_files import TypedFile, open_typed_file


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """A table, or some rows of it.

    Attributes
    ----------
    path
        The file.
    frame
        Its columns. Of a CSV file all are strings, an empty cell is null, and spaces are as they were; other
        formats have types of their own.
    is_csv
        Whether the file has lines.
    encoding
        Of a CSV file, where it cannot be inferred.
    decimal_comma
        Whether 1,5 in a string is one and a half.
    first_row
        Where the frame's first row stands among the file's, counted from 0.
    delimiter
        What stands between the cells of a CSV file.
    preamble
        What is skipped before the header of a CSV file.
    sheet
        Which sheet of an Excel workbook it is; None for other formats.
    """

    path: Path
    frame: pl.DataFrame
    is_csv: bool = False
    encoding: str | None = None
    decimal_comma: bool = False
    first_row: int = 0
    delimiter: str | None = None
    preamble: Preamble = NO_PREAMBLE
    sheet: str | None = None

    def place(self, row: int, column: str) -> str:
        """Say where a cell stands in the file, for a message.

        Parameters
        ----------
        row
            Of the frame, counted from 0.
        column
            Its name.
        """
        return f"{self.path}: {self._row_in_words(self.first_row + row)}, column {shown(column)}"

    def _row_in_words(self, row: int) -> str:
        if self.is_csv:
            try:
                line = _line_of_row(self, row)
            except BadInputError:
                line = None  # the file has changed since: the row is what is known
            if line is not None:
                return f"line {line}"
        if self.sheet is not None:
            return f"sheet {shown(self.sheet)}, row {row + 1} under the header"
        return f"row {row + 1}"


def _line_of_row(table: RawTable, row: int) -> int | None:
    """Return the line, counted from 1, of a row counted from 0 after the header; None if it is gone.

    Raises
    ------
    BadInputError
        The file cannot be read any more.
    """
    n_before = -1  # the header
    for block in csv_blocks(table.path, table.encoding, n_bytes_before=table.preamble.n_bytes):
        structure = record_structure(block, table.delimiter or ",")
        starts, _ = structure.record_spans()
        starts = starts[~structure.is_blank()]
        if row - n_before < starts.size:
            return structure.block.line(int(starts[row - n_before]))
        n_before += starts.size
    return None


def read_raw_table(path: Path, *, dialect: CsvDialect | None = None, sheet: str | None = None) -> RawTable:
    """Read a table of any format: recognized by its bytes, whatever its name ends with.

    Parameters
    ----------
    path
        The file; CSV may be compressed by gzip, bzip2, xz or Zstandard, JSON lines by gzip or Zstandard.
    dialect
        How it is written if it is CSV; what it leaves open is detected from the file.
    sheet
        Which sheet it is if it is an Excel workbook, by name; None for the first.

    Raises
    ------
    BadInputError
        The file cannot be read, is no table, or has no examples.
    """
    opened = _opened(path, dialect, sheet)
    empty = _without_rows(path, opened)
    if isinstance(opened, CsvFrames):
        table = replace(empty, frame=pl.concat(opened.frames))
    else:
        try:
            table = replace(empty, frame=opened.frame.collect())
        except FAILURES as error:
            raise damaged(path, opened.file_format, error) from None
    if not table.frame.height:
        raise BadInputError(f"{path}: expected rows under the header, got none")
    return table


def _opened(path: Path, dialect: CsvDialect | None, sheet: str | None) -> CsvFrames | TypedFile:
    file_format = recognized_format(path)
    if file_format is FileFormat.CSV:
        return open_csv(path, dialect or CsvDialect())
    return open_typed_file(path, file_format, sheet=sheet)


def _without_rows(path: Path, opened: CsvFrames | TypedFile) -> RawTable:
    """Return what is known of a file beside its rows."""
    if isinstance(opened, TypedFile):
        return RawTable(path, pl.DataFrame(), sheet=opened.sheet)
    return RawTable(
        path,
        pl.DataFrame(),
        is_csv=True,
        encoding=opened.dialect.encoding,
        delimiter=opened.dialect.delimiter,
        decimal_comma=bool(opened.dialect.decimal_comma),
        preamble=opened.preamble,
    )


CELLS_AT_ONCE = 2**22
"""Cells that are read from a Parquet or Feather file together, unless a piece has more."""


@dataclass(frozen=True, slots=True, eq=False)
class RawBatches:
    """A file whose columns are known, and whose rows are read as they are asked for.

    Attributes
    ----------
    names
        Of its columns, in its order.
    n_rows
        How many rows a piece has, but for the last.
    """

    names: tuple[str, ...]
    n_rows: int
    _empty: RawTable
    _source: CsvFrames | TypedFile

    @property
    def path(self) -> Path:
        """The file."""
        return self._empty.path

    @property
    def sheet(self) -> str | None:
        """The sheet of a workbook; None for other formats."""
        return self._empty.sheet

    def pieces(self, columns: Sequence[str] | None = None) -> Iterator[RawTable]:
        """Yield the rows in order; only once.

        Parameters
        ----------
        columns
            Which are wanted, in their order; None for all.

        Raises
        ------
        BadInputError
            What is read is malformed; what came before is yielded first, as far as it filled pieces.
        """
        wanted = list(self.names if columns is None else columns)
        n_before = 0
        for frame in _in_pieces(self._frames(wanted), self.n_rows):
            yield replace(self._empty, frame=frame, first_row=n_before)
            n_before += frame.height

    def _frames(self, wanted: list[str]) -> Iterator[pl.DataFrame]:
        source = self._source
        if isinstance(source, CsvFrames):
            yield from (frame.select(wanted) for frame in source.frames)
        else:
            rows = source.frame.select(wanted)
            yield from _slices(self.path, source.file_format, rows, self.n_rows, len(wanted))


def open_raw_batches(
    path: Path, *, n_rows: int, dialect: CsvDialect | None = None, sheet: str | None = None
) -> RawBatches:
    """Look into a table of any format, to read so many rows of it at a time.

    CSV, also compressed, JSON lines, Parquet and Feather are read as a stream. JSON arrays, workbooks, files
    of NumPy and Arrow streams are read whole, and once.

    Parameters
    ----------
    path
        The file.
    n_rows
        Rows of a piece, at least 1.
    dialect
        How it is written if it is CSV; what it leaves open is detected from the file.
    sheet
        Which sheet it is if it is an Excel workbook, by name; None for the first.

    Raises
    ------
    BadInputError
        The file cannot be read, or is no table. It may have no rows.
    """
    opened = _opened(path, dialect, sheet)
    names = opened.names if isinstance(opened, CsvFrames) else tuple(opened.frame.collect_schema())
    return RawBatches(names, n_rows, _without_rows(path, opened), opened)


def _slices(
    path: Path, file_format: FileFormat, rows: pl.LazyFrame, n_rows: int, n_columns: int
) -> Iterator[pl.DataFrame]:
    """Read slice after slice: Polars' own stream of batches reads far ahead of whoever takes them."""
    n_at_once = max(n_rows, CELLS_AT_ONCE // max(n_columns, 1))
    try:
        n_all = rows.select(pl.len()).collect().item()
        for start in range(0, n_all, n_at_once):
            yield rows.slice(start, n_at_once).collect()
    except FAILURES as error:
        raise damaged(path, file_format, error) from None


def _in_pieces(frames: Iterator[pl.DataFrame], n_rows: int) -> Iterator[pl.DataFrame]:
    """Cut frames of any heights anew, so that all but the last have so many rows."""
    waiting: list[pl.DataFrame] = []
    n_waiting = 0
    for frame in frames:
        start = 0
        while n_waiting + frame.height - start >= n_rows:
            stop = start + n_rows - n_waiting
            yield pl.concat([*waiting, frame[start:stop]])
            waiting, n_waiting, start = [], 0, stop
        if start < frame.height:
            waiting.append(frame[start:])
            n_waiting += frame.height - start
    if waiting:
        yield pl.concat(waiting)
