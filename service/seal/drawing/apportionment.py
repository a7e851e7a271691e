"""Sharing a set's places among classes."""

import numpy as np
from numpy.typing import NDArray


def apportion(
    counts: NDArray[np.int64], total: int, *, at_least: int, at_most: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Share `total` places among classes in proportion to their counts (Hamilton's largest remainder).

    A class is due counts · total / Σ counts places and gets that number rounded down, but at least `at_least`
    and at most `at_most`. A place that is left goes to the class farthest below its due; a place too many is
    taken from the class farthest above it; among equals, the first class has the advantage. Where the bounds
    leave no other choice, fewer or more places than `total` are given.

    Parameters
    ----------
    counts
        Rows of each class, shape (n_classes,).
    total
        Places of the set (rows).
    at_least
        Places that each class is to have.
    at_most
        Places that a class may have, shape (n_classes,); `at_least` is the stronger.
    """
    due: NDArray[np.float64] = counts * (total / counts.sum())
    ceiling = np.maximum(at_most, at_least)
    places: NDArray[np.int64] = np.clip(np.floor(due).astype(np.int64), at_least, ceiling)
    while places.sum() < total and np.any(places < ceiling):
        places[np.argmax(np.where(places < ceiling, due - places, -np.inf))] += 1
    while places.sum() > total and np.any(places > at_least):
        above = np.where(places > at_least, places - due, -np.inf)
        places[len(above) - 1 - np.argmax(above[::-1])] -= 1
    return places
