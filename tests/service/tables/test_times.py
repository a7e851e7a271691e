"""Dates are read in one format a column, counts where names or numbers say so, lengths of time as seconds."""

from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.tables.times import DATES, DateFormat, Duration, EpochTime, reads_dates

READ = {
    "ISO": (["2024-02-29"], "2024-02-29 00:00:00"),
    "UTC, by a letter": (["2024-01-02T03:04:05Z"], "2024-01-02 03:04:05"),
    "UTC, by name": (["2024-01-02 03:04:05 UTC", "2024-01-02 03:04:05 GMT"], "2024-01-02 03:04:05"),
    "a time zone": (["2024-01-02T03:04:05+02:00", "2024-01-02T03:04:05.5+0200"], "2024-01-02 01:04:05"),
    "no seconds": (["2024-01-02T03:04"], "2024-01-02 03:04:00"),
    "slashes and seconds": (["2024/01/02 03:04:05"], "2024-01-02 03:04:05"),
    "points and seconds": (["02.01.2024 03:04:05"], "2024-01-02 03:04:05"),
    "American, by the half day": (["1/2/2024 3:04 PM", "12/31/2024 11:04 am"], "2024-01-02 15:04:00"),
    "American, with dashes": (["01-02-2024", "12-31-2024"], "2024-01-02 00:00:00"),
    "days first": (["02/01/2024", "31/12/2024"], "2024-01-02 00:00:00"),
    "a short month": (["04-Jul-2023", "05-Apr-2024"], "2023-07-04 00:00:00"),
    "a short month and year": (["04-Jul-23"], "2023-07-04 00:00:00"),
    "a long month": (["April 05, 2024", "May 5, 2024"], "2024-04-05 00:00:00"),
    "a long month and a time": (["April 5, 2024, 10:00 PM"], "2024-04-05 22:00:00"),
    "mail": (["Mon, 02 Jan 2006 15:04:05 -0700"], "2006-01-02 22:04:05"),
    "a month alone": (["2023-07", "2023-08"], "2023-07-01 00:00:00"),
    "a month by name": (["Jul 2023", "August 2023"], "2023-07-01 00:00:00"),
    "a time of day": (["10:30", "23:59"], "1970-01-01 10:30:00"),
    "a time of day, by the half day": (["3:04 PM", "11:00 am"], "1970-01-01 15:04:00"),
    "two digits of a year": (["01/02/99", "12/31/00"], "1999-01-02 00:00:00"),
}
NO_DATES = [["7", "8"], ["red", "green"], ["1999", "2000"], ["26:10", "3:00"], ["1.5", "2.5"], ["", ""], []]


@pytest.mark.parametrize(("words", "expected"), READ.values(), ids=READ.keys())
def test_each_format_has_its_value(words: list[str], expected: str) -> None:
    told = DateFormat.told(words)
    assert told is not None
    values = told.values(pl.Series(words))
    assert values.null_count() == 0
    assert str(values[0]) == expected


@pytest.mark.parametrize("words", NO_DATES)
def test_what_is_no_date_has_no_format(words: list[str]) -> None:
    assert DateFormat.told(words) is None


def test_short_years_are_from_1969_to_2068_and_long_ones_have_four_digits() -> None:
    cells = pl.Series(["01/02/68", "01/02/69", "01/02/99", "01/02/00"])
    assert DateFormat(format="%m/%d/%y").values(cells).dt.year().to_list() == [2068, 1969, 1999, 2000]
    assert DateFormat(format="%m/%d/%Y").values(cells).to_list() == [None] * 4


@pytest.mark.parametrize(
    ("written", "rival"), [("%m/%d/%Y", "%d/%m/%Y"), ("%d-%m-%Y %H:%M", "%m-%d-%Y %H:%M")]
)
def test_formats_of_days_and_months_have_rivals(written: str, rival: str) -> None:
    assert DateFormat(format=written).rival == DateFormat(format=rival)


@pytest.mark.parametrize("written", ["%Y-%m-%d", "%d.%m.%Y", "%d-%B-%Y", "%H:%M"])
def test_other_formats_have_none(written: str) -> None:
    assert DateFormat(format=written).rival is None


