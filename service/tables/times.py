"""Times as people write them: dates in one format a column, counts since 1970, and lengths of time.

Dates may have a time of day and a time zone. Counts are of seconds, or of a thousandth, millionth or
billionth of one. Lengths of time are such as 26:10:05, 1 day 02:03:04, 2h 30m and PT45M.
"""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple, Self

import polars as pl
from pydantic import BaseModel, ConfigDict

from service.tables.cells import numbers, shown
from service.tables.column_kinds import ColumnKind
from service.tables.header import words_of_name
from service.tables.number_format import LEAST_SHARE

DATES = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%m-%d-%Y",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d.%m.%y",
    "%d-%B-%Y",
    "%d-%B-%y",
    "%d %B %Y",
    "%d %B %y",
    "%B %d, %Y",
    "%B %d %Y",
    "%A, %d %B %Y",
    "%A, %B %d, %Y",
    "%Y-%m",
    "%m/%Y",
    "%B %Y",
    "%B-%Y",
    "%B-%y",
)
"""In the order in which they are tried. A month's and a weekday's name may be short."""

DIGITS = ("%Y%m%d", "%Y%m%d%H%M%S")
"""Numbers before they are dates, unless the user says so."""

_SHORT_MARKS = {
    "%F": "%Y-%m-%d",
    "%D": "%m/%d/%y",
    "%T": "%H:%M:%S",
    "%R": "%H:%M",
    "%e": "%d",
    ".%f": "%.f",
    **{f"%-{mark}": f"%{mark}" for mark in "dmHIyj"},
}
"""Marks of `strftime` that a user may write, and those that are read."""

_RIVALS = {"%m/%d/": "%d/%m/", "%m-%d-": "%d-%m-"}
"""Beginnings that cannot be told apart where no day is above 12."""

_TIME = re.compile(
    r"(?P<date>.*?)(?P<gap>T|,?\s+|^)(?P<hour>\d{1,2}):\d\d(?P<seconds>:\d\d(?:\.\d+)?)?"
    r"(?P<half>\s*[AaPp][Mm])?(?P<zone>\s*(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?))?"
)
_PLAUSIBLE = re.compile(r"\d\D+\d|(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)")
_UTC = r"\s*(?:UTC|GMT)$"
_A_DAY_TO_TIMES = "1970-01-01 "
_OLDEST_YEAR = 1000
_MOST_WORDS = 200


class _Clock(NamedTuple):
    """The marks that come after a date's."""

    gap: str
    time: str
    zone: str

    @property
    def marks(self) -> str:
        """All of them."""
        return self.gap + self.time + self.zone


