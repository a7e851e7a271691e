"""Columns that number or name the rows: a network learns them by heart, and nothing of new examples."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from service.data.checks.column_facts import ColumnFacts
from service.data.checks.warnings.data_warning import Concern, DataWarning, columns_line
from service.data.checks.warnings.known_data import KnownData
from service.tables.column_inference import FEWEST_IDS
from service.tables.column_kinds import ColumnKind
from service.tables.number_cells import numbers

LEAST_DISTINCT_SHARE = 0.9
"""Of the cells with a value; groups of rows have fewer."""

MOST_UNEVEN = 0.1
"""How far the quartiles of row numbers lie from the quarters of their range, as a share of it."""


def id_like(data: KnownData) -> Iterator[DataWarning]:
    """Warn of ids: of those left out, which may say something, and of those learned from, which should not.

    A column of text looks like one where its values are others in nearly every row; a column of numbers where
    they are whole, too, and as even as numbers of rows or drawn ids are: counts and amounts crowd somewhere.
    """
    for column in data.columns:
        if column.kind is ColumnKind.ID and not column.is_said:
            line = columns_line(column.name, _otherwise(column))
            yield DataWarning(
                about=Concern.ID,
                column=column.name,
                sentence=f"is not learned from: {column.reason}",
                remedy=f"if it says something of new examples, {line}",
            )
        elif not column.is_said and _is_id_like(column, data):
            noun = "text" if column.kind is ColumnKind.CATEGORICAL else "whole number"
            yield DataWarning(
                about=Concern.ID,
                column=column.name,
                sentence=f"is learned from, and is another {noun} in nearly every row, as ids are",
                remedy=f"if it names the rows, {columns_line(column.name, ColumnKind.ID)}",
            )


def _otherwise(column: ColumnFacts) -> ColumnKind:
    """Return what an id is where it is none."""
    is_text = numbers(pl.Series(column.values, dtype=pl.String)).has_nulls()
    return ColumnKind.CATEGORICAL if is_text else ColumnKind.NUMERIC


def _is_id_like(column: ColumnFacts, data: KnownData) -> bool:
    n_present = len(data) - column.missing
    if n_present < FEWEST_IDS or column.distinct < LEAST_DISTINCT_SHARE * n_present:
        return False
    if column.kind is ColumnKind.CATEGORICAL:
        return True
    return column.kind is ColumnKind.NUMERIC and _are_even_whole_numbers(data.values[column.name])


def _are_even_whole_numbers(values: pl.Series) -> bool:
    cells = values.drop_nulls()
    if not (cells.is_finite() & (cells == cells.floor())).all():
        return False
    quantiles = np.quantile(cells.to_numpy() / 2, np.linspace(0, 1, 5))  # halves: their range is finite
    shares = (quantiles - quantiles[0]) / (quantiles[-1] - quantiles[0])
    return bool(np.abs(shares - np.linspace(0, 1, 5)).max() <= MOST_UNEVEN)
