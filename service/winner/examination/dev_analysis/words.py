"""Cells, numbers and dates as an analysis writes them."""

from collections.abc import Sequence

import polars as pl

LONGEST_TEXT = 60
"""Characters of a cell or a class that are repeated."""

_MICROSECONDS_A_DAY = 86_400_000_000


def shortened(text: str) -> str:
    """Return a text as it is, but not endless."""
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def number_text(number: float) -> str:
    """Return a number in five digits, or up to its point where that takes more."""
    number += 0.0  # turns -0 into 0
    return f"{number:.0f}" if 1e4 <= abs(number) < 1e15 else f"{number:.5g}"


def number_texts(numbers: Sequence[float]) -> list[str]:
    """Return numbers that differ as texts that differ: in all digits where five do not tell them apart."""
    texts = [number_text(number) for number in numbers]
    return texts if len(set(texts)) == len(set(numbers)) else [f"{number:.17g}" for number in numbers]


def date_texts(microseconds: Sequence[int]) -> list[str]:
    """Return points in time, counted from 1970, as days; with the time of day unless all are midnights."""
    are_days = all(each % _MICROSECONDS_A_DAY == 0 for each in microseconds)
    dates = pl.Series(microseconds, dtype=pl.Int64).cast(pl.Datetime("us"))
    return dates.dt.to_string("%Y-%m-%d" if are_days else "%Y-%m-%d %H:%M:%S").to_list()
