"""Dates as counts since 1970: seconds, or a thousandth, millionth or billionth of one."""

from typing import Literal, Self

import polars as pl
from pydantic import BaseModel, ConfigDict

from service.tables.cells import numbers
from service.tables.column_kinds import ColumnKind
from service.tables.csv_header import words_of_name

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
