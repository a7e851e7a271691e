"""Numbers as a line of blocks."""

from collections.abc import Sequence
from math import isfinite

_BLOCKS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], width: int) -> str:
    """Draw values as blocks, the highest for the greatest; the last of each slice where there are more.

    Parameters
    ----------
    values
        Numbers, in order; one that is infinite or none at all is drawn as the greatest.
    width
        Most characters to use; at least 1.
    """
    if not values:
        return ""
    n = min(len(values), width)
    shown = [values[(index + 1) * len(values) // n - 1] for index in range(n)]
    finite = [value for value in shown if isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    shown = [value if isfinite(value) else high for value in shown]
    span = high - low
    ranks = [round((value - low) / span * (len(_BLOCKS) - 1)) if span > 0 else 0 for value in shown]
    return "".join(_BLOCKS[rank] for rank in ranks)
