"""Lengths of time as people write them: 26:10:05, 1 day 02:03:04, 2h 30m, PT45M."""

from collections.abc import Sequence
from typing import Literal, Self

import polars as pl
from pydantic import BaseModel, ConfigDict

from service.tables.cells import shown
from service.tables.column_kinds import ColumnKind
from service.tables.readings.number_format import LEAST_SHARE

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
