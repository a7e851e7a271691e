"""Python objects are read as what all of them are, or as the texts that a file would have."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import ProctorWarning
from service.python.object_cells import object_cells
from service.tables.times import DateFormat
from tests.service.python.foreign_columns import NA

NAN = float("nan")
IN_OSLO = datetime(2024, 6, 1, 10, tzinfo=timezone(timedelta(hours=2)))
NAIVE = datetime(2024, 6, 1, 10)  # noqa: DTZ001 (of no zone, on purpose)
ID = uuid.UUID(int=1)

READ = {
    "texts": (["a", None, NAN, NA, ""], pl.String, ["a", None, None, None, ""]),
    "nothing": ([None, NAN, NA], pl.String, [None, None, None]),
    "truth values": ([True, NA, np.bool_(0)], pl.Boolean, [True, None, False]),
    "false": ([False, None], pl.Boolean, [False, None]),
    "whole numbers": ([1, NA, np.uint8(2), -3], pl.Int64, [1, None, 2, -3]),
    "large whole numbers": ([2**64 - 1, None], pl.UInt64, [2**64 - 1, None]),
    "numbers": ([1, 2.5, NAN, np.float32(0.5)], pl.Float64, [1.0, 2.5, None, 0.5]),
    "decimals": (
        [Decimal("1.50"), Decimal("NaN"), Decimal("inf"), Fraction(1, 4)],
        pl.Float64,
        [1.5, None, float("inf"), 0.25],
    ),
    "durations": ([timedelta(days=1), np.timedelta64(5, "ms"), None], pl.Float64, [86_400.0, 0.005, None]),
    "times of day": (
        [time(1, 2, 3, 4), time(5, tzinfo=UTC), None],
        pl.Datetime("us"),
        [datetime(1970, 1, 1, 1, 2, 3, 4), datetime(1970, 1, 1, 5), None],  # noqa: DTZ001 (dates say no zone)
    ),
    "days": ([date(2024, 6, 1), np.datetime64("NaT")], pl.String, ["2024-06-01", None]),
    "times": ([IN_OSLO, NAIVE, None], pl.String, ["2024-06-01T08:00:00", "2024-06-01T10:00:00", None]),
    "days and times": ([date(2024, 6, 1), NAIVE], pl.String, ["2024-06-01T00:00:00", "2024-06-01T10:00:00"]),
    "NumPy's times": ([np.datetime64("2024-06-01T10", "ns")], pl.String, ["2024-06-01T10:00:00"]),
    "of several kinds": (["a", 1, 2.0, Decimal("2.50"), True], pl.String, ["a", "1", "2", "2.50", "true"]),
    "others": ([ID, None], pl.String, [str(ID), None]),
}


@pytest.mark.parametrize(("cells", "dtype", "values"), READ.values(), ids=READ.keys())
def test_objects_are_read_as_what_all_of_them_are(
    cells: list[Any], dtype: pl.DataType, values: list[Any]
) -> None:
    read = object_cells("x", cells)
    assert (read.name, read.dtype, read.to_list()) == ("x", dtype, values)


@pytest.mark.parametrize(
    ("cell", "noun"),
    [
        ([1], "lists"),
        ({"a": 1}, "dicts"),
        ({1}, "sets"),
        (frozenset(), "sets"),
        ((1,), "tuples"),
        (np.ones(1), "arrays"),
        (pl.Series([1]), "lists"),
        (b"a", "binary data"),
    ],
)
def test_nested_cells_are_refused_in_one_line(cell: object, noun: str) -> None:
    with pytest.raises(
        ValueError, match=f"^expected a number, text, boolean or date in each cell, got {noun} in column 'x'$"
    ):
        object_cells("x", ["a", None, cell])


class Odd:
    """An object that compares to nothing, not even with NA as the answer."""

    def __ne__(self, other: object) -> bool:
        raise RuntimeError("no")

    def __hash__(self) -> int:
        return 0


@pytest.mark.parametrize(
    ("cell", "match"),
    [
        (1j, "expected real numbers .column 'x'"),
        (Odd(), "a number, a text or a date in each cell, got Odd .column 'x'"),
    ],
)
def test_what_cannot_be_told_is_refused(cell: object, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        object_cells("x", [cell, 1])


def test_whole_numbers_beyond_64_bits_are_rounded_with_a_warning() -> None:
    with pytest.warns(ProctorWarning, match=r"rounded to floats: 'x' in 2 rows$"):
        read = object_cells("x", [2**70, -(10**400), None, 1])
    assert read.to_list() == [float(2**70), -np.inf, None, 1.0]


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_whole_numbers_are_read_to_the_last_digit(cells: list[int | None]) -> None:
    assert object_cells("x", list(cells)).to_list() == cells


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


ZONED = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001 (hypothesis takes these)
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001 (likewise)
    timezones=st.integers(-720, 720).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)


@given(st.lists(ZONED, min_size=1))
def test_moments_of_any_zones_are_told_as_the_same_moments(cells: list[datetime]) -> None:
    texts = object_cells("x", list(cells))
    written = DateFormat.told(texts.to_list())
    assert written is not None
    assert written.values(texts).to_list() == list(map(_utc, cells))


@pytest.mark.parametrize("seconds", [timedelta.total_seconds, lambda it: it / timedelta(seconds=1)])
@given(cells=st.lists(st.timedeltas(), min_size=1))
def test_durations_are_their_seconds(cells: list[timedelta], seconds: Callable[[timedelta], float]) -> None:
    np.testing.assert_allclose(
        object_cells("x", list(cells)).to_list(), list(map(seconds, cells)), rtol=1e-12
    )
