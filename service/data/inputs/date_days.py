"""Inputs of dates that are 0 or 1: one for each day, where train rows share their days."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from service.data.inputs.input_block import MICROSECONDS_A_DAY, RowWriter, Statistics
from service.data.inputs.one_hot import LEAST_COVERED, least_rows, most_inputs, writer_of_ones
from service.tables.column_kinds import ColumnKind

MAX_DAYS = 512
"""Days of a column with an input each; in large tables fewer, as of categories."""

FEWEST_ROWS = 5
"""Train rows of a day with an input, also in small tables: a day of fewer tells nothing of later rows."""


class DayColumn(BaseModel):
    """The days of a column that have an input each."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    column: str
    """Name of the column."""

    days: tuple[int, ...] = Field(min_length=1)
    """Days since 1970 began, ascending."""

    @model_validator(mode="after")
    def _days_ascend(self) -> Self:
        if any(day >= later for day, later in pairwise(self.days)):
            raise ValueError(f"expected ascending days ({self.column})")
        return self

    @property
    def input_names(self) -> tuple[str, ...]:
        """One a day."""
        written = np.datetime_as_string(np.array(self.days, dtype="datetime64[D]"))
        return tuple(f"{self.column}={day}" for day in written.tolist())


class DateDaysDescription(BaseModel):
    """Which columns have an input for each day."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    block: Literal["date_days"] = "date_days"
    """Tells the blocks of a transformation apart."""

    columns: tuple[DayColumn, ...]
    """The columns, in the order of their inputs."""


@dataclass(frozen=True, slots=True, eq=False)
class DateDays:
    """Of each column, the day as the one input that is 1.

    A day without an input of its own, which the train set lacks or has too few rows of, is all zeros: what is
    known of it then is what the date's other inputs say. So is a missing date.
    """

    description: DateDaysDescription

    @property
    def kinds(self) -> dict[str, ColumnKind]:
        """The columns that are read."""
        return {it.column: ColumnKind.DATE for it in self.description.columns}

    @property
    def input_names(self) -> tuple[str, ...]:
        """All columns', one after the other."""
        return tuple(name for it in self.description.columns for name in it.input_names)

    def arrays(self) -> Statistics:
        """Return nothing: all is in the description."""
        return {}

    def writer(self, frame: pl.DataFrame) -> RowWriter:
        """Write a 1 for each date's day."""
        read = self.description.columns
        positions = frame.select(
            _day(it.column).replace_strict(it.days, range(len(it.days)), default=None, return_dtype=pl.UInt16)
            for it in read
        )
        return writer_of_ones(positions, n_inputs=tuple(len(it.days) for it in read))


def fit_date_days(frame: pl.DataFrame, columns: Sequence[str]) -> DateDays:
    """Choose the columns whose frequent days hold 9 in 10 of the train cells, as of categories."""
    found = [(name, frequent_days(frame[name])) for name in columns]
    kept = tuple(DayColumn(column=name, days=tuple(days.tolist())) for name, days in found if len(days))
    return DateDays(DateDaysDescription(columns=kept))


def frequent_days(dates: pl.Series) -> NDArray[np.int64]:
    """Return the days that have an input each, in days since 1970, ascending: (n_days,).

    There are none where frequent ones hold too little of the column, or all rows are of one day.
    """
    days = dates.to_frame("date").select(day=_day("date")).drop_nulls()
    counted = days.group_by("day").len("count").sort("count", "day", descending=[True, False])
    least = max(FEWEST_ROWS, least_rows(len(dates)))
    frequent = counted.head(most_inputs(MAX_DAYS, n_rows=len(dates))).filter(pl.col("count") >= least)
    if counted.height <= 1 or frequent["count"].sum() < LEAST_COVERED * days.height:
        return np.zeros(0, dtype=np.int64)
    ascending: NDArray[np.int64] = frequent["day"].sort().to_numpy()
    return ascending


def _day(column: str) -> pl.Expr:
    """Return the days since 1970 began."""
    return pl.col(column).cast(pl.Int64) // MICROSECONDS_A_DAY
