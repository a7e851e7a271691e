"""Columns that are aligned by runs of blanks, made into cells between tabs."""

import numpy as np
from numpy.typing import NDArray

from service.tables.files.csv_structure import QUOTE, mask_of, odd

SPACE, TAB, LINE_FEED, CARRIAGE_RETURN = b" \t\n\r"

ALIGNED_DELIMITER = "\t"
"""The delimiter afterwards."""


def tabs_for_blanks(data: bytes) -> bytes:
    """Put one tab in the place of each run of spaces and tabs, and nothing at a line's begin and end.

    Blanks inside quotes stay, and so do all line ends: lines keep their numbers.

    Parameters
    ----------
    data
        Whole records.
    """
    values = np.frombuffer(data, np.uint8)
    is_blank = (values == SPACE) | (values == TAB)
    if b'"' in data:
        inside = odd(mask_of(data, QUOTE)).astype("<u8", copy=False).view(np.uint8)
        is_blank &= np.unpackbits(inside, count=values.size, bitorder="little") == 0
    if not is_blank.any():
        return data
    is_end = (values == LINE_FEED) | (values == CARRIAGE_RETURN)
    is_kept = np.ones_like(is_blank)
    is_kept[0] = not is_blank[0]
    is_kept[1:] = ~(is_blank[1:] & (is_blank[:-1] | is_end[:-1]))
    is_tab, is_end = is_blank[is_kept], is_end[is_kept]
    kept = values[is_kept]
    kept[is_tab] = TAB
    is_last = np.append(is_end[1:], True)  # the data's end is a line's
    tabbed: NDArray[np.uint8] = kept[~(is_tab & is_last)]
    return tabbed.tobytes()
