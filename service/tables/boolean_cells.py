"""Truth values in cells of text: pairs of words, and nothing else."""

import polars as pl

PAIRS = (("false", "true"), ("no", "yes"), ("n", "y"), ("f", "t"), ("off", "on"), ("0", "1"))
"""The word for false, then the word for true; in small letters."""

_NUMBERS = ("0", "1")


def told_pair(words: set[str]) -> tuple[str, str] | None:
    """Return the pair that a column's distinct words are, numbers aside; None where they are no pair."""
    return next((pair for pair in PAIRS if words == set(pair) and pair != _NUMBERS), None)


def booleans(cells: pl.Series) -> pl.Series:
    """Read each cell as a truth value, Boolean (n,); null where it is none, or is missing."""
    if cells.dtype == pl.Boolean:
        return cells
    if cells.dtype.is_numeric():
        words = cells.cast(pl.Float64).fill_nan(None)
        return pl.select(pl.when(words == 1).then(True).when(words == 0).then(False)).to_series()  # noqa: FBT003
    words = cells.str.strip_chars().str.to_lowercase()
    mapping = {word: value for pair in PAIRS for word, value in zip(pair, (False, True), strict=True)}
    return words.replace_strict(mapping, default=None, return_dtype=pl.Boolean)
