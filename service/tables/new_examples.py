"""New examples in a file of any format: the columns found by name in any order, read piece by piece."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from search_spaces.nearest_word import nearest_word
from service.errors import BadInputError
from service.tables.columns import Column
from service.tables.csv_cells import shown
from service.tables.csv_header import listed
from service.tables.files.raw_batches import RawBatches, open_raw_batches
from service.tables.files.raw_table import RawTable

ROWS_AT_ONCE = 32_768
"""Examples in memory at once."""


@dataclass(frozen=True, slots=True, eq=False)
class NewExamples:
    """A file whose header has been read, and has all that is wanted.

    Attributes
    ----------
    columns
        Those that are read.
    """

    columns: tuple[Column, ...]
    _batches: RawBatches

    @property
    def path(self) -> Path:
        """The file."""
        return self._batches.path

    @property
    def extra_names(self) -> tuple[str, ...]:
        """Names of the columns that nobody reads."""
        wanted = {column.name for column in self.columns}
        return tuple(name for name in self._batches.names if name not in wanted)

    def pieces(self) -> Iterator[RawTable]:
        """Yield some rows after others, with the wanted columns alone; only once.

        Raises
        ------
        BadInputError
            The file is malformed; with its line where it has lines.
        """
        return self._batches.pieces([column.name for column in self.columns])


def open_examples(path: Path, columns: Sequence[Column]) -> NewExamples:
    """Read a file's header, and find the columns in it.

    Parameters
    ----------
    path
        A file of any format that tables have; of any size.
    columns
        What is to be read.

    Raises
    ------
    BadInputError
        The file cannot be read or is empty, or a column is missing from its header.
    """
    batches = open_raw_batches(path, n_rows=ROWS_AT_ONCE)
    present = set(batches.names)
    missing = tuple(column.name for column in columns if column.name not in present)
    if missing:
        raise BadInputError(
            f"{len(missing)} of {len(columns)} columns are missing: {listed(missing)}"
            f"{_hint(missing, batches.names, columns)} ({path})"
        )
    return NewExamples(tuple(columns), batches)


def _hint(missing: tuple[str, ...], names: tuple[str, ...], columns: Sequence[Column]) -> str:
    """Say what the first of the missing may be called instead, or that the file may have other delimiters."""
    if len(names) == 1:
        return f"; found one column, {shown(names[0])}: is it delimited otherwise?"
    nearest = nearest_word(missing[0], set(names) - {column.name for column in columns})
    return f"; is {shown(missing[0])} the column {shown(nearest)}?" if nearest else ""
