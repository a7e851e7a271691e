"""How often rows are there: equal rows by their hashes, and tables that are repeated as a whole."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc

from service.seal.hashes.mixing import hash_order

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
