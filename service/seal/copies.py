"""What a table's equal rows are, by the evidence of their features: never by the target.

Counts of equal rows, and whole tables that are repeated, are found by hashes. Whether rows would be equal by
chance is estimated, as draws that know nothing of each other are equal now and then.
"""

from functools import cached_property
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import bdtrc

from service.seal.hashes import hash_order, row_hashes
from service.seal.split_decisions import Meeting
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


_LEAST_IN_ONE_MULTIPLE, _HIGHEST_TRIED = 0.75, 20
"""A table is several copies of another, and perhaps some rows more, where most counts of equal rows are
multiples of one number: one up to 20, or one of the counts, or what divides them all."""

_BY_LUCK = 1e-3
"""Of a number k one count in k is a multiple: chance of so many multiples that is luck no more."""


def counts_of_equals(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return how many rows each row equals, itself among them, shape (n_rows,)."""
    counts = np.ones(len(hashes), dtype=np.int64)
    rows = _sharing_a_word(hashes)
    if len(rows) == 0:
        return counts
    in_order = rows[hash_order(hashes[rows, 0], hashes[rows, 1])]
    lengths = lengths_of_runs(hashes[in_order])
    counts[in_order] = np.repeat(lengths, lengths)
    return counts


def lengths_of_runs(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return how many equal rows follow each other, run by run, shape (n_runs,), of rows in order."""
    is_other = np.any(hashes[1:] != hashes[:-1], axis=1)
    return np.diff(np.concatenate([[0], np.flatnonzero(is_other) + 1, [len(hashes)]]))


def _sharing_a_word(hashes: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Return the rows whose first word another row has: mostly none, which is seen without sorting rows."""
    words = np.ascontiguousarray(hashes[:, 0])
    in_order = np.sort(words)
    shared = np.unique(in_order[1:][in_order[1:] == in_order[:-1]])
    if len(shared) == 0:
        return np.empty(0, dtype=np.intp)
    places = np.searchsorted(shared, words)
    return np.flatnonzero(shared[np.minimum(places, len(shared) - 1)] == words)


def multiple_of(records: NDArray[np.uint64]) -> int:
    """Return how often most records are there: the largest number that most counts are multiples of, or 1.

    Parameters
    ----------
    records
        Hashes of the rows, the target included, shape (n_rows, 2).
    """
    _, counts = np.unique(records[:, 0], return_counts=True)
    highest = int(
        np.quantile(counts, 1 - _LEAST_IN_ONE_MULTIPLE, method="higher")
    )  # most counts are no smaller
    tried = {*range(2, _HIGHEST_TRIED + 1), *np.unique(counts).tolist(), int(np.gcd.reduce(counts))}
    for k in sorted((k for k in tried if 1 < k <= highest), reverse=True):
        n_multiples = np.count_nonzero(counts % k == 0)
        if n_multiples < _LEAST_IN_ONE_MULTIPLE * len(counts):
            continue
        if bdtrc(n_multiples - 1, len(counts), 1 / k) <= _BY_LUCK:  # binomial: so many, or more
            return int(k)
    return 1


MOST_ROWS = 10_000
"""Rows that shares are counted among: larger tables are judged by so many of theirs."""

_MOST_JUDGED = 200
"""Rows whose chance is worked out; the share that would meet is then known to about 4 points."""

_MOST_IN_TREE = 50
"""Columns of the tree, those in which rows agree the least; each other one hangs on one of them."""

_FEWEST_COUNTED = 6
"""A value that fewer rows have is as frequent as such values are on average: its own count is luck."""

_FEWEST_TOGETHER = 5
"""Fewest rows with both of two values, to learn about one from the other."""


class ChanceMeetings:
    """How probable rows are, by the other rows of their table.

    A row x with probability p(x) is met by another one of n - 1 independent rows with a probability of
    1 - exp(-(n - 1) p(x)). p is a tree of dependences between columns, the best one for that row (Chow, Liu):

        p(x) = prod_j p(x_j) * prod_(j, k in tree) p(x_j, x_k) / (p(x_j) p(x_k))

    so that columns that follow from another one, such as an age beside a year of birth or the columns of a
    one-hot code, count once. A column's share is counted among the rows that differ from x in another column:
    a copy of x is no evidence that x is frequent. Neither order, of rows or of columns, matters.

    Parameters
    ----------
    words
        Each cell's hash, equal where values are, shape (n_sampled, n_columns): all rows, or some.
    is_fine
        Which values no other draw would hit, such as numbers of many digits; of the same shape.

    References
    ----------
    Chow, C. K. and Liu, C. N. (1968). Approximating discrete probability distributions with dependence trees.
    IEEE Transactions on Information Theory 14. Good, I. J. (1953). The population frequencies of species.
    Biometrika 40, for values that are seldom seen.
    """

    def __init__(self, words: NDArray[np.uint64], is_fine: NDArray[np.bool_]) -> None:
        columns = [np.unique(column, return_inverse=True, return_counts=True)[1:] for column in words.T]
        agreement = [float(np.sum((counts / len(words)) ** 2)) for _, counts in columns]
        names = words.min(axis=0, initial=np.iinfo(np.uint64).max).tolist()
        order = sorted(range(len(columns)), key=lambda index: (agreement[index], names[index]))
        codes = [columns[index][0] for index in order]
        self._cells = (
            np.stack(codes, axis=1).astype(np.int32) if codes else np.zeros((len(words), 1), np.int32)
        )
        self._is_fine = is_fine[:, order] if order else np.zeros((len(words), 1), dtype=np.bool_)
        _, self._first, self.number = np.unique(words.sum(axis=1), return_index=True, return_inverse=True)

    def share_that_meets(self, judged: NDArray[np.intp], *, n_rows: int, unknown: float, seed: int) -> float:
        """Estimate the share of rows that would equal another one if all had been drawn independently.

        Parameters
        ----------
        judged
            Rows of the sample that it is the share of; of many, some are drawn.
        n_rows
            Rows of the whole table.
        unknown
            What counts for a row of whose chance nothing is known: 0 or 1.
        seed
            Source of what is drawn.
        """
        if len(judged) > _MOST_JUDGED:
            judged = np.random.default_rng(seed).choice(judged, _MOST_JUDGED, replace=False)
        numbers, places = np.unique(self.number[judged], return_inverse=True)
        meets = np.array([self._meets(number, n_rows, unknown) for number in numbers.tolist()])
        return float(np.mean(meets[places]))

    def _meets(self, number: int, n_rows: int, unknown: float) -> float:
        chance = self.chance_of(number)
        return unknown if chance is None else -float(np.expm1(-(n_rows - 1) * chance))

    def chance_of(self, number: int, *, among: NDArray[np.bool_] | None = None) -> float | None:
        """Return p(x) of a distinct row, by its number; None where nothing is known of it.

        It is 0 where a fine value of it is in no other row. Of another value that no other row has nothing is
        known: it may be frequent and come with the others of x alone.

        Parameters
        ----------
        number
            Of the row, as in `number`.
        among
            The rows of the sample that shares are counted among (n_sampled,); None for all.
        """
        from scipy.sparse.csgraph import minimum_spanning_tree  # noqa: PLC0415 (slow, and few tables need it)

        is_other = self.number != number
        row, others = (
            self._cells[self._first[number]],
            self._cells[is_other if among is None else is_other & among],
        )
        n_others = len(others)
        if n_others == 0:
            return None
        agrees = (others == row).astype(np.float32)
        together = agrees[:, :_MOST_IN_TREE].T @ agrees  # whole numbers far below 2**24: exact in float32
        counts = agrees.sum(axis=0)
        is_counted = counts >= _FEWEST_COUNTED
        differs_there_alone = np.sum(agrees[agrees.sum(axis=1) == len(row) - 1] == 0, axis=0)
        n_compared = np.maximum(n_others - differs_there_alone, 1)
        shares = np.where(is_counted, counts, self._seldom * n_others) / n_compared
        if not shares.all():
            return 0.0 if np.any(self._is_fine[self._first[number]] & (shares == 0)) else None
        tells = is_counted[:_MOST_IN_TREE, np.newaxis] & is_counted & (together >= _FEWEST_TOGETHER)
        independent = np.maximum(np.outer(counts[:_MOST_IN_TREE], counts), 1) / n_others
        gains = np.zeros(together.shape)
        np.log(together / independent, out=gains, where=tells)
        gains = np.maximum(gains, 0.0)
        tree = -minimum_spanning_tree(-np.triu(gains[:, :_MOST_IN_TREE], k=1)).sum()  # 0 is no edge
        hanging = gains[:, _MOST_IN_TREE:].max(axis=0).sum()
        return min(1.0, float(np.exp(np.log(shares).sum() + tree + hanging)))

    @cached_property
    def _seldom(self) -> NDArray[np.float64]:
        """For each column, how large a share of the other distinct rows has a value that few have."""
        distinct = self._cells[self._first]  # what is copied counts once
        shares = np.zeros(distinct.shape[1])
        for index, column in enumerate(distinct.T):
            n_with_it = np.bincount(column)[column]
            seldom = n_with_it[n_with_it < _FEWEST_COUNTED]
            if len(seldom):
                shares[index] = (seldom.mean() - 1) / max(len(distinct) - 1, 1)
        return shares
