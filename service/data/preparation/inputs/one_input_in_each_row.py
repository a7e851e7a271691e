"""Write the inputs of which, in each row, one at most is 1 and the others stay 0."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.data.preparation.inputs.input_block import RowWriter


def writer_of_ones(positions: pl.DataFrame, *, n_inputs: tuple[int, ...]) -> RowWriter:
    """Return what writes, for each column, a 1 at a position of each row.

    Parameters
    ----------
    positions
        Whole numbers from 0, (n_rows, n_columns); null in a row that stays all zeros.
    n_inputs
        Of each column, (n_columns,); they stand one after the other.
    """
    starts = np.cumsum((0, *n_inputs))[:-1].tolist()
    columns = [_column(positions[:, j], start) for j, start in enumerate(starts)]

    def write(rows: slice, inputs: NDArray[np.float32]) -> None:
        counting = np.arange(len(inputs))
        for position, is_there in columns:
            if is_there is None:
                inputs[counting, position[rows]] = 1
            else:
                inputs[counting[is_there[rows]], position[rows][is_there[rows]]] = 1

    return write


def _column(positions: pl.Series, start: int) -> tuple[NDArray[np.int32], NDArray[np.bool_] | None]:
    """Return positions among all inputs, and where they are; None for everywhere."""
    is_there = positions.is_not_null().to_numpy() if positions.null_count() else None
    return positions.cast(pl.Int32).fill_null(0).to_numpy() + np.int32(start), is_there
