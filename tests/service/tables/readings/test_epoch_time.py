"""Counts since 1970 are dates where the column's name or its numbers say so."""

from datetime import datetime

import polars as pl
import pytest

from service.tables.readings.epoch_time import EpochTime

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
