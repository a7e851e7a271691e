"""What a table's equal rows are, by the evidence of their features: never by the target."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.seal.hashes.mixing import hash_order
from service.seal.hashes.row_hashes import row_hashes
from service.seal.records.chance_meetings import MOST_ROWS, ChanceMeetings
from service.seal.records.counting import counts_of_equals
from service.seal.records.equal_rows import Meeting
from service.tables.cells import numbers

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


FEW = 0.05
"""Share of rows that meet which is too small to matter: kept together, they move no figure."""

LEAST_BY_CHANCE = 0.5
"""Share of the meetings that chance has to explain, for all of them to be taken as chance."""

LEAST_SINGLE = 0.5
"""Share of the distinct rows that are there once, where copying is the exception."""

_MOST_COPIES, _LARGE, _LARGEST = 10, 0.02, 0.1
"""Equal rows that are more than ten, and a fiftieth of the table, may be common; more than a tenth are."""

_LEAST_OF_COMMON = 0.5
"""Other rows equal to a common one that chance would bring at the least."""

_MOST_LEFT_OUT = 0.75
"""Share of rows that are many times there: up to it, such rows are judged by the others alone."""


class Judgment(NamedTuple):
    """What equal rows are, those of common values aside, and which these are (n_rows,)."""

    meeting: Meeting
    is_common: NDArray[np.bool_]


def judge(
    features: pl.DataFrame, hashes: NDArray[np.uint64], *, decimal_comma: bool, do_few_matter: bool
) -> Judgment:
    """Tell what the equal rows of a table are.

    They are copies where chance does not explain half of the meetings. Where most distinct rows are repeated,
    and nothing is known of their chance, as with a single column of town names, they meet by chance.

    Parameters
    ----------
    features
        The columns that rows are compared in, as they were read.
    hashes
        Of the rows in these columns, shape (n_rows, 2).
    decimal_comma
        Whether numbers are written with one.
    do_few_matter
        Whether a few rows wrongly kept together would do harm.
    """
    counts = counts_of_equals(hashes)
    is_common = np.zeros(len(counts), dtype=np.bool_)
    if not np.any(counts > 1):
        return Judgment(Meeting.NONE, is_common)
    if features.width == 0:
        return Judgment(Meeting.CHANCE, is_common)
    is_large = (counts > _MOST_COPIES) & (counts > _LARGE * len(counts))
    if not is_large.any() and np.count_nonzero(counts > 1) < FEW * len(counts) and not do_few_matter:
        return Judgment(Meeting.FEW, is_common)
    sample = _sampled(hashes)
    sampled = features[sample]
    meetings = ChanceMeetings(
        np.stack([row_hashes(sampled.select(name))[:, 0] for name in sampled.columns], axis=1),
        np.stack([are_fine(cells, decimal_comma=decimal_comma) for cells in sampled], axis=1),
    )
    among = ~is_large[sample] if is_large[sample].mean() < _MOST_LEFT_OUT else None
    for number in np.unique(meetings.number[is_large[sample]]).tolist():
        row = sample[np.argmax(meetings.number == number)]
        chance = meetings.chance_of(number, among=among)
        if counts[row] > _LARGEST * len(counts) or _is_common(chance, len(counts)):
            is_common |= np.all(hashes == hashes[row], axis=1)
    judged = counts[~is_common]
    n_meeting = np.count_nonzero(judged > 1)
    if n_meeting == 0:
        return Judgment(Meeting.CHANCE, is_common)
    if n_meeting < FEW * len(counts) and not do_few_matter:
        return Judgment(Meeting.FEW, is_common)
    are_most_repeated = np.count_nonzero(judged == 1) < LEAST_SINGLE * np.sum(1 / judged)
    share = meetings.share_that_meets(
        np.flatnonzero(~is_common[sample]), n_rows=len(counts), unknown=float(are_most_repeated), seed=0
    )
    by_chance = share >= LEAST_BY_CHANCE * n_meeting / len(judged)
    return Judgment(Meeting.CHANCE if by_chance else Meeting.COPIES, is_common)


def _sampled(hashes: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Return all rows, or some, in an order that their values alone decide."""
    order = hash_order(hashes[:, 0], hashes[:, 1])
    if len(order) <= MOST_ROWS:
        return order
    return order[np.random.default_rng(0).choice(len(order), MOST_ROWS, replace=False)]


def _is_common(chance: float | None, n_rows: int) -> bool:
    return chance is None or chance * n_rows >= _LEAST_OF_COMMON
