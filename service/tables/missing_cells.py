"""Words that stand for a missing value in a cell of text."""

import polars as pl

MISSING_WORDS = frozenset(
    {"", "?", "-", ".", "na", "n/a", "#n/a", "<na>", "nan", "-nan", "null", "none", "missing"}
)
"""In small letters; spaces around a word are no part of it."""

MISSING_TARGETS = frozenset({"", "?", "na", "n/a", "#n/a", "<na>", "nan", "-nan", "null"})
"""The same for a target, where a class may well be called `none`."""


def is_missing(cells: pl.Series, words: frozenset[str] = MISSING_WORDS) -> pl.Series:
    """Tell of each cell of text whether it is missing (n,)."""
    return cells.is_null() | cells.str.strip_chars().str.to_lowercase().is_in(list(words))


def faulty_cells(cells: pl.Series, read: pl.Series) -> pl.Series:
    """Return the indices of cells that were not read although they are not missing, ascending.

    Parameters
    ----------
    cells
        As they stand in the table (n,).
    read
        What was made of them (n,); null where nothing was.
    """
    left = (read.is_null() & cells.is_not_null()).arg_true()
    if cells.dtype == pl.String:
        return left.filter(~is_missing(cells.gather(left)))
    return left.filter(~cells.gather(left).is_nan()) if cells.dtype.is_float() else left
