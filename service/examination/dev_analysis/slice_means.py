"""How each slice of the dev set compares with all other examples, and how certain that is."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.examination.dev_analysis.example_losses import ExampleLosses
from service.examination.dev_analysis.groupings import FEWEST_EXAMPLES, Grouping


class SliceMeans(NamedTuple):
    """The slices that have examples enough, in their groupings' order; (n_slices,) each.

    Attributes
    ----------
    grouping, group
        Which slice it is: index of its grouping, and of its group there.
    n
        Number of its examples.
    mean, others
        Mean loss of its examples, and of all others.
    standard_error
        Of the difference of the two.
    share, excess
        Share of the whole loss that is its examples' (fraction), and the part of it that would not be if its
        mean were that of the others.
    """

    grouping: NDArray[np.int64]
    group: NDArray[np.int64]
    n: NDArray[np.int64]
    mean: NDArray[np.float64]
    others: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    share: NDArray[np.float64]
    excess: NDArray[np.float64]


def slice_means(groupings: Sequence[Grouping], examples: ExampleLosses) -> SliceMeans:
    """Compare each slice with all other examples.

    The squared standard error of the difference is the larger of two: Welch's, s1² / n1 + s2² / n2 from the
    variances of slice and others, and the pooled one, s² (1 / n1 + 1 / n2) from that of all examples. Of ten
    examples that are all wrong the first takes too little account of chance, and of a few costly ones among
    many cheap ones the second. Where examples weigh unequally, n is (sum w)² / sum w² (Kish).

    Parameters
    ----------
    groupings
        What to slice by.
    examples
        What each example costs.

    References
    ----------
    B. L. Welch, 1938, "The significance of the difference between two means when the population variances are
    unequal". L. Kish, 1965, "Survey sampling".
    """
    weights = examples.weights
    largest = float(examples.losses.max()) or 1.0
    losses = examples.losses / largest  # the squares of very large ones would be infinite
    summands = _summands(losses, weights)
    which, sums = [np.empty((0, 2), dtype=np.int64)], [np.empty((0, len(summands)))]
    for index, grouping in enumerate(groupings):
        n_groups = len(grouping.slices)
        which.append(np.column_stack([np.full(n_groups, index), np.arange(n_groups)]))
        of_group = grouping.groups + 1  # what is in no group is counted at 0
        counted = [np.bincount(of_group, each, minlength=n_groups + 1)[1:] for each in summands]
        sums.append(np.column_stack(counted))
    all_sums, whole = np.concatenate(sums), np.array([each.sum() for each in summands])
    is_large = np.minimum(all_sums[:, 0], len(losses) - all_sums[:, 0]) >= FEWEST_EXAMPLES
    grouping_of, group_of = np.concatenate(which)[is_large].T
    inside = all_sums[is_large].T
    own, others = _Side(*inside), _Side(*(whole[:, np.newaxis] - inside))
    welch = own.variance / own.n_effective + others.variance / others.n_effective
    pooled = _Side(*whole).variance * (1 / own.n_effective + 1 / others.n_effective)
    whole_loss = float(np.sum(weights * losses)) or 1.0
    return SliceMeans(
        grouping=grouping_of,
        group=group_of,
        n=own.n.astype(np.int64),
        mean=largest * own.mean,
        others=largest * others.mean,
        standard_error=largest * np.sqrt(np.maximum(welch, pooled)),
        share=own.weight * own.mean / whole_loss,
        excess=own.weight * (own.mean - others.mean) / whole_loss,
    )


class _Side(NamedTuple):
    """Sums over the examples of each slice, or over all others; nothing is below 0 for rounding.

    Deviations are from the mean of all examples, so that their squares keep their digits.
    """

    n: NDArray[np.float64]
    weight: NDArray[np.float64]
    squared_weight: NDArray[np.float64]
    loss: NDArray[np.float64]
    deviation: NDArray[np.float64]
    squared_deviation: NDArray[np.float64]

    @property
    def mean(self) -> NDArray[np.float64]:
        return np.maximum(self.loss, 0) / self.weight

    @property
    def variance(self) -> NDArray[np.float64]:
        """Of one example's loss."""
        spread = self.squared_deviation / self.weight - (self.deviation / self.weight) ** 2
        return np.maximum(spread, 0) * self.n / np.maximum(self.n - 1, 1)

    @property
    def n_effective(self) -> NDArray[np.float64]:
        """The number of equally weighted examples whose mean would be as certain."""
        return self.weight**2 / self.squared_weight


def _summands(losses: NDArray[np.float64], weights: NDArray[np.float64]) -> _Side:
    """Return what an example adds to each of a side's sums (n_examples,)."""
    deviations = losses - float(np.sum(weights * losses) / np.sum(weights))
    return _Side(
        n=np.ones(len(losses)),
        weight=weights,
        squared_weight=weights**2,
        loss=weights * losses,
        deviation=weights * deviations,
        squared_deviation=weights * deviations**2,
    )
