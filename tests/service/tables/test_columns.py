"""Cells of text become numbers, truth values, dates or categories; what is none is told."""

from datetime import date, datetime
from math import inf

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BadInputError
from service.tables.column_kinds import ColumnKind
from service.tables.columns import Column, categories, lenient_frame, times, typed_cells, typed_frame


def typed(cells: list[object], kind: ColumnKind, **said: object) -> tuple[list[object], list[int]]:
    column = Column.model_validate({"name": "c", "kind": kind, **said})
    read = typed_cells(pl.Series("c", cells), column)
    values = read.values.dt.to_string() if read.values.dtype.is_temporal() else read.values
    return values.to_list(), read.faulty.to_list()


@given(st.lists(st.floats(allow_nan=False), min_size=1))
def test_a_number_is_read_to_its_last_bit(values: list[float]) -> None:
    assert typed([f"  {value!r} " for value in values], ColumnKind.NUMERIC) == (values, [])


@pytest.mark.parametrize(
    "cell", [None, "", " ", "NA", "n/a", "NaN", "nan", "NULL", "null", "None", "?", "-", "#N/A"]
)
def test_words_for_nothing_are_missing_whatever_the_column_holds(cell: str | None) -> None:
    for kind in (ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.DATE, ColumnKind.CATEGORICAL):
        assert typed([cell, None], kind, reading={"reads": "date", "format": "%Y-%m-%d"}) == (
            [None, None],
            [],
        )


@pytest.mark.parametrize("cell", ["x", "1_000", "0x1F", "1 2", "1,5", "12%", "1e", "--1", "one"])
def test_what_is_no_number_is_faulty(cell: str) -> None:
    assert typed(["1", cell, "3"], ColumnKind.NUMERIC) == ([1.0, None, 3.0], [1])


def test_infinities_are_numbers() -> None:
    assert typed(["inf", "-inf", "Infinity", "1e999"], ColumnKind.NUMERIC) == ([inf, -inf, inf, inf], [])


def test_numbers_with_a_comma_for_a_point() -> None:
    cells: list[object] = ["1,5", "-0,25", "1.234,5", "1.234.567", "7"]
    assert typed(cells, ColumnKind.NUMERIC, decimal_comma=True)[0] == [1.5, -0.25, 1234.5, 1234567.0, 7.0]


def test_typed_numbers_and_truth_values_stay_what_they_are() -> None:
    assert typed([1, None, 3], ColumnKind.NUMERIC) == ([1.0, None, 3.0], [])
    assert typed([1.5, float("nan")], ColumnKind.NUMERIC) == ([1.5, None], [])
    assert typed([True, None], ColumnKind.BOOLEAN) == ([True, None], [])
    assert typed([0, 1, 2, None], ColumnKind.BOOLEAN) == ([False, True, None, None], [2])


def test_numbers_that_are_read_together_are_as_each_would_be_alone() -> None:
    frame = pl.DataFrame(
        {
            "float": [1.5, float("nan"), None],
            "small": pl.Series([0.1, inf, None], dtype=pl.Float32),
            "whole": [1, None, -3],
            "coded": [1, -999, 2],
            "text": ["1", "x", ""],
        }
    )
    columns = [
        Column(name=name, kind=ColumnKind.NUMERIC, missing=("-999",) if name == "coded" else ())
        for name in reversed(frame.columns)
    ]
    read = lenient_frame(frame, columns)
    assert read.frame.columns == [column.name for column in columns]
    assert read.n_faulty == {"text": 1}
    for column in columns:
        assert read.frame[column.name].equals(typed_cells(frame[column.name], column).values)


@pytest.mark.parametrize("kind", [ColumnKind.BOOLEAN, ColumnKind.NUMERIC, ColumnKind.CATEGORICAL])
def test_a_long_column_of_few_words_is_read_as_each_cell_alone(kind: ColumnKind) -> None:
    words: list[object] = [" Yes", "no", "NO ", None, "", "n/a", "1", "0", " 2.5", "maybe"]
    values, faulty = typed(words * 600, kind)
    alone = [typed([word], kind) for word in words]
    assert values == [value for (value,), _ in alone] * 600
    assert faulty == [row for row in range(6000) if alone[row % 10][1]]


def test_truth_values_come_in_pairs_of_words() -> None:
    cells: list[object] = ["Yes", " no", "TRUE", "f", "0", "1", "perhaps", "NA"]
    expected = [True, False, True, False, False, True, None, None]
    assert typed(cells, ColumnKind.BOOLEAN) == (expected, [6])


@pytest.mark.parametrize(
    ("written", "cell", "expected"),
    [
        ("%Y-%m-%d", "2024-02-29", "2024-02-29 00:00:00.000000"),
        ("%d.%m.%Y", " 29.02.2024 ", "2024-02-29 00:00:00.000000"),
        ("%m/%d/%Y", "02/29/2024", "2024-02-29 00:00:00.000000"),
        ("%Y-%m-%d %H:%M:%S%.f", "2024-02-29 13:14:15.25", "2024-02-29 13:14:15.250000"),
    ],
)
def test_dates_are_read_as_they_are_written(written: str, cell: str, expected: str) -> None:
    assert typed(
        [cell, "2023-02-29", None], ColumnKind.DATE, reading={"reads": "date", "format": written}
    ) == (
        [expected, None, None],
        [1],
    )


def test_typed_dates_stay_what_they_are() -> None:
    assert typed([date(2024, 2, 29), None], ColumnKind.DATE) == (["2024-02-29 00:00:00.000000", None], [])


def test_numbers_are_no_dates_and_nan_is_missing_whatever_the_column_holds() -> None:
    assert typed([2024, None, 2025], ColumnKind.DATE) == ([None, None, None], [0, 2])
    assert typed([1.0, float("nan"), 0.5], ColumnKind.BOOLEAN) == ([True, None, None], [2])


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([" red", "red ", "NA", "007", ""], ["red", "red", None, "007", None]),
        ([1, 2, None], ["1", "2", None]),
        ([1.0, 2.5, None], ["1", "2.5", None]),
        ([True, False], ["true", "false"]),
    ],
)
def test_categories_are_texts_whatever_the_file_has(cells: list[object], expected: list[str]) -> None:
    assert categories(pl.Series("c", cells)).to_list() == expected


def test_the_first_faulty_cell_is_refused_with_its_place_or_taken_for_missing() -> None:
    frame = pl.DataFrame({"b": ["1", "2", "x", "y"], "a": ["q", "r", "s", "t"]})
    columns = [Column(name=name, kind=kind) for name, kind in (("a", "categorical"), ("b", "numeric"))]  # type: ignore[arg-type] # pydantic reads words
    with pytest.raises(BadInputError, match=r"at 2 of b: the column is numeric: .* got 'x'; "):
        typed_frame(frame, columns, place=lambda row, name: f"at {row} of {name}")
    read = lenient_frame(frame, columns)
    assert read.frame.columns == ["a", "b"]
    assert read.frame["b"].to_list() == [1.0, 2.0, None, None]
    assert read.n_faulty == {"b": 2}


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
