"""Numbers, durations and hyperparameters in words, the same wherever they stand."""

from collections.abc import Mapping

from search_spaces.values import Value

SHORT_SECONDS = 7.5
"""Durations below it, where they are estimated, are a few seconds."""


def share_text(share: float) -> str:
    """Return a share (fraction) in whole percent."""
    return f"{100 * share + 0.0:.0f} %"


def sizes_text(n_examples: Mapping[str, int]) -> str:
    """Return the sizes of the sets, in their order."""
    return ", ".join(f"{size:,} {name}" for name, size in n_examples.items()) + " examples"


def duration_text(seconds: float) -> str:
    """Return a duration in the two largest units that it needs."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest} s"
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def left_text(seconds: float, *, is_rough: bool) -> str:
    """Return how long something will still take, as coarsely as an estimate is known: a rough one is a range.

    Parameters
    ----------
    seconds
        The estimate.
    is_rough
        Whether it may well be half as long, or twice.
    """
    if not is_rough:
        return _coarse_text(seconds) if seconds < SHORT_SECONDS else f"about {_coarse_text(seconds)}"
    low, high = _coarse_text(seconds / 2), _coarse_text(2 * seconds)
    return low if low == high else f"{low} to {high}"


def _coarse_text(seconds: float) -> str:
    """Return a duration rounded to five or ten seconds, to minutes, or to half hours."""
    if seconds < SHORT_SECONDS:
        return "a few seconds"
    if seconds < 55:
        step = 5 if seconds < 27.5 else 10
        return f"{step * round(seconds / step)} s"
    if seconds < 55 * 60:
        step = 1 if seconds < 10 * 60 else 5
        return f"{step * max(round(seconds / 60 / step), 1)} min"
    hours = round(seconds / 1800) / 2
    return f"{hours:g} h"


def value_text(value: Value) -> str:
    """Return a hyperparameter's value in a few digits."""
    return f"{value:.4g}" if isinstance(value, float) else f"{value}"


def values_text(values: Mapping[str, Value]) -> str:
    """Return hyperparameters in one line."""
    return "  ".join(f"{name}={value_text(value)}" for name, value in values.items())


def capitalized(text: str) -> str:
    """Return a text with a capital letter at its beginning; all others stay as they are."""
    return f"{text[:1].upper()}{text[1:]}"
