"""In which slices of the dev set the loss lies, and in which it is higher beyond chance.

Examples are sliced by their class, and by the values of a column.
"""

from collections.abc import Callable, Iterator, Sequence
from math import ceil
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import stdtr

from service.uncertainty.hypothesis_tests import rejected
from service.winner.examination.dev_analysis.predicted_examples import (
    ExampleLosses,
    PredictedClasses,
    date_texts,
    number_texts,
    shortened,
)
from service.winner.examination.dev_analysis.values import Slice, SliceKind

FEWEST_EXAMPLES = 10
"""Fewest examples in a slice, and outside of it: the mean of fewer is too uncertain."""

FEWEST_OF_A_VALUE = 20
"""Examples that a value needs to be looked at, or `LEAST_SHARE_OF_A_VALUE` of all where that is fewer."""

LEAST_SHARE_OF_A_VALUE = 0.02
MOST_VALUES = 50
"""Values of a column that are looked at, the most frequent: each is one more chance of a false alarm."""

MOST_DISTINCT_NUMBERS = 10
"""A column of more different numbers or dates is looked at in quarters."""


class Grouping(NamedTuple):
    """A division of examples into groups, each a slice; some examples may be in none.

    Attributes
    ----------
    column
        What they are divided by.
    groups
        Index of each example's group, -1 for none: int64 (n_examples,).
    slices
        Kind and words of each group.
    """

    column: str
    groups: NDArray[np.int64]
    slices: tuple[tuple[SliceKind, str], ...]


def by_class(predicted: PredictedClasses, target: str) -> Grouping:
    """Group examples by their class: the frequent ones."""
    counts = np.bincount(predicted.y, minlength=len(predicted.class_names))
    by_frequency = np.argsort(-counts, kind="stable")[:MOST_VALUES]
    classes = np.sort(by_frequency[counts[by_frequency] >= _fewest_of_a_value(len(predicted.y))])
    group_of_class = np.full(len(counts), -1)
    group_of_class[classes] = np.arange(len(classes))
    slices = tuple((SliceKind.CLASS, shortened(predicted.class_names[each])) for each in classes)
    return Grouping(target, group_of_class[predicted.y], slices)


def by_columns(values: pl.DataFrame) -> Iterator[Grouping]:
    """Group examples by each column: by its values, or in quarters, and those where it is missing.

    Parameters
    ----------
    values
        Text, truth values, numbers or dates, null where missing (n_examples rows).
    """
    for column in values:
        groups, slices = _by_value(column) if _has_few_values(column) else _in_quarters(column)
        is_missing = column.is_null().to_numpy()
        if is_missing.any():
            groups[is_missing] = len(slices)
            slices = [*slices, (SliceKind.MISSING, "missing")]
        yield Grouping(column.name, groups, tuple(slices))


def _fewest_of_a_value(n_examples: int) -> int:
    """Return how many of the examples must share a value for it to be looked at."""
    few = min(FEWEST_OF_A_VALUE, ceil(LEAST_SHARE_OF_A_VALUE * n_examples))
    return max(few, FEWEST_EXAMPLES)


_Groups = tuple[NDArray[np.int64], list[tuple[SliceKind, str]]]


def _has_few_values(column: pl.Series) -> bool:
    if column.dtype in {pl.String, pl.Boolean}:
        return True
    return column.drop_nulls().n_unique() <= MOST_DISTINCT_NUMBERS


def _by_value(column: pl.Series) -> _Groups:
    counts = column.alias("value").drop_nulls().value_counts(name="n")
    counts = counts.filter(pl.col("n") >= _fewest_of_a_value(len(column)))
    counts = counts.sort(["n", "value"], descending=[True, False]).head(MOST_VALUES)
    found = counts["value"].sort()
    if found.is_empty():
        return np.full(len(column), -1), []
    places = np.arange(len(found))
    groups = column.replace_strict(found, pl.Series(places), default=-1, return_dtype=pl.Int64)
    return groups.to_numpy().copy(), [(SliceKind.VALUE, text) for text in _texts_of(column.dtype)(found)]


