"""Decision trees as plain arrays, and what they predict: each example's bits depend on that example alone."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

N_CODES = 256
"""Places in a node's set of categories: codes that a cell may have, and the last for one that is missing."""

MISSING = N_CODES - 1

EXAMPLES_AT_ONCE = 1024
PATHS_AT_ONCE = 65_536
"""About how many paths, of an example through a tree, are followed at once: they stay in the cache."""


class Trees(NamedTuple):
    """The nodes of any number of trees, one tree after the other.

    Attributes
    ----------
    left, right
        Indices of the node's children, int32 (n_nodes,); a leaf has itself for both.
    feature
        Index of the feature that decides, int32 (n_nodes,).
    threshold
        A number up to it goes left, float64 (n_nodes,).
    missing_left
        Whether a missing cell goes left, bool (n_nodes,).
    category_set
        Row of `categories_left`, int32 (n_nodes,); -1 where a number is compared.
    categories_left
        Which codes go left, a bit each, the least significant first, uint8 (n_sets, N_CODES / 8). Codes that
        were not seen go where the missing ones go.
    value
        What a leaf predicts, float64 (n_nodes,).
    roots
        Each tree's first node, int32 (n_iterations, n_raw): a tree a raw score, in each iteration.
    """

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    missing_left: NDArray[np.bool_]
    category_set: NDArray[np.int32]
    categories_left: NDArray[np.uint8]
    value: NDArray[np.float64]
    roots: NDArray[np.int32]

    @classmethod
    def of_state(cls, state: Mapping[str, NDArray[Any]]) -> Self:
        """Return the trees among the named arrays of a state."""
        return cls(*(state[name] for name in cls._fields))

    @property
    def n_leaves(self) -> int:
        """Leaves of all trees."""
        return int(np.count_nonzero(self.left == np.arange(len(self.left))))


def no_trees(n_raw: int) -> Trees:
    """Return no iterations of n_raw trees."""
    return Trees(
        left=np.empty(0, np.int32),
        right=np.empty(0, np.int32),
        feature=np.empty(0, np.int32),
        threshold=np.empty(0),
        missing_left=np.empty(0, np.bool_),
        category_set=np.empty(0, np.int32),
        categories_left=np.empty((0, N_CODES // 8), np.uint8),
        value=np.empty(0),
        roots=np.empty((0, n_raw), np.int32),
    )


def joined(parts: Sequence[Trees], *, n_raw: int) -> Trees:
    """Return the trees of several parts together.

    Parameters
    ----------
    parts
        Each of whole iterations.
    n_raw
        Trees in an iteration.
    """
    if len(parts) == 1:
        return parts[0]
    parts = (no_trees(n_raw), *parts)
    first_nodes = _starts([len(part.value) for part in parts])
    first_sets = _starts([len(part.categories_left) for part in parts])
    moved = [
        part._replace(
            left=part.left + node,
            right=part.right + node,
            roots=part.roots + node,
            category_set=np.where(part.category_set < 0, part.category_set, part.category_set + first_set),
        )
        for part, node, first_set in zip(parts, first_nodes, first_sets, strict=True)
    ]
    return Trees(*(np.concatenate(arrays) for arrays in zip(*moved, strict=True)))


def add_predictions(trees: Trees, X: NDArray[np.float32], raw: NDArray[np.float64]) -> None:
    """Add what the trees predict to raw scores, one iteration after the other.

    Parameters
    ----------
    trees
        Of whole iterations.
    X
        Numbers, and codes of categories; NaN where a cell is missing (n_examples, n_features).
    raw
        An example a column, overwritten (n_raw, n_examples).
    """
    walk = _Walk(trees)
    for start in range(0, len(X), EXAMPLES_AT_ONCE):
        rows = slice(start, start + EXAMPLES_AT_ONCE)
        for roots in _some_at_once(trees.roots, n_examples=len(X[rows])):
            values = trees.value[walk.leaves(roots.ravel(), X[rows])]
            for iteration in values.reshape(*roots.shape, -1):
                raw[:, rows] += iteration


def _some_at_once(roots: NDArray[np.int32], *, n_examples: int) -> Iterator[NDArray[np.int32]]:
    n_iterations = max(1, PATHS_AT_ONCE // (n_examples * roots.shape[1]))
    return (roots[start : start + n_iterations] for start in range(0, len(roots), n_iterations))


class _Walk:
    """The way of examples through trees, whose arrays are laid out for it."""

    def __init__(self, trees: Trees) -> None:
        self._trees = trees
        self._feature = trees.feature.astype(np.intp)
        self._children = np.stack([trees.right, trees.left], axis=1).astype(np.intp).ravel()
        self._is_inner = trees.left != np.arange(len(trees.left))
        self._goes_left = np.unpackbits(trees.categories_left, axis=1, bitorder="little").astype(np.bool_)

    def leaves(self, roots: NDArray[np.int32], X: NDArray[np.float32]) -> NDArray[np.intp]:
        """Return the leaf that each example comes to in each tree, tree by tree (n_trees * n_examples,)."""
        n_examples, n_features = X.shape
        cells = np.ravel(X)
        nodes = np.repeat(roots.astype(np.intp), n_examples)
        paths = np.flatnonzero(self._is_inner[nodes])
        while len(paths):
            here = nodes[paths]
            x = cells[paths % n_examples * n_features + self._feature[here]]
            there = self._children[2 * here + self._is_left(here, x)]
            nodes[paths] = there
            paths = paths[self._is_inner[there]]
        return nodes

    def _is_left(self, here: NDArray[np.intp], x: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Return whether a cell takes the left way from a node (n_paths,)."""
        trees = self._trees
        is_left: NDArray[np.bool_] = x <= trees.threshold[here]
        is_missing = np.flatnonzero(np.isnan(x))
        is_left[is_missing] = trees.missing_left[here[is_missing]]
        if len(self._goes_left):
            category_set = trees.category_set[here]
            of_category = np.flatnonzero(category_set >= 0)
            code = x[of_category]
            code[~((code >= 0) & (code < MISSING))] = MISSING
            is_left[of_category] = self._goes_left[category_set[of_category], code.astype(np.intp)]
        return is_left


def _starts(lengths: Sequence[int]) -> NDArray[np.int32]:
    """Return where each of several parts begins when they stand one after the other."""
    return np.cumsum([0, *lengths[:-1]]).astype(np.int32)
