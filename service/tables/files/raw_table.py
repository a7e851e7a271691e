"""A table as its file has it, before anything is made of its columns."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from service.errors import BadInputError
from service.tables.cells import shown
from service.tables.files.csv_blocks import csv_blocks
from service.tables.files.csv_preamble import NO_PREAMBLE, Preamble
from service.tables.files.csv_structure import record_structure


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
        Of a CSV file, where it does not tell it.
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
