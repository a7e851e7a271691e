"""What one cell of a CSV file may hold, and how a faulty one is shown to people."""

from enum import StrEnum
from math import isfinite

LONGEST_SHOWN = 40
"""Characters of a cell or a name that a message repeats."""


class CellKind(StrEnum):
    """What a cell holds; only a number can be learned from as it stands."""

    NUMBER = "a number"
    NOT_FINITE = "a number that is not finite"
    TEXT = "text"
    MISSING = "nothing"


def number(cell: str) -> float:
    """Read a decimal number; spaces around it are no part of it.

    Raises
    ------
    ValueError
        The cell holds no number. Python's own digit separators (`1_000`) are text here.
    """
    if "_" in cell:
        raise ValueError(cell)
    return float(cell)


def cell_kind(cell: str) -> CellKind:
    """Tell what the cell holds."""
    try:
        return CellKind.NUMBER if isfinite(number(cell)) else CellKind.NOT_FINITE
    except ValueError:
        return CellKind.TEXT if cell.strip() else CellKind.MISSING


def shown(text: str) -> str:
    """Quote a text for a message: on one line, and not endless."""
    return repr(text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…")


def finding(cell: str) -> str:
    """Say what was found in the cell."""
    kind = cell_kind(cell)
    return f"found {kind}" if kind is CellKind.MISSING else f"found {kind}, {shown(cell)}"
