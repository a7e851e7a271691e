"""Values that two independent rows would not share: numbers of many digits, and long texts."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.tables.number_cells import numbers

FEWEST_DIGITS = 7
"""Significant digits of a fine number; prices and measurements are mostly written with fewer."""

_DIGITS_OF_FLOAT32 = 7

FEWEST_LETTERS = 40
"""Of a fine text; names and dates are shorter."""


def are_fine(cells: pl.Series, *, decimal_comma: bool) -> NDArray[np.bool_]:
    """Mark the cells whose value only a copy would have too, shape (n_rows,).

    Parameters
    ----------
    cells
        A column as it was read.
    decimal_comma
        Whether its numbers are written with one.
    """
    if cells.dtype == pl.Float32:
        fewest = FEWEST_DIGITS - 1
        read = cells.cast(pl.Float64).round_sig_figs(_DIGITS_OF_FLOAT32)  # what is beyond stands for nothing
    elif cells.dtype.is_float() or cells.dtype == pl.String:
        fewest = FEWEST_DIGITS
        read = numbers(cells, decimal_comma=decimal_comma)
    else:
        return np.zeros(len(cells), dtype=np.bool_)
    is_fine = (read != read.round_sig_figs(fewest - 1)) & (read != read.floor())
    if cells.dtype == pl.String:
        is_fine = is_fine | (read.is_null() & (cells.str.len_chars() >= FEWEST_LETTERS))
    return is_fine.fill_null(value=False).to_numpy()
