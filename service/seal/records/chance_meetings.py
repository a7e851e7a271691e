"""Whether rows would be equal by chance, as draws that know nothing of each other are now and then."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import minimum_spanning_tree

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
