"""In which slices of the dev set the loss lies, and in which it is higher beyond chance."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from service.winner.examination.dev_analysis.example_losses import ExampleLosses
from service.winner.examination.dev_analysis.groupings import Grouping
from service.winner.examination.dev_analysis.slice_means import SliceMeans, slice_means
from service.winner.examination.dev_analysis.values import Slice

MOST_SLICES = 10
"""Slices that are told of."""

LEVEL = 0.05
"""Share of studies in which a slice may be called clear that is no worse than the rest (fraction)."""


class Slices(NamedTuple):
    """The slices to tell of, and how many were looked at."""

    worst: tuple[Slice, ...]
    n_looked_at: int


def worst_slices(groupings: Sequence[Grouping], examples: ExampleLosses) -> Slices:
    """Return the slices that are worse than the rest of the dev set: clear ones first, by their excess loss.

    A slice is clear where (mean - mean of the others) / standard error is beyond what chance would give one
    in twenty studies among as many slices: one-sided, by Holm's procedure. It is a normal variable or, where
    examples came as one, one of Student's with the degrees of freedom that `slice_means` has. Slices that are
    the same examples are told of once, by the first of their columns.

    Parameters
    ----------
    groupings
        What to slice by.
    examples
        What each example costs.

    References
    ----------
    S. Holm, 1979, "A simple sequentially rejective multiple test procedure".
    """
    found = slice_means(groupings, examples)
    difference, error = found.mean - found.others, found.standard_error
    z = np.divide(difference, error, out=np.zeros_like(difference), where=error > 0)
    is_clear = _rejected(stdtr(found.degrees, -z))
    told: dict[bytes, Slice] = {}
    for index in np.lexsort((-found.excess, ~is_clear)):
        if found.excess[index] <= 0 or len(told) == MOST_SLICES:
            break
        grouping = groupings[found.grouping[index]]
        members = (grouping.groups == found.group[index]).tobytes()
        if members not in told:
            told[members] = _slice(found, index, grouping, is_clear=bool(is_clear[index]))
    return Slices(tuple(told.values()), len(found.n))


def _slice(found: SliceMeans, index: np.int64, grouping: Grouping, *, is_clear: bool) -> Slice:
    kind, words = grouping.slices[found.group[index]]
    return Slice(
        column=grouping.column,
        kind=kind,
        values=words,
        n_examples=int(found.n[index]),
        mean_loss=float(found.mean[index]),
        others_mean_loss=float(found.others[index]),
        standard_error=float(found.standard_error[index]),
        share_of_loss=float(found.share[index]),
        is_clear=is_clear,
    )


def _rejected(p: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which of some hypotheses Holm's procedure rejects, by their p-values (n,)."""
    order = np.argsort(p, kind="stable")
    is_low = p[order] <= LEVEL / np.arange(len(p), 0, -1)
    rejected = np.zeros(len(p), dtype=bool)
    rejected[order] = np.logical_and.accumulate(is_low)
    return rejected
