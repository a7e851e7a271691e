"""The categories of a column, counted."""

from typing import NamedTuple

import polars as pl


class Categories(NamedTuple):
    """What a categorical column holds.

    Attributes
    ----------
    names
        Each category once, in no particular order.
    counts
        Rows of each.
    n_missing
        Rows without any.
    """

    names: pl.Series
    counts: pl.Series
    n_missing: int


def count_categories(frame: pl.DataFrame, column: str) -> Categories:
    """Count rows by category."""
    cells = frame.select(name=pl.col(column))
    counted = cells.drop_nulls().group_by("name").len("count")
    return Categories(counted["name"], counted["count"], cells["name"].null_count())
