"""Ranges narrowed to where the best trials lie, with room around them."""

from collections.abc import Collection, Iterator

from search_spaces.ranges import FloatDimension, IntegerDimension
from service.advice.diagnosis.next_study.change import Change, Claim
from service.advice.diagnosis.next_study.ranges import moved
from service.advice.diagnosis.next_study.space_changes import Searched

ROOM = 0.25
"""Share of the range that is kept on either side of the best trials."""

LEAST_SHARE_SAVED = 0.25
"""A range stays as it is if it would shrink by less than this fraction."""

FEWEST_BEST = 3
"""Fewest trials whose values can narrow a range."""


def narrowed(searched: Searched, *, others: Collection[str]) -> Iterator[Change]:
    """Narrow the ranges that nothing else changes.

    Parameters
    ----------
    searched
        What was searched, and with what result.
    others
        Hyperparameters that are left alone.
    """
    for name, dimension in searched.space.dimensions.items():
        if name in others or not isinstance(dimension, FloatDimension | IntegerDimension):
            continue
        values = [value for value in searched.values(name) if not isinstance(value, str)]
        if len(values) < FEWEST_BEST:
            continue
        if isinstance(dimension, IntegerDimension) and dimension.step > 1:
            continue
        places = [dimension.position(value) for value in values]
        low, high = max(min(places) - ROOM, 0.0), min(max(places) + ROOM, 1.0)
        if high - low <= 1 - LEAST_SHARE_SAVED:
            range_ = moved(name, dimension, low=low, high=high, values=values)
            yield Change(name, range_, Claim.NARROWED, f"the {len(values)} best trials lie there")
