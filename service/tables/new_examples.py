"""New examples in a file of any format: the columns found by name in any order, read piece by piece."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from search_spaces.nearest_word import nearest_word
from service.errors import BadInputError
from service.tables.cells import shown
from service.tables.columns import Column
from service.tables.files.raw_table import RawBatches, RawTable, open_raw_batches
from service.tables.header import listed

ROWS_AT_ONCE = 32_768
"""Examples in memory at once."""


@dataclass(frozen=True, slots=True, eq=False)
class NewExamples:
    """A file whose header has been read, and has all that is wanted.

    Attributes
    ----------
    columns
        Those that are read.
    absent
        Names of those that the file does not have, whose cells are all missing.
    kept
        Names of the file's columns that are kept beside the predictions.
    """

    columns: tuple[Column, ...]
    absent: tuple[str, ...]
    kept: tuple[str, ...]
    _batches: RawBatches

    @property
    def path(self) -> Path:
        """The file."""
        return self._batches.path

    @property
    def extra_names(self) -> tuple[str, ...]:
        """Names of the columns that nobody reads."""
        wanted = {*(column.source for column in self.columns), *self.kept}
        return tuple(name for name in self._batches.names if name not in wanted)

    def pieces(self) -> Iterator[RawTable]:
        """Yield some rows after others, with the columns that are read and those that are kept; only once.

        Raises
        ------
        BadInputError
            The file is malformed; with its line where it has lines.
        """
        read = [column.source for column in self.columns if column.source not in self.absent]
        missing = [pl.lit(None, pl.String).alias(name) for name in self.absent]
        for piece in self._batches.pieces(list(dict.fromkeys([*read, *self.kept]))):
            yield replace(piece, frame=piece.frame.with_columns(missing))


def open_examples(
    path: Path,
    columns: Sequence[Column],
    *,
    keep: Sequence[str] = (),
    allow_missing: bool = False,
    sheet: str | None = None,
) -> NewExamples:
    """Read a file's header, and find the columns in it.

    Parameters
    ----------
    path
        A file of any format that tables have; of any size.
    columns
        What is to be read.
    keep
        Names of columns to be kept beside the predictions, in their order.
    allow_missing
        Whether the file may lack some of the columns: their cells are then missing ones.
    sheet
        Which sheet of an Excel workbook is read, by name; None for the first.

    Raises
    ------
    BadInputError
        The file cannot be read or is empty, has no such sheet, or lacks a column (all, if it may lack some).
    """
    batches = open_raw_batches(path, n_rows=ROWS_AT_ONCE, sheet=sheet)
    if sheet is not None and batches.sheet is None:
        raise BadInputError(f"--sheet: expected an Excel workbook with sheet {shown(sheet)} ({path})")
    present = set(batches.names)
    wanted = dict.fromkeys(column.source for column in columns)
    missing = tuple(name for name in wanted if name not in present)
    if missing and (not allow_missing or len(missing) == len(columns)):
        way_out = "" if allow_missing else "; --missing-columns allow predicts without them"
        raise BadInputError(
            f"{len(missing)} of {len(columns)} columns are missing: {listed(missing)}"
            f"{_hint(missing, batches.names, columns)}{way_out} ({path})"
        )
    for name in keep:
        if name not in present:
            raise BadInputError(f"--keep: no column {shown(name)}; {_columns(name, batches)} ({path})")
    return NewExamples(tuple(columns), missing, tuple(dict.fromkeys(keep)), batches)


def _columns(wanted: str, batches: RawBatches) -> str:
    """Say which column may be meant, or which there are."""
    nearest = nearest_word(wanted, batches.names)
    return f"did you mean {shown(nearest)}?" if nearest else f"the columns are {listed(batches.names)}"


def _hint(missing: tuple[str, ...], names: tuple[str, ...], columns: Sequence[Column]) -> str:
    """Say what the first of the missing may be called instead, or that the file may have other delimiters."""
    if len(names) == 1:
        return f"; the file has one column, {shown(names[0])}: does it use another delimiter?"
    nearest = nearest_word(missing[0], set(names) - {column.source for column in columns})
    return f"; is {shown(missing[0])} called {shown(nearest)} here?" if nearest else ""
