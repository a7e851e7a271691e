"""Ranges of the next study: moved along their own scale, and held within what a hyperparameter allows."""

from collections.abc import Iterable
from math import ceil, floor, inf, log10

from search_spaces.contradiction import ContradictionError
from search_spaces.fields import check_value, limits_of
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.values import Value

Range = FloatDimension | IntegerDimension

_DIGITS = 2
"""Significant digits of the ends: rounded outwards."""


def moved(name: str, dimension: Range, *, low: float, high: float, values: Iterable[Value]) -> Range:
    """Return a range that lies elsewhere on its own scale.

    Parameters
    ----------
    name
        The hyperparameter.
    dimension
        Its range.
    low, high
        Positions of the new ends on the old range; below 0 and above 1 they lie outside.
    values
        Values that it must contain.
    """
    held = [value for value in values if not isinstance(value, str)]
    least = _allowed(name, min([dimension.at(low), *held]), towards=dimension.low)
    greatest = _allowed(name, max([dimension.at(high), *held]), towards=dimension.high)
    if isinstance(dimension, IntegerDimension):
        ends: dict[str, object] = {"low": round(least), "high": round(greatest), "step": 1}
    else:
        ends = {"low": _rounded(name, least, up=False), "high": _rounded(name, greatest, up=True)}
    changed = dimension.model_copy(update=ends)
    keeps_default = dimension.default is not None and changed.contains(dimension.default)
    # A copy is not validated; the space that it stands in is.
    return changed if keeps_default else changed.model_copy(update={"default": None})


def _allowed(name: str, value: float, *, towards: float) -> float:
    """Return a value, or if the hyperparameter does not allow it the limit; halfway there if that is none."""
    low, high = limits_of(name)
    if low < value < high:
        return value
    limit = low if value <= low else high
    return limit if _accepts(name, limit) else (towards + limit) / 2


def _rounded(name: str, value: float, *, up: bool) -> float:
    """Round to two digits, up or down, unless the hyperparameter does not allow what comes out."""
    if value == 0:
        return 0.0
    scale = 10.0 ** (floor(log10(abs(value))) - _DIGITS + 1)
    rounded = float(f"{(ceil if up else floor)(round(value / scale, 6)) * scale:.{_DIGITS}g}")
    return rounded if _accepts(name, rounded) else value


def _accepts(name: str, value: float) -> bool:
    if abs(value) == inf:
        return False
    try:
        check_value(name, value, ())
    except ContradictionError:
        return False
    return True
