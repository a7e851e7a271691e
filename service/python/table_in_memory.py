"""A table that no file holds: features and target as somebody has them in Python."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.tables.column_kinds import ColumnKind
from service.tables.files.raw_table import RawTable
from service.tables.said_column import SaidColumn, said_by_name
from service.tables.table import Table
from workers.train_dev_data import Task

NAME = "data in memory"
"""The name used instead of a file's."""


def table_of(
    features: pl.DataFrame,
    y: NDArray[np.int64] | NDArray[np.float64],
    *,
    class_names: tuple[str, ...],
    said: Mapping[str, SaidColumn],
) -> Table:
    """Put features and target into one table, as a file would have them.

    Columns that are numbers already are read as numbers, also where they count the rows: who hands over a
    column of numbers to learn from wants it learned from. What text holds is told by the known examples.

    Parameters
    ----------
    features
        Their cells (n_examples rows).
    y
        Class indices, or numbers (n_examples,); none is missing.
    class_names
        Name of each class index; empty in regression.
    said
        What columns hold, by name or pattern; it goes before what a column's type tells.

    Raises
    ------
    BadInputError
        A declaration fits no column.
    """
    names = features.columns
    target_name = _free_name("target", names)
    typed = {
        name: SaidColumn(kind=ColumnKind.NUMERIC)
        for name, dtype in features.schema.items()
        if dtype.is_numeric()
    }
    return Table(
        name=NAME,
        frame=features.with_columns(pl.Series(target_name, y)),
        target_name=target_name,
        y=y,
        class_names=class_names,
        task=Task.CLASSIFICATION if class_names else Task.REGRESSION,
        said=typed | said_by_name(said, names, target=target_name, file=NAME),
        decimal_comma=False,
        files=(RawTable(Path(NAME), features.clear()),),
        file_of_row=np.zeros(len(y), dtype=np.int64),
        row_in_file=np.arange(len(y)),
    )


def _free_name(name: str, taken: list[str]) -> str:
    """Return a name that no column has: this one, or as many underscores after it as it takes."""
    while name in taken:
        name += "_"
    return name
