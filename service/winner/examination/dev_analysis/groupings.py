"""What dev examples are sliced by: their class, and the values of a column."""

from collections.abc import Callable, Iterator, Sequence
from math import ceil
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.winner.examination.dev_analysis.predicted_set import (
    PredictedClasses,
    date_texts,
    number_texts,
    shortened,
)
from service.winner.examination.dev_analysis.values import SliceKind

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
    classes = np.sort(by_frequency[counts[by_frequency] >= fewest_of_a_value(len(predicted.y))])
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


def fewest_of_a_value(n_examples: int) -> int:
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
    counts = counts.filter(pl.col("n") >= fewest_of_a_value(len(column)))
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
