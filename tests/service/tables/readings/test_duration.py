"""Lengths of time are read as seconds."""

import polars as pl
import pytest

from service.tables.readings.duration import Duration

READ = {
    "hours, minutes, seconds": (["26:10:05", "1:00:00"], [94205, 3600]),
    "hours and minutes": (["26:10", "3:00"], [94200, 10800]),
    "days and a clock": (["1 days 02:03:04", "0 days 00:00:01.5"], [93784, 1.5]),
    "a day and a clock": (["1 day, 2:03:04", "-0:00:01"], [93784, -1]),
    "negative days": (["-1 day, 23:00:00", "-1 days +23:00:00", "1 day, 0:00:00"], [-3600, -3600, 86400]),
    "words": (["2h 30m", "45m", "1 hr 20 min", "3 days"], [9000, 2700, 4800, 259200]),
    "ISO 8601": (["PT45M", "P1DT2H", "PT1.5S"], [2700, 93600, 1.5]),
    "numbers": (["7", "8"], None),
    "letters": (["d", "h"], None),
    "nothing": (["", "P"], None),
}


@pytest.mark.parametrize(("words", "expected"), READ.values(), ids=READ.keys())
def test_each_spelling_has_its_seconds(words: list[str], expected: list[float] | None) -> None:
    told = Duration.told(words)
    assert (None if told is None else told.values(pl.Series(words)).to_list()) == expected