FIRST, LAST = datetime(1970, 1, 1), datetime(2067, 12, 31)  # noqa: DTZ001 (a cell has no zone)


@pytest.mark.parametrize(
    "written",
    [
        "%F",
        "%D",
        "%-d/%-m/%Y",
        "%Y-%j",
        "%F %T",
        "%d/%m/%Y %R",
        "%Y-%m-%d %H:%M:%S.%f",
        "%Y-%m",
        "%I:%M %p",
        "%FT%T%z",
    ],
)
def test_marks_that_users_write_are_read(written: str) -> None:
    assert reads_dates(written)


@pytest.mark.parametrize("written", ["", "%", "%Y", "%H", "%d", "%d.%m.%Y %I:%M", "date"])
def test_marks_that_make_no_date_are_told(written: str) -> None:
    assert not reads_dates(written)


CLOCKS = ["", " %H:%M", "T%H:%M", " %H:%M:%S", "T%H:%M:%S", " %I:%M %p", "T%H:%M:%S%z"]


@given(
    st.lists(st.datetimes(FIRST, LAST), min_size=1, max_size=10),
    st.sampled_from([date for date in DATES if "%d" in date]),
    st.sampled_from(CLOCKS),
    st.integers(-12, 14),
)
def test_a_date_that_is_written_and_read_is_the_same_date(
    moments: list[datetime], date: str, clock: str, hours: int
) -> None:
    zone = timezone(timedelta(hours=hours))
    seconds = timedelta(seconds=1) if "%S" in clock else timedelta(minutes=1) if clock else timedelta(days=1)
    rounded = [moment - (moment - FIRST) % seconds for moment in moments]
    cells = [moment.replace(tzinfo=zone).strftime(date + clock) for moment in rounded]
    expected = [
        moment.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None) if "%z" in clock else moment
        for moment in rounded
    ]
    written = DateFormat(format=(date + clock).replace("%S", "%S%.f" if "%I" not in clock else "%S"))
    assert written.values(pl.Series(cells)).to_list() == expected
    told = DateFormat.told([*cells, *(moment.replace(day=28).strftime(date + clock) for moment in rounded)])
    assert told is not None


SECONDS = 1_700_000_000.0


@pytest.mark.parametrize(
    ("name", "factor", "unit"),
    [
        ("created_at", 1, "s"),
        ("eventTime", 1, "s"),
        ("x", 1, None),
        ("heat", 1, None),
        ("x", 1e3, "ms"),
        ("x", 1e6, "us"),
        ("x", 1e9, None),
        ("CREATED_AT", 1e9, "ns"),
        ("Timestamp", 1, "s"),
        ("time", 1e-3, None),
        ("time", 2, None),
    ],
)
def test_the_unit_is_told_by_range_and_of_seconds_by_the_name_too(
    name: str, factor: float, unit: str | None
) -> None:
    told = EpochTime.told(name, pl.Series([SECONDS * factor, (SECONDS + 86_400) * factor]))
    assert (told and told.unit) == unit
    if told is not None:
        assert told.values(pl.Series([SECONDS * factor, None, float("inf")])).to_list() == [
            datetime(2023, 11, 14, 22, 13, 20),  # noqa: DTZ001 (in UTC, as all dates of tables)
            None,
            None,
        ]


def test_fractions_and_constants_are_no_counts() -> None:
    assert EpochTime.told("time", pl.Series([SECONDS + 0.5, SECONDS])) is None
    assert EpochTime.told("time", pl.Series([SECONDS, SECONDS])) is None
    assert EpochTime.told("time", pl.Series([], dtype=pl.Float64)) is None


READ_DURATIONS = {
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


@pytest.mark.parametrize(("words", "expected"), READ_DURATIONS.values(), ids=READ_DURATIONS.keys())
def test_each_spelling_has_its_seconds(words: list[str], expected: list[float] | None) -> None:
    told = Duration.told(words)
    assert (None if told is None else told.values(pl.Series(words)).to_list()) == expected
