"""Times: dates where there are dates, whoever wrote them, and numbers where there are numbers."""

from datetime import date, datetime

import polars as pl
import pytest

from service.tables.columns import times


@pytest.mark.parametrize(
    "cells",
    [
        ["2024-01-31", "2024-02-01", "?"],
        ["31.01.2024", "01.02.2024", ""],
        [date(2024, 1, 31), date(2024, 2, 1), None],
    ],
)
def test_dates_are_points_in_time_under_the_columns_name(cells: list[object]) -> None:
    found = times(pl.Series("when", cells), decimal_comma=False)
    assert found.to_list() == [datetime(2024, 1, 31), datetime(2024, 2, 1), None]  # noqa: DTZ001 (tables have no zone)
    assert found.name == "when"


def test_numbers_are_numbers() -> None:
    assert times(pl.Series("t", ["3", " 1.5", "NA"]), decimal_comma=False).to_list() == [3, 1.5, None]
    assert times(pl.Series("t", ["3", "1,5"]), decimal_comma=True).to_list() == [3, 1.5]
    assert times(pl.Series("t", [7, 8]), decimal_comma=False).to_list() == [7, 8]
    assert times(pl.Series("t", ["20240131"]), decimal_comma=False).to_list() == [20240131]


def test_what_is_neither_is_none() -> None:
    assert times(pl.Series("t", ["soon", "later"]), decimal_comma=False).to_list() == [None, None]
