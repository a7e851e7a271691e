"""Dev examples that a train example resembles in all but little: what the split cannot keep apart."""

from collections.abc import Iterable, Iterator, Sequence
from math import log

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.data.checks.warnings.data_warning import Concern, DataWarning
from service.data.checks.warnings.known_data import KnownData
from service.seal.hashes.mixing import scramble

N_DIGITS = 3
"""Significant digits in which numbers have to agree."""

LEAST_SHARE = 0.02
"""Of the dev examples: fewer move no figure."""

MOST_BY_CHANCE = 1e-3
"""Train examples that agree with a dev example by chance: what agrees more often is no evidence."""

_ROWS_COUNTED = 10_000
"""Rows, evenly spaced, from which we estimate how often two cells of a column agree."""

_TABLE_BITS = 20


def near_duplicates(data: KnownData) -> Iterator[DataWarning]:
    """Warn where at least one dev example in fifty has a train example that is nearly the same.

    Where even equal rows are independent records, nearly equal ones are, too.
    """
    if len(data.folds) > 1 or data.do_rows_agree_by_chance:
        return
    (fold,) = data.folds
    n_near = count_near_duplicates(data.values, fold.train, fold.dev)
    if n_near >= LEAST_SHARE * len(fold.dev):
        yield DataWarning(
            about=Concern.DUPLICATES,
            column=None,
            sentence=(
                f"{n_near:,} of {len(fold.dev):,} dev examples equal a train example in all columns but one"
            ),
            remedy="if they belong to the same person or thing, declare the column that identifies it as"
            ' "group" under [columns]',
        )


def count_near_duplicates(values: pl.DataFrame, train: NDArray[np.int64], dev: NDArray[np.int64]) -> int:
    """Count the dev examples that agree with a train example in all columns but one, or in rounded numbers.

    A row's hash is the sum of its cells' hashes, so that less one of them it is the hash of the other
    columns: time and memory are linear in the rows, and time in the columns. Where the columns compared are
    so few and coarse that rows agree by chance (as if columns were independent), nothing is counted.

    Parameters
    ----------
    values
        The columns' values, as `service.tables.columns.typed_frame` makes them.
    train, dev
        Rows of the two sets.
    """
    chances = [_log_chance(column) for column in values]
    is_near = np.zeros(len(dev), dtype=bool)
    sums = _row_sums(values)
    for place, column in enumerate(values):
        if _is_telling(chances[:place] + chances[place + 1 :], n_train=len(train)):
            hashes = sums - _cell_hashes(column, place)
            is_near |= _is_among(hashes[train], hashes[dev])
    if _is_telling([_log_chance(_rounded(column)) for column in values], n_train=len(train)):
        hashes = _row_sums(_rounded(column) for column in values)
        is_near |= _is_among(hashes[train], hashes[dev])
    return int(is_near.sum())


def _is_telling(chances: Sequence[float], *, n_train: int) -> bool:
    """Tell whether hardly any train example agrees by chance with a row in columns of these chances."""
    return sum(chances) + log(n_train) < log(MOST_BY_CHANCE)


def _log_chance(column: pl.Series) -> float:
    """Return the logarithm of the chance that the cells of two rows agree: log sum(share^2)."""
    sample = column.gather_every(-(-len(column) // _ROWS_COUNTED))
    shares = sample.unique_counts().to_numpy() / len(sample)
    return log(float(np.sum(shares**2)))


def _rounded(column: pl.Series) -> pl.Series:
    return column.round_sig_figs(N_DIGITS) if column.dtype.is_float() else column


def _row_sums(columns: Iterable[pl.Series]) -> NDArray[np.uint64]:
    hashes = (_cell_hashes(column, place) for place, column in enumerate(columns))
    sums = next(hashes)
    for of_column in hashes:
        sums += of_column
    return sums


def _cell_hashes(column: pl.Series, place: int) -> NDArray[np.uint64]:
    """Hash cells, each column in its own way: (n_rows,)."""
    words: NDArray[np.uint64] = column.hash(seed=place).to_numpy(writable=True)
    scramble(words, np.empty_like(words))  # sums of weaker hashes might agree where the cells do not
    return words


def _is_among(train: NDArray[np.uint64], dev: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Tell of each dev row whether a train row has its hash: (n_dev,).

    A table of the dev rows' last bits leaves few train rows to be compared.
    """
    last_bits = np.uint64((1 << _TABLE_BITS) - 1)
    table = np.zeros(1 << _TABLE_BITS, dtype=bool)
    table[dev & last_bits] = True
    return np.isin(dev, train[table[train & last_bits]])
