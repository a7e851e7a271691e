"""Which train examples a part of the train set has: orders of all of them, whose beginnings are the parts."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def drawn_order(
    n_examples: int,
    *,
    labels: NDArray[np.integer] | None,
    groups: NDArray[np.intp] | None,
    seed: int,
) -> NDArray[np.intp]:
    """Return an order of the train examples; smaller parts are nested in larger ones, as beginnings of it.

    In classification the classes have about the shares in each part that they have among all, and each has an
    example before any has its second. With groups, whole groups follow
    each other, the classes as they come: of more data there would be more groups, not more of each. Rows
    with times are drawn from the whole time, as if fewer had been taken down in it: the dev set is then as
    far from each part as from all, and what a longer history would bring is not what is told.

    Parameters
    ----------
    n_examples
        Train examples.
    labels
        Their classes (n_examples,); None in regression.
    groups
        Numbers of their groups (n_examples,); None where there are none.
    seed
        Source of the order.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(n_examples)
    if groups is not None:
        _, group = np.unique(groups, return_inverse=True)
        place = rng.permutation(group.max(initial=-1) + 1)
        return drawn[np.argsort(place[group[drawn]], kind="stable")]
    if labels is None:
        return drawn
    return drawn[np.argsort(_quantiles(labels[drawn]), kind="stable")]


def beginning(order: NDArray[np.intp], n: int, *, groups: NDArray[np.intp] | None) -> NDArray[np.intp]:
    """Return the first n examples of an order, ascending; of groups whole ones, to as near to n as can be.

    Parameters
    ----------
    order
        As `drawn_order` gives it.
    n
        Examples wanted, at least 1.
    groups
        As for `drawn_order`.
    """
    if groups is not None:
        ordered = groups[order]
        ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, len(order))
        n = int(ends[np.abs(ends - n).argmin()])
    return np.sort(order[:n])


def _quantiles(labels: NDArray[Any]) -> NDArray[np.float64]:
    """Return for each example which share of its class comes before it."""
    _, classes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    by_class = np.argsort(classes, kind="stable")
    starts = np.cumsum(counts) - counts
    rank = np.empty(len(labels), dtype=np.int64)
    rank[by_class] = np.arange(len(labels)) - starts[classes[by_class]]
    quantiles: NDArray[np.float64] = rank / counts[classes]
    return quantiles
