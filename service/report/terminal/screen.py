"""The screen, and what is set on it: pieces of text that fill lines, and numbers as a line of blocks."""

import sys
from collections.abc import Iterable, Sequence
from io import TextIOWrapper
from math import isfinite

from rich.console import Console
from rich.text import Text


def screen() -> Console:
    """Return the console of commands that have standard output to themselves: UTF-8, as that of `run` is."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # no locale's encoding has all of R², ± and the blocks
    return Console(width=None if sys.stdout.isatty() else 100)


def filled_lines(pieces: Iterable[Text], *, width: int, indent: str = "", gap: str = "  ") -> Text:
    """Set pieces side by side on as few lines as their order allows.

    Parameters
    ----------
    pieces
        Each stays whole, unless it is wider than a line by itself.
    width
        Columns of a line, the indent included.
    indent
        What each line begins with.
    gap
        What stands between two pieces of one line.
    """
    lines: list[Text] = []
    for piece in pieces:
        if lines and lines[-1].cell_len + len(gap) + piece.cell_len <= width:
            lines[-1].append(gap).append_text(piece)
        else:
            lines.append(Text(indent).append_text(piece))
    return Text("\n").join(lines)


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
