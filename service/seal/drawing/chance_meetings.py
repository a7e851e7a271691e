"""How many rows of a table would equal another by chance, as draws that know nothing of each other do."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import minimum_spanning_tree

MOST_ROWS = 10_000
"""Rows that shares are counted among: larger tables are judged by so many of theirs."""

_MOST_JUDGED = 200
"""Rows whose chance is worked out; the share that would meet is then known to about 3 points."""

_MOST_COLUMNS = 50
"""Columns of the most values; the others would only make agreement rarer still."""

_FEWEST_COUNTED = 6
"""A value that fewer rows have is as frequent as such values are on average: its own count is luck."""

_FEWEST_TOGETHER = 5
"""Rows with both of two values, for what one says of the other."""


def share_meeting_by_chance(words: NDArray[np.uint64], *, n_rows: int, seed: int) -> float:
    """Estimate the share of rows that would equal another one if all had been drawn independently.

    A row x with probability p(x) is met by another one of n - 1 independent rows with a probability of
    1 - exp(-(n - 1) p(x)); the estimate is the mean over rows. p is a tree of dependences between columns,
    the best one for that row (Chow and Liu):

        p(x) = prod_j p(x_j) * prod_(j, k in tree) p(x_j, x_k) / (p(x_j) p(x_k))

    so that columns that follow from another one, such as an age beside a year of birth or the columns of a
    one-hot code, count once. A column's share is counted among the rows that differ from x in another column:
    a copy of x is no evidence that x is frequent. A value that no such row has makes p(x) 0.

    Parameters
    ----------
    words
        Each cell's hash, equal where values are, shape (n_sampled, n_columns): all rows, or some.
    n_rows
        Rows of the whole table.
    seed
        Source of the rows that are judged; the estimate is the same for the same rows in the same order.

    References
    ----------
    Chow, C. K. and Liu, C. N. (1968). Approximating discrete probability distributions with dependence trees.
    IEEE Transactions on Information Theory 14. Good, I. J. (1953). The population frequencies of species.
    Biometrika 40, for values that are seldom seen.
    """
    cells = _codes(words)
    _, first, cell = np.unique(words.sum(axis=1), return_index=True, return_inverse=True)
    seldom = _shares_of_seldom_values(cells[first])
    rng = np.random.default_rng(seed)
    judged = rng.choice(len(cells), min(len(cells), _MOST_JUDGED), replace=False)
    chances = {
        number: _chance_of(cells[first[number]], cells[cell != number], seldom)
        for number in np.unique(cell[judged]).tolist()
    }
    expected = (n_rows - 1) * np.array([chances[number] for number in cell[judged].tolist()])
    return float(np.mean(-np.expm1(-expected)))


def _codes(words: NDArray[np.uint64]) -> NDArray[np.int32]:
    """Return small numbers for the words, of the columns that have the most values and more than one."""
    columns = [np.unique(column, return_inverse=True)[1] for column in words.T]
    telling = [column for column in columns if column.max(initial=0) > 0]
    telling.sort(key=lambda column: -int(column.max()))
    if not telling:
        return np.zeros((len(words), 1), dtype=np.int32)
    return np.stack(telling[:_MOST_COLUMNS], axis=1).astype(np.int32)


def _shares_of_seldom_values(distinct: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return for each column how large a share of the other distinct rows has a value that few have.

    Parameters
    ----------
    distinct
        Rows that differ from each other (n_distinct, n_columns): what is copied counts once.
    """
    shares = np.zeros(distinct.shape[1])
    for index, column in enumerate(distinct.T):
        n_with_it = np.bincount(column)[column]
        seldom = n_with_it[n_with_it < _FEWEST_COUNTED]
        if len(seldom):
            shares[index] = (seldom.mean() - 1) / max(len(distinct) - 1, 1)
    return shares


def _chance_of(row: NDArray[np.int32], others: NDArray[np.int32], seldom: NDArray[np.float64]) -> float:
    """Return p(row), counted among the rows that differ from it (n_others, n_columns)."""
    n_others = len(others)
    if n_others == 0:
        return 1.0
    agrees = (others == row).astype(np.float32)
    together = agrees.T @ agrees  # whole numbers far below 2**24: exact in float32
    counts = together.diagonal()
    is_counted = counts >= _FEWEST_COUNTED
    differs_there_alone = np.sum(agrees[agrees.sum(axis=1) == len(row) - 1] == 0, axis=0)
    n_compared = np.maximum(n_others - differs_there_alone, 1)
    shares = np.where(is_counted, counts, seldom * n_others) / n_compared
    if not shares.all():
        return 0.0
    tells = is_counted[:, np.newaxis] & is_counted & (together >= _FEWEST_TOGETHER)
    gain = np.zeros(together.shape)
    independent = np.maximum(np.outer(counts, counts), 1) / n_others
    np.log(together / independent, out=gain, where=tells)
    gains = np.triu(np.maximum(gain, 0.0), k=1)  # 0 is no edge
    return float(np.exp(np.log(shares).sum() - minimum_spanning_tree(-gains).sum()))
