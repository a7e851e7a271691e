"""Whether the commas in cells are decimal ones."""

import re
from collections.abc import Sequence

WITH_POINT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
WITH_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)?(,\d+)([eE][+-]?\d+)?")

COMMA_FOR_SURE = re.compile(r"[+-]?(0+,\d+|\d*,(\d{1,2}|\d{4,})|\d{4,},\d+|\d{1,3}(\.\d{3})+,\d+)([eE].*)?")
"""Numbers whose comma cannot group thousands."""

POINT_FOR_SURE = re.compile(
    r"[+-]?(0+\.\d+|\d*\.(\d{1,2}|\d{4,})|\d{4,}\.\d+|\d{1,3}((,\d{3})+\.\d+|(,\d{3}){2,}))([eE].*)?"
)
"""Numbers whose point cannot group thousands, or whose commas must."""

WITH_GROUPS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


def is_number(cell: str, *, may_have_comma: bool) -> bool:
    """Tell whether a cell is a decimal number, with a point or, if it may be, a comma."""
    cell = cell.strip()
    return bool(WITH_POINT.fullmatch(cell) or (may_have_comma and WITH_COMMA.fullmatch(cell)))


def is_decimal_comma(rows: Sequence[Sequence[str]], *, is_expected: bool) -> bool:
    """Tell whether 1,5 is one and a half in these rows.

    Each column has a say: it is for the comma if all its cells are numbers if read so, and a comma is there;
    a number such as 1,234 could be read either way.

    Parameters
    ----------
    rows
        Cells by row; rows may be ragged.
    is_expected
        What commas are taken for where all could be either.
    """
    n_columns = max(map(len, rows), default=0)
    columns = [
        [cell for row in rows if column < len(row) and (cell := row[column].strip())]
        for column in range(n_columns)
    ]
    with_comma = [cells for cells in columns if _are_numbers_with_comma(cells)]
    votes = sum(any(map(COMMA_FOR_SURE.fullmatch, cells)) for cells in with_comma)
    against = sum(any(map(POINT_FOR_SURE.fullmatch, cells)) for cells in columns if _are_numbers(cells))
    if votes or against:
        return votes > against
    return bool(with_comma) and is_expected


def _are_numbers_with_comma(cells: Sequence[str]) -> bool:
    return any(map(WITH_COMMA.fullmatch, cells)) and all(
        is_number(cell, may_have_comma=True) for cell in cells
    )


def _are_numbers(cells: Sequence[str]) -> bool:
    return bool(cells) and all(WITH_POINT.fullmatch(cell) or WITH_GROUPS.fullmatch(cell) for cell in cells)
