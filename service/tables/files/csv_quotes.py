"""Where quotes may stand in a CSV block: around a cell, and doubled in it."""

import numpy as np

from service.errors import BadInputError
from service.tables.csv_cells import shown
from service.tables.files.byte_masks import Mask, after, count, first_position, positions
from service.tables.files.csv_blocks import CsvBlock


def refuse_misplaced_quotes(block: CsvBlock, quotes: Mask, outside: Mask, borders: Mask) -> None:
    """Refuse a quote that neither begins nor ends a cell, nor is one of two that stand for one in it.

    Parameters
    ----------
    block
        Whole records.
    quotes
        Every quote.
    outside
        Every byte that is not inside quotes: of quotes, those that close.
    borders
        Delimiters and line ends outside quotes.

    Raises
    ------
    BadInputError
        There is one, or the last is not closed; with the line that it, or its cell, begins on.
    """
    opening, closing = quotes & ~outside, quotes & outside
    bad_opening = first_position(opening & ~after(borders | quotes, first=True))
    after_closing = after(closing, first=False) & ~(borders | quotes)
    remainder = len(block.data) % 64
    if remainder and after_closing.size:
        after_closing[-1] &= np.uint64((1 << remainder) - 1)
    bad_closing = first_position(after_closing)
    if bad_opening is not None and (bad_closing is None or bad_opening < bad_closing):
        raise BadInputError(
            "a CSV record is malformed: a cell that has quotes in it is quoted, and they are doubled, "
            f"found {_excerpt(block.data, bad_opening)} ({block.place(bad_opening)})"
        )
    if bad_closing is not None:
        begin = _begin_of_cell(opening, closing, bad_closing)
        raise BadInputError(
            "a CSV record is malformed: after a closing quote comes a delimiter or a line end, "
            f"found {_excerpt(block.data, bad_closing)} ({block.place(begin)})"
        )
    if count(quotes) % 2:
        begin = _begin_of_cell(opening, closing, len(block.data))
        raise BadInputError(
            "a CSV record is malformed: a quote is not closed, "
            f"the cell begins {_excerpt(block.data, begin)} ({block.place(begin)})"
        )


def _begin_of_cell(opening: Mask, closing: Mask, position: int) -> int:
    """Return where the quoted cell begins that the byte is in: doubled quotes inside it open nothing."""
    begins = positions(opening & ~after(closing, first=False))
    return int(begins[np.searchsorted(begins, position) - 1])


def _excerpt(data: bytes, position: int) -> str:
    """Show the text around a byte, on its line."""
    line_start = max(data.rfind(b"\n", 0, position), data.rfind(b"\r", 0, position)) + 1
    piece = data[max(line_start, position - 20) : position + 20]
    return shown((piece.decode("utf-8", "ignore").splitlines() or [""])[0])