class DateFormat(BaseModel):
    """One way to write dates, or times of day."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    reads: Literal["date"] = "date"
    """Tells the readings apart."""

    format: str
    """The format, by the marks of C's `strftime`."""

    @property
    def kind(self) -> ColumnKind:
        """What the values are."""
        return ColumnKind.DATE

    @property
    def noun(self) -> str:
        """The expected cell, for a message."""
        return f"a {'time' if self.is_time_of_day else 'date'} written {self.format}"

    @property
    def is_time_of_day(self) -> bool:
        """Whether no date stands before the time."""
        return self.format.startswith(("%H", "%I"))

    @classmethod
    def told(cls, words: Sequence[str]) -> Self | None:
        """Return the format that most words have; None where they are no dates, in whatever formats.

        Parameters
        ----------
        words
            Some of a column's distinct cells, without those that are missing.
        """
        words = words[:: -(-len(words) // _MOST_WORDS)] if words else words
        n_plausible = sum(_PLAUSIBLE.search(word) is not None for word in words)
        if n_plausible < LEAST_SHARE * len(words):
            return None  # most text is no date, and to try all formats takes a while
        apart = [_taken_apart(word) for word in words]
        clocks = Counter(clock for _, clock in apart)
        dates = pl.Series([date for date, _ in apart], dtype=pl.String)
        if not (dates != "").any():
            return cls._of_times(words, clocks)
        fits = {written: cls(format=written).values(dates).is_not_null() for written in DATES}
        is_date = pl.select(pl.any_horizontal(list(fits.values()))).to_series()
        if int(is_date.sum()) < LEAST_SHARE * len(dates):
            return None
        best = max(fits, key=lambda written: int(fits[written].sum()))
        clock, _ = clocks.most_common(1)[0]
        told = cls(format=best + clock.marks)
        return told if told.values(pl.Series(words)).is_not_null().any() else None

    @classmethod
    def _of_times(cls, words: Sequence[str], clocks: Counter[_Clock]) -> Self | None:
        if not words:
            return None
        clock, _ = clocks.most_common(1)[0]
        told = cls(format=clock.time + clock.zone)
        n_read = int(told.values(pl.Series(words)).is_not_null().sum())
        return told if n_read >= LEAST_SHARE * len(words) else None

    @property
    def rival(self) -> Self | None:
        """The format with day and month the other way round, where people write both."""
        for first, second in (*_RIVALS.items(), *((b, a) for a, b in _RIVALS.items())):
            if self.format.startswith(first):
                return type(self)(format=second + self.format.removeprefix(first))
        return None

    def values(self, cells: pl.Series) -> pl.Series:
        """Read each cell, Datetime in microseconds (n,), in UTC where it has a zone; null if no date.

        A time of day is one of 1 January 1970, a month its first day. Two digits of a year are from 1969 to
        2068, as in POSIX; other years have four digits.
        """
        text, written = cells.str.strip_chars(), self.format
        for short, long in _SHORT_MARKS.items():
            written = written.replace(short, long)
        if "%z" in written:
            text = text.str.replace(_UTC, "Z")
            written = written.replace("%z", "%#z")  # which also reads Z, and hours alone
        if self.is_time_of_day:
            text, written = _A_DAY_TO_TIMES + text, f"%Y-%m-%d {written}"
        elif "%d" not in written and "%j" not in written:
            text, written = text + " 1", f"{written} %d"
        if "%H" in written or "%I" in written:
            read = text.str.to_datetime(written, strict=False, time_unit="us")
        else:
            read = text.str.to_date(written, strict=False).cast(pl.Datetime("us"))
        return _plausible(in_utc(read), has_short_years="%y" in written).rename(cells.name)

    def said_of(self, cell: str, value: object) -> str:
        """Tell in words how a cell was read; nothing of a format that everyone reads alike."""
        if self.format.startswith("%Y") and "%z" not in self.format and "%d" in self.format:
            return ""
        text = f"{value:%H:%M:%S}" if self.is_time_of_day else f"{value}"
        said = f"read {shown(cell)} as {text.removesuffix(' 00:00:00')}" + " in UTC" * ("%z" in self.format)
        return said + ", with years from 1969 to 2068" * ("%y" in self.format)


def reads_dates(written: str) -> bool:
    """Tell whether a format reads a date, or a time of day, that is written in it."""
    moment = datetime(2001, 2, 13, 16, 25, 36, tzinfo=UTC)
    text = moment.strftime(written)
    try:
        read = DateFormat(format=written).values(pl.Series([text]))
    except pl.exceptions.PolarsError:  # marks that contradict each other
        return False
    return read[0] is not None and read[0].strftime(written.replace("%z", "")) == text.replace("+0000", "")


def points_in_time(cells: pl.Series) -> pl.Series:
    """Return dates and times that are typed already as Datetime in microseconds (n,), in UTC if in a zone."""
    return in_utc(cells).cast(pl.Datetime("us"))


def in_utc(times: pl.Series) -> pl.Series:
    """Return times (n,) without a zone: those of a zone in UTC."""
    if isinstance(times.dtype, pl.Datetime) and times.dtype.time_zone is not None:
        return times.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return times


def _plausible(dates: pl.Series, *, has_short_years: bool) -> pl.Series:
    """Take what has a year of two or three digits for no date; of short years 69 is 1969."""
    if has_short_years:
        is_past = dates.dt.year() == 2069
        return dates.dt.offset_by("-100y").zip_with(is_past, dates) if is_past.any() else dates
    is_old = dates.dt.year() < _OLDEST_YEAR
    return pl.select(pl.when(~is_old).then(dates)).to_series() if is_old.any() else dates


def _taken_apart(word: str) -> tuple[str, _Clock]:
    """Split a word into its date and the marks of the time of day behind it."""
    word = word.strip()
    found = _TIME.fullmatch(word)
    if found is None:
        return word, _Clock("", "", "")
    gap = {"T": "T", "": ""}.get(found["gap"], ", " if "," in found["gap"] else " ")
    seconds = ":%S%.f" if found["seconds"] and not found["half"] else ":%S" if found["seconds"] else ""
    time = f"%I:%M{seconds} %p" if found["half"] else f"%H:%M{seconds}"
    return found["date"], _Clock(gap, time, "%z" if found["zone"] else "")


EpochUnit = Literal["s", "ms", "us", "ns"]

_MICROSECONDS: dict[EpochUnit, float] = {"s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}
_FIRST, _LAST = 946_684_800, 2_208_988_800  # 2000 and 2040, in seconds
_WORDS_OF_TIMES = frozenset(
    {
        *("time", "times", "timestamp", "timestamps", "ts", "epoch", "unix", "unixtime", "date", "datetime"),
        *("at", "when", "since", "seen", "created", "updated", "modified", "started", "ended"),
    }
)
_NAMED = ("s", "ns")  # which ten digits, and the ids of some services, may be as well


class EpochTime(BaseModel):
    """Times counted since 1970 began, in UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    reads: Literal["epoch"] = "epoch"
    """Tells the readings apart."""

    unit: EpochUnit
    """The unit of the counts."""

    @property
    def kind(self) -> ColumnKind:
        """What the values are."""
        return ColumnKind.DATE

    @property
    def noun(self) -> str:
        """The expected cell, for a message."""
        return f"a time in {self.unit} since 1970"

    @classmethod
    def told(cls, name: str, values: pl.Series) -> Self | None:
        """Return the unit that a column of numbers counts time in; None where it counts something else.

        Whole numbers are times where all lie between 2000 and 2040. Of seconds and nanoseconds, which ids may
        be as well, the column's name has to say so.

        Parameters
        ----------
        name
            The column's.
        values
            Its numbers, Float64 (n,); null where missing.
        """
        low, high = values.min(), values.max()
        if not isinstance(low, float) or not isinstance(high, float) or not _FIRST <= low < high:
            return None
        for unit, factor in _MICROSECONDS.items():
            scale = 1e6 / factor
            fits = _FIRST * scale <= low and high < _LAST * scale
            if (
                fits
                and (unit not in _NAMED or not _WORDS_OF_TIMES.isdisjoint(words_of_name(name)))
                and (values == values.floor()).all()
            ):
                return cls(unit=unit)
        return None

    def values(self, cells: pl.Series) -> pl.Series:
        """Read each cell, Datetime in microseconds (n,); null where it is no number."""
        counted = numbers(cells) * _MICROSECONDS[self.unit]
        finite = pl.when(counted.is_finite()).then(counted).cast(pl.Int64, strict=False)
        return pl.select(finite.cast(pl.Datetime("us")).alias(cells.name)).to_series()

    def said_of(self, cell: object, value: object) -> str:
        """Tell in words how a cell was read."""
        return f"read {cell} as {value} in UTC"


_AMOUNT = r"\d+(?:\.\d+)?"
_CLOCK = r"^(?:(?P<d>-?\d+) days?,? \+?)?(?P<sign>-)?(?P<h>\d+):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d(?:\.\d+)?))?$"
_ISO = (
    rf"^(?P<sign>-)?P(?:(?P<d>{_AMOUNT})D)?"
    rf"(?:T(?:(?P<h>{_AMOUNT})H)?(?:(?P<m>{_AMOUNT})M)?(?:(?P<s>{_AMOUNT})S)?)?$"
)
_WORDS = (
    rf"(?i)^(?P<sign>-)?(?:(?P<d>{_AMOUNT})\s*d(?:ays?)?)?,?\s*(?:(?P<h>{_AMOUNT})\s*h(?:(?:ou)?rs?)?)?,?\s*"
    rf"(?:(?P<m>{_AMOUNT})\s*m(?:in(?:ute)?s?)?)?,?\s*(?:(?P<s>{_AMOUNT})\s*s(?:ec(?:ond)?s?)?)?$"
)
_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


class Duration(BaseModel):
    """Lengths of time, read as seconds; two parts of a clock are hours and minutes."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    reads: Literal["duration"] = "duration"
    """Tells the readings apart."""

    @property
    def kind(self) -> ColumnKind:
        """What the values are."""
        return ColumnKind.NUMERIC

    @property
    def noun(self) -> str:
        """The expected cell, for a message."""
        return "a length of time such as '26:10:05', '2h 30m' or 'PT45M'"

    @classmethod
    def told(cls, words: Sequence[str]) -> Self | None:
        """Return the reading where most words are lengths of time; None otherwise."""
        n_read = int(cls().values(pl.Series(words, dtype=pl.String)).count())
        return cls() if n_read and n_read >= LEAST_SHARE * len(words) else None

    def values(self, cells: pl.Series) -> pl.Series:
        """Read each cell as seconds, Float64 (n,); null where it is no length of time."""
        text = pl.col("cell").str.strip_chars()
        read = pl.coalesce(_seconds(text, pattern) for pattern in (_CLOCK, _ISO, _WORDS))
        return cells.to_frame("cell").select(read.alias(cells.name)).to_series()

    def said_of(self, cell: str, value: float) -> str:
        """Tell in words how a cell was read."""
        return f"read {shown(cell)} as {value:.15g} seconds"


def _seconds(text: pl.Expr, pattern: str) -> pl.Expr:
    parts = text.str.extract_groups(pattern)
    amounts = [parts.struct.field(part).cast(pl.Float64) * seconds for part, seconds in _SECONDS.items()]
    is_there = pl.any_horizontal(amount.is_not_null() for amount in amounts)
    total = pl.sum_horizontal(amounts)  # what is not there adds nothing
    return pl.when(is_there).then(pl.when(parts.struct.field("sign") == "-").then(-total).otherwise(total))
