"""The average of several networks' predictions, each in the unit in which it is given to people."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def power_of_two_below(n_members: int) -> float:
    """Return 1 / 2^k, the smallest k with 2^k >= n: so many members, each times it, add up to no overflow."""
    return float(0.5 ** (n_members - 1).bit_length())


def average(predictions: Sequence[NDArray[np.floating]]) -> NDArray[np.floating]:
    """Return (1 / n) * sum of the members' predictions, in their type: of one member, its own.

    They are added up in float64 and in their order, an entry at a time: a row's average does not depend on
    its company. Members are scaled by a power of two before and after, which changes no bit but lets the
    largest numbers be added.

    Parameters
    ----------
    predictions
        Of each member, one at least: probabilities (n_examples, n_classes), or numbers in the target's unit
        (n_examples,). Their mean is taken in that unit, also where networks predict logarithms: the metrics
        are measured there, and only there is an average never worse than its members' mean by a convex one.
    """
    first, *others = predictions
    scale = power_of_two_below(len(predictions))
    total = first.astype(np.float64) * scale
    for other in others:
        total += other.astype(np.float64) * scale
    averaged: NDArray[np.floating] = (total / (len(predictions) * scale)).astype(first.dtype, copy=False)
    return averaged
