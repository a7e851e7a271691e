"""Inputs of dates' parts: where in the year, the week and the day a date falls.

Networks read points on a circle, trees the number that the calendar has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Literal, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from search_spaces.input_choices import DateEncoding
from service.data.inputs.input_block import MICROSECONDS_A_DAY, Rows, RowWriter, Statistics
from service.tables.column_kinds import ColumnKind

DAYS_A_YEAR = 365.25


class DatePart(StrEnum):
    """Parts of a date that are cyclic."""

    DAY_OF_YEAR = "day of year"
    WEEKDAY = "weekday"
    TIME_OF_DAY = "time of day"


class ReadPart(BaseModel):
    """A part of a column's dates."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    column: str
    """Name of the column."""

    part: DatePart
    """The part of its dates that is read."""


class CyclicPart(ReadPart):
    """A part that is read as points on a circle."""

    harmonics: int = Field(ge=1)
    """Multiples of the angle that are read, from 1 on."""

    @property
    def input_names(self) -> tuple[str, ...]:
        """The sines', then the cosines'."""
        return tuple(
            f"{self.column} ({self.part}, {function}{f' {k}' if k > 1 else ''})"
            for function in ("sine", "cosine")
            for k in range(1, self.harmonics + 1)
        )


class DatePartsDescription(BaseModel):
    """Which parts of which columns are read."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    block: Literal["date_parts"] = "date_parts"
    """Tells the blocks of a transformation apart."""

    parts: tuple[CyclicPart, ...]
    """The parts, in the order of their inputs."""


class RawDatePartsDescription(BaseModel):
    """Which parts of which columns are read as the calendar's numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    block: Literal["raw_date_parts"] = "raw_date_parts"
    """Tells the blocks of a transformation apart."""

    parts: tuple[ReadPart, ...]
    """The parts, in the order of their inputs."""


_Description = TypeVar("_Description", DatePartsDescription, RawDatePartsDescription)


@dataclass(frozen=True, slots=True, eq=False)
class _PartsOfDates(Generic[_Description]):
    """What reads parts of dates, whatever it makes of them."""

    description: _Description

    @property
    def kinds(self) -> dict[str, ColumnKind]:
        """The columns that are read."""
        return {it.column: ColumnKind.DATE for it in self.description.parts}

    def arrays(self) -> Statistics:
        """Return nothing: all is in the description."""
        return {}


class DateParts(_PartsOfDates[DatePartsDescription]):
    """Of each part sine and cosine of its angle: December is as near to January as to November.

    A fine encoding has those of the angle's multiples, too, up to twice 24 of the day of the year: its shapes
    are about a week wide. Of the weekday there are three, by which any two days may differ; of the time of
    day six.

    The angles are 2 pi (day of the year - 1) / 365.25, 2 pi (weekday - 1) / 7 with Monday as 1, and
    2 pi (time since midnight) / day. A missing date is the circle's center, 0 and 0. So is the day of the
    year of a date too far off for a calendar.
    """

    __slots__ = ()

    @property
    def input_names(self) -> tuple[str, ...]:
        """Two a harmonic."""
        return tuple(name for it in self.description.parts for name in it.input_names)

    def writer(self, frame: pl.DataFrame) -> RowWriter:
        """Write sines and cosines."""
        turns = frame.select(_turns(it).alias(str(j)) for j, it in enumerate(self.description.parts))
        angles = turns.to_numpy() * (2 * np.pi)
        counts = np.array([it.harmonics for it in self.description.parts])
        part = np.repeat(np.arange(len(counts)), counts)
        multiple = np.concatenate([np.arange(1, count + 1) for count in counts])
        sines = np.arange(len(part)) + (np.cumsum(counts) - counts)[part]
        cosines = sines + counts[part]

        def write(rows: Rows, inputs: NDArray[np.float32]) -> None:
            multiples = angles[rows][:, part] * multiple
            inputs[:, sines] = np.nan_to_num(np.sin(multiples))
            inputs[:, cosines] = np.nan_to_num(np.cos(multiples))

        return write


_FINE_HARMONICS = {DatePart.DAY_OF_YEAR: 24, DatePart.WEEKDAY: 3, DatePart.TIME_OF_DAY: 6}


def fit_date_parts(frame: pl.DataFrame, columns: Sequence[str], *, encoding: DateEncoding) -> DateParts:
    """Choose the parts that differ between train rows."""
    is_plain = encoding is DateEncoding.PLAIN
    parts = tuple(
        CyclicPart(column=it.column, part=it.part, harmonics=1 if is_plain else _FINE_HARMONICS[it.part])
        for it in _parts_that_differ(frame, columns)
    )
    return DateParts(DatePartsDescription(parts=parts))


class RawDateParts(_PartsOfDates[RawDatePartsDescription]):
    """Of each part the calendar's number.

    These are the day of the year, from 1; the weekday, Monday being 1; and the hours since midnight. A part
    of a missing date is NaN. So is the day of the year of a date too far off for a calendar.
    """

    __slots__ = ()

    @property
    def input_names(self) -> tuple[str, ...]:
        """One a part."""
        return tuple(f"{it.column} ({it.part})" for it in self.description.parts)

    def writer(self, frame: pl.DataFrame) -> RowWriter:
        """Write the numbers."""
        parts = frame.select(
            _number(it).cast(pl.Float32).alias(str(j)) for j, it in enumerate(self.description.parts)
        ).to_numpy()

        def write(rows: Rows, inputs: NDArray[np.float32]) -> None:
            inputs[:] = parts[rows]

        return write


def fit_raw_date_parts(frame: pl.DataFrame, columns: Sequence[str]) -> RawDateParts:
    """Choose the parts that differ between train rows."""
    return RawDateParts(RawDatePartsDescription(parts=_parts_that_differ(frame, columns)))


def _parts_that_differ(frame: pl.DataFrame, columns: Sequence[str]) -> tuple[ReadPart, ...]:
    parts = [ReadPart(column=column, part=part) for column in columns for part in DatePart]
    differs = frame.select((_turns(it).min() < _turns(it).max()).alias(str(j)) for j, it in enumerate(parts))
    return tuple(it for it, varies in zip(parts, differs.row(0), strict=True) if varies)


_MICROSECONDS_AN_HOUR = MICROSECONDS_A_DAY / 24


def _number(read: ReadPart) -> pl.Expr:
    """Return the calendar's number."""
    date = pl.col(read.column)
    match read.part:
        case DatePart.DAY_OF_YEAR:
            return date.dt.ordinal_day()
        case DatePart.WEEKDAY:
            return date.dt.weekday()
        case DatePart.TIME_OF_DAY:
            return (date.cast(pl.Int64) % MICROSECONDS_A_DAY) / _MICROSECONDS_AN_HOUR


def _turns(read: ReadPart) -> pl.Expr:
    """Return the angle in turns, from 0 to below 1."""
    date = pl.col(read.column)
    match read.part:
        case DatePart.DAY_OF_YEAR:
            return (date.dt.ordinal_day() - 1) / DAYS_A_YEAR
        case DatePart.WEEKDAY:
            return (date.dt.weekday() - 1) / 7
        case DatePart.TIME_OF_DAY:
            return (date.cast(pl.Int64) % MICROSECONDS_A_DAY) / MICROSECONDS_A_DAY
