"""The dev set as people know it, to look its errors up: rows of a file, and what stands in their cells."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.seal.splits import Split
from service.tables.column_inference import InferredTable
from service.tables.column_kinds import LEARNED_FROM, ColumnKind
from service.tables.columns import Column, times
from service.tables.table import Table

MOST_EXAMPLES = 20_000
"""Of a larger dev set so many are drawn: cells take memory, and more would show little else."""

MOST_COLUMNS = 200
"""Columns whose cells are kept, the table's first."""


MOST_ID_COLUMNS = 2
"""Columns of ids whose cells are kept, to name rows by."""


@dataclass(frozen=True, slots=True, eq=False)
class DevExamples:
    """Examples of a study's one dev set, all or some drawn by lot.

    Attributes
    ----------
    positions
        Their places among the dev set's examples, from 0, ascending: int64 (n_examples,).
    rows
        Their rows in their file, the first one below the header being 1: int64 (n_examples,).
    file
        Name of that file, or of the built-in table.
    values
        Their cells as values, null where missing (n_examples rows): of columns that are learned from, pixels
        aside, and of a column of times.
    ids
        Their cells as written, null where missing (n_examples rows): of the columns that name a row, or
        its group.
    n_columns_left_out
        Such columns that are not among `values`, as there are too many.
    """

    positions: NDArray[np.int64]
    rows: NDArray[np.int64]
    file: str
    values: pl.DataFrame
    ids: pl.DataFrame
    n_columns_left_out: int

    def __len__(self) -> int:
        """Return their number."""
        return len(self.positions)


def dev_examples(
    table: Table,
    sets: Split,
    told: InferredTable,
    *,
    seed: int,
    most_examples: int = MOST_EXAMPLES,
) -> DevExamples | None:
    """Keep the dev set's cells and rows; None where folds take turns as dev set.

    No cell outside the known examples is read.

    Parameters
    ----------
    table
        With its cells.
    sets
        What it was split into.
    told
        What its columns hold, and the values of the known examples.
    seed
        Source of what is drawn.
    most_examples
        Most examples to keep.
    """
    if len(sets.folds) > 1:
        return None
    dev = sets.folds[0].dev
    positions = np.arange(len(dev))
    if len(dev) > most_examples:
        rng = np.random.default_rng(np.random.SeedSequence([seed, int.from_bytes(b"dev examples")]))
        positions = np.sort(rng.choice(len(dev), most_examples, replace=False))
    known = dev[positions]
    rows = sets.known.rows[known]
    sliced = [column for column, _ in told.columns if _is_sliced(column)]
    named = [
        *[column.name for column, _ in told.columns if column.kind is ColumnKind.ID][:MOST_ID_COLUMNS],
        *[column.name for column, _ in told.columns if column.kind is ColumnKind.GROUP],
    ]
    ids = [table.cells_of(name, sets.known.rows)[known].cast(pl.String) for name in named]
    values = [_values(column, table, sets, told)[known] for column in sliced[:MOST_COLUMNS]]
    return DevExamples(
        positions=positions,
        rows=table.row_in_file[rows] + 1,
        file=table.files[table.file_of_row[rows[0]]].path.name,
        values=pl.DataFrame([_on_its_own(cells) for cells in values]),
        ids=pl.DataFrame([_on_its_own(cells) for cells in ids]),
        n_columns_left_out=len(sliced[MOST_COLUMNS:]),
    )


def _is_sliced(column: Column) -> bool:
    if column.kind is ColumnKind.IMAGE:
        return False
    return column.kind in LEARNED_FROM or column.kind is ColumnKind.TIME


def _values(column: Column, table: Table, sets: Split, told: InferredTable) -> pl.Series:
    """Return a column's values among the known examples (n_known,)."""
    if column.kind is ColumnKind.TIME:
        cells = table.cells_of(column.name, sets.known.rows)
        return times(cells, decimal_comma=table.decimal_comma, written=column.reading)
    return told.values[column.name]


def _on_its_own(cells: pl.Series) -> pl.Series:
    """Return cells that hold on to no others.

    Polars lets a few texts keep alive the memory of all that they were taken from.
    """
    if cells.dtype != pl.String:
        return cells
    return pl.Series(cells.name, cells.to_list(), dtype=pl.String)
