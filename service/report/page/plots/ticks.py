"""Where an axis has its marks."""

from dataclasses import dataclass
from math import ceil, floor, isclose, log10

_STEPS = (1, 2, 2.5, 5, 10)
_MOST_DECADES = 2
_FEWEST = 3
"""With fewer marks at such factors, round values are marked."""

_SLACK = 1e-9
"""By so much of a step a mark may lie beyond an end: rounding, not distance."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark: where it lies on the drawing, and the value that is written there."""

    position: float
    value: float


def linear_ticks(low: float, high: float, *, n: int) -> list[Tick]:
    """Return about n marks at round values between two ends, or one where they are the same.

    Parameters
    ----------
    low, high
        The ends, finite.
    n
        How many there might be at most, 2 or more.
    """
    span = high - low
    if span <= 0:
        return [Tick(low, low)]
    magnitude = 10 ** floor(log10(span / n))
    step = next((s * magnitude for s in _STEPS if span / (s * magnitude) <= n), 10 * magnitude)
    first, last = ceil(low / step - _SLACK), floor(high / step + _SLACK)
    return [Tick(place * step, place * step) for place in range(first, last + 1)]


def log_ticks(low: float, high: float) -> list[Tick]:
    """Return marks at powers of ten, or at 1, 2 and 5 times these where there are few; positions are log10.

    Parameters
    ----------
    low, high
        The ends, above 0.
    """
    n_decades = log10(high / low)
    factors = (1, 2, 5) if n_decades <= _MOST_DECADES else (1,)
    skipped = max(1, ceil(n_decades / 5))
    powers = range(floor(log10(low)), ceil(log10(high)) + 1)
    values = [factor * 10.0**power for power in powers if power % skipped == 0 for factor in factors]
    inside = [value for value in values if _is_within(value, low, high)]
    if len(inside) < _FEWEST:
        inside = [tick.value for tick in linear_ticks(low, high, n=4)]
    return [Tick(log10(value), value) for value in inside]


def _is_within(value: float, low: float, high: float) -> bool:
    return low < value < high or isclose(value, low) or isclose(value, high)
