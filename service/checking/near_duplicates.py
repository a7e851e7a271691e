"""Dev examples that a train example resembles in all but little: what the split cannot keep apart."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.seal.row_hashes import row_hashes

N_DIGITS = 3
"""Significant digits in which numbers have to agree."""


def near_duplicates(values: pl.DataFrame, train: NDArray[np.int64], dev: NDArray[np.int64]) -> int:
    """Count the dev examples that agree with a train example in all columns but one, or in rounded numbers.

    Linear in the rows: for each column left out, rows are compared by a hash of the others. With fewer than
    three columns nothing is counted, as much agrees by chance.

    Parameters
    ----------
    values
        The columns' values, as `service.tables.columns.typed_frame` makes them.
    train, dev
        Rows of the two sets.
    """
    if values.width < 3:
        return 0
    words = [row_hashes(values.select(name)) for name in values.columns]
    all_columns = np.sum(words, axis=0, dtype=np.uint64)
    is_near = np.zeros(len(dev), dtype=bool)
    for of_column in words:
        is_near |= _are_among(all_columns - of_column, train, dev)
    rounded = values.with_columns(
        pl.col(name).round_sig_figs(N_DIGITS) for name, dtype in values.schema.items() if dtype.is_float()
    )
    is_near |= _are_among(row_hashes(rounded), train, dev)
    return int(is_near.sum())


def _are_among(
    hashes: NDArray[np.uint64], train: NDArray[np.int64], dev: NDArray[np.int64]
) -> NDArray[np.bool_]:
    mixed = hashes[:, 0] ^ (hashes[:, 1] << np.uint64(1))
    return np.isin(mixed[dev], mixed[train])
