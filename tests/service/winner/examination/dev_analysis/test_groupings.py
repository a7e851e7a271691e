"""What examples are sliced by: each value, quarters of many numbers, missing cells; and never too few."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from service.winner.examination.dev_analysis.slices import Grouping, by_class, by_columns
from service.winner.examination.dev_analysis.values import SliceKind
from tests.service.winner.examination.dev_analysis.predicted import named


def grouping_of(values: pl.Series) -> Grouping:
    (found,) = by_columns(pl.DataFrame({"column": values}))
    assert found.column == "column"
    return found


def counts(found: Grouping) -> dict[str, int]:
    """Return the number of examples by the slice's words."""
    return {words: int((found.groups == index).sum()) for index, (_, words) in enumerate(found.slices)}


def test_categories_that_are_frequent_enough_are_slices() -> None:
    cells = ["red"] * 80 + ["green"] * 19 + ["blue"] * 10 + ["rare"] * 9 + [None] * 3
    found = grouping_of(pl.Series(cells))
    assert counts(found) == {"blue": 10, "green": 19, "red": 80, "missing": 3}
    assert [kind for kind, _ in found.slices] == [SliceKind.VALUE] * 3 + [SliceKind.MISSING]
    assert (found.groups[109:118] == -1).all()


def test_of_a_large_dev_set_a_value_needs_20_examples() -> None:
    found = grouping_of(pl.Series(["red"] * 4000 + ["green"] * 20 + ["blue"] * 19))
    assert counts(found) == {"green": 20, "red": 4000}


def test_no_more_than_50_values_are_looked_at() -> None:
    cells = [f"word {word:02}" for word in range(60) for _ in range(20 + word)]
    found = grouping_of(pl.Series(cells))
    assert list(counts(found)) == [f"word {word}" for word in range(10, 60)]


def test_many_numbers_are_cut_at_their_quartiles() -> None:
    numbers = np.random.default_rng(0).permutation(np.arange(100) / 3)
    found = grouping_of(pl.Series(numbers))
    assert counts(found) == {"0 to 8": 25, "8.3333 to 16.333": 25, "16.667 to 24.667": 25, "25 to 33": 25}
    assert {kind for kind, _ in found.slices} == {SliceKind.RANGE}
    for index, (_, words) in enumerate(found.slices):
        low, high = map(float, words.split(" to "))
        inside = numbers[found.groups == index]
        assert [low, high] == pytest.approx([inside.min(), inside.max()], abs=1e-3)


def test_equal_numbers_are_in_one_quarter() -> None:
    found = grouping_of(pl.Series([0.0] * 60 + list(range(1, 41))))
    assert counts(found) == {"0": 60, "1 to 15": 15, "16 to 40": 25}
    assert [kind for kind, _ in found.slices] == [SliceKind.VALUE, SliceKind.RANGE, SliceKind.RANGE]
    assert list(counts(grouping_of(pl.Series([*range(40), *[99] * 60])))) == ["0 to 24", "25 to 99"]


def test_infinite_and_missing_numbers_are_told_apart() -> None:
    cells = [float("-inf"), *map(float, range(38)), float("inf"), None]
    found = grouping_of(pl.Series(cells, dtype=pl.Float64))
    assert list(counts(found)) == ["-inf to 8", "9 to 18", "19 to 28", "29 to inf", "missing"]


def test_few_different_numbers_are_slices_each() -> None:
    assert counts(grouping_of(pl.Series([3.0, 1.5] * 20))) == {"1.5": 20, "3": 20}
    assert counts(grouping_of(pl.Series([7.0] * 20))) == {"7": 20}


def test_truth_values_are_slices() -> None:
    assert counts(grouping_of(pl.Series([True, False, None] * 12))) == {
        "false": 12,
        "true": 12,
        "missing": 12,
    }


def test_dates_are_cut_into_quarters_or_told_one_by_one() -> None:
    days = [datetime(2024, 1, 1) + timedelta(days=day) for day in range(40)]  # noqa: DTZ001 (as tables have them)
    found = grouping_of(pl.Series(days, dtype=pl.Datetime("us")))
    assert counts(found) == {
        "2024-01-01 to 2024-01-10": 10,
        "2024-01-11 to 2024-01-20": 10,
        "2024-01-21 to 2024-01-30": 10,
        "2024-01-31 to 2024-02-09": 10,
    }
    assert counts(grouping_of(pl.Series(days[:2] * 10, dtype=pl.Datetime("us")))) == {
        "2024-01-01": 10,
        "2024-01-02": 10,
    }


def test_a_column_without_values_has_one_slice() -> None:
    for dtype in (pl.String, pl.Float64, pl.Boolean, pl.Datetime("us")):
        assert counts(grouping_of(pl.Series([None] * 12, dtype=dtype))) == {"missing": 12}


def test_odd_text_is_as_it_was_and_long_text_is_cut() -> None:
    odd = "\x1b[31m<script>"
    assert list(counts(grouping_of(pl.Series([odd] * 10 + ["x" * 99] * 10)))) == [odd, "x" * 59 + "…"]


def test_classes_that_are_frequent_enough_are_slices() -> None:
    y = [0] * 30 + [1] * 9 + [2] * 10
    found = by_class(named(y, y), "species")
    assert found.column == "species"
    assert counts(found) == {"a": 30, "c": 10}
    assert found.slices[0] == (SliceKind.CLASS, "a")
