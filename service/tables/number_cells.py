"""Numbers in cells of text, a column at a time."""

import polars as pl

CODE = r"^\s*0[0-9]+\s*$"
"""What a number never begins with, and a code such as a postal one may."""


def numbers(cells: pl.Series, *, decimal_comma: bool = False) -> pl.Series:
    """Read each cell as a decimal number, Float64 (n,); null where it is none, or is missing.

    Infinities are numbers, `nan` is missing; spaces around a number are no part of it. With a decimal comma,
    points between groups of three digits are none either.
    """
    if cells.dtype.is_numeric() or cells.dtype == pl.Boolean:
        return cells.cast(pl.Float64).fill_nan(None)
    if decimal_comma:
        cells = cells.str.replace_all(r"\.([0-9]{3})\b", "$1").str.replace(",", ".", literal=True)
    read = cells.cast(pl.Float64, strict=False)
    if read.null_count() > cells.null_count():
        left = read.is_null() & cells.is_not_null()
        stripped = cells.filter(left).str.strip_chars().cast(pl.Float64, strict=False)
        if stripped.null_count() < len(stripped):
            read = read.scatter(left.arg_true(), stripped)
    return read.fill_nan(None)