def _in_quarters(column: pl.Series) -> _Groups:
    """Cut at the quartiles of what is there: equal values are in one quarter, of which there may be fewer."""
    is_there = column.is_not_null().to_numpy()
    there = column.drop_nulls().to_physical().to_numpy()
    ordered = np.sort(there)
    cuts = np.unique(ordered[len(there) * np.arange(1, 4) // 4 - 1])
    groups = np.full(len(column), -1)
    groups[is_there] = np.searchsorted(cuts, there, side="left")
    lows = np.searchsorted(ordered, cuts, side="right")
    lows = np.concatenate([[0], lows[lows < len(ordered)]])
    highs = np.concatenate([lows[1:], [len(ordered)]]) - 1
    ends = np.column_stack([ordered[lows], ordered[highs]]).ravel()
    texts = _texts_of(column.dtype)(pl.Series(ends).cast(column.dtype))
    pairs = zip(texts[::2], texts[1::2], strict=True)
    return groups, [
        (SliceKind.VALUE, low) if low == high else (SliceKind.RANGE, f"{low} to {high}")
        for low, high in pairs
    ]


def _texts_of(dtype: pl.DataType) -> Callable[[pl.Series], Sequence[str]]:
    """Return what writes values of a type."""

    def texts(values: pl.Series) -> list[str]:
        listed: list[Any] = values.to_physical().to_list()
        if dtype == pl.String:
            return [shortened(text) for text in listed]
        if dtype == pl.Boolean:
            return ["true" if each else "false" for each in listed]
        return date_texts(listed) if dtype.is_temporal() else number_texts(listed)

    return texts


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
    degrees
        Degrees of freedom that it is known with: units on the side that has fewer, less one; infinite where
        each example came by itself.
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
    degrees: NDArray[np.float64]
    share: NDArray[np.float64]
    excess: NDArray[np.float64]


def slice_means(groupings: Sequence[Grouping], examples: ExampleLosses) -> SliceMeans:
    """Compare each slice with all other examples.

    The squared standard error of the difference is the larger of two: Welch's, s1² / n1 + s2² / n2 from the
    variances of slice and others, and the pooled one, s² (1 / n1 + 1 / n2) from that of all examples. Of ten
    examples that are all wrong the first takes too little account of chance, and of a few costly ones among
    many cheap ones the second. Where examples weigh unequally, n is (sum w)² / sum w² (Kish).

    Where examples came as one it is also no smaller than by unit: the same two once more, from what each unit
    adds to the difference. Ten examples of one patient are one observation.

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
    variance, degrees = np.maximum(welch, pooled), np.full(len(welch), np.inf)
    if examples.units is not None and len(degrees):
        by_unit = _by_unit(groupings, losses, weights, examples.units)
        variance = np.maximum(variance, by_unit[0][is_large])
        degrees = by_unit[1][is_large]
    whole_loss = float(np.sum(weights * losses)) or 1.0
    return SliceMeans(
        grouping=grouping_of,
        group=group_of,
        n=own.n.astype(np.int64),
        mean=largest * own.mean,
        others=largest * others.mean,
        standard_error=largest * np.sqrt(variance),
        degrees=degrees,
        share=own.weight * own.mean / whole_loss,
        excess=own.weight * (own.mean - others.mean) / whole_loss,
    )


def _by_unit(
    groupings: Sequence[Grouping],
    losses: NDArray[np.float64],
    weights: NDArray[np.float64],
    units: NDArray[np.intp],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return variances of slices' differences by unit, and their degrees of freedom (n_slices,) each.

    A unit adds sum w (l - c) / W of its examples in the slice, less that of its other examples. In one
    variance c is the mean of the side, in the other that of all examples; the larger is returned.
    """
    distinct, unit = np.unique(units, return_inverse=True)
    n_units = len(distinct)
    center = float(np.sum(weights * losses) / np.sum(weights))
    summands = [np.ones(len(losses)), weights, weights * (losses - center)]
    whole = np.stack([np.bincount(unit, each) for each in summands])
    variances, degrees = [np.empty(0)], [np.empty(0)]
    for grouping in groupings:
        n_cells = (len(grouping.slices) + 1) * n_units
        cell = (grouping.groups + 1) * n_units + unit  # what is in no group is counted at 0
        own = np.stack([np.bincount(cell, each, minlength=n_cells) for each in summands])
        own = own.reshape(len(summands), -1, n_units)[:, 1:]
        sides = [_UnitSide(*own), _UnitSide(*(whole[:, np.newaxis] - own))]
        welch, pooled = [
            sides[0].moves(is_own_mean=is_own) - sides[1].moves(is_own_mean=is_own)
            for is_own in (True, False)
        ]
        squares = np.maximum(np.sum(welch**2, axis=1), np.sum(pooled**2, axis=1))
        variances.append(squares * n_units / max(n_units - 1, 1))
        n_of_side = np.minimum(*(np.count_nonzero(side.n, axis=1) for side in sides))
        degrees.append(np.maximum(n_of_side - 1, 1).astype(np.float64))
    return np.concatenate(variances), np.concatenate(degrees)


class _UnitSide(NamedTuple):
    """Examples, weight and weighted deviation of each unit, in or beside slices (n_slices, n_units) each."""

    n: NDArray[np.float64]
    weight: NDArray[np.float64]
    deviation: NDArray[np.float64]

    def moves(self, *, is_own_mean: bool) -> NDArray[np.float64]:
        """Return what each unit adds to the side's mean, less that or less the mean of all."""
        weight = np.maximum(self.weight.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
        about = self.deviation.sum(axis=1, keepdims=True) / weight if is_own_mean else 0.0
        return np.asarray((self.deviation - about * self.weight) / weight)


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


MOST_SLICES = 10
"""Most slices that are reported."""

LEVEL = 0.05
"""Share of studies in which a slice may be called clear that is no worse than the rest (fraction)."""


class Slices(NamedTuple):
    """The slices to report, and how many were looked at."""

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
    """
    found = slice_means(groupings, examples)
    difference, error = found.mean - found.others, found.standard_error
    z = np.divide(difference, error, out=np.zeros_like(difference), where=error > 0)
    is_clear = rejected(stdtr(found.degrees, -z), LEVEL)
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
