"""The target tells the task, unless somebody names it."""

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from service.errors import BadInputError
from service.tables.targets import TargetColumn, read_target
from workers.train_dev_data import Task


def column(cells: list[Any]) -> TargetColumn:
    return TargetColumn(
        pl.Series("y", cells), "table.csv", lambda row: f"(table.csv: line {row + 2}, column 'y')"
    )


@pytest.mark.parametrize(
    ("cells", "task"),
    [
        (["no", "yes"] * 5, Task.CLASSIFICATION),
        (["0", "1"] * 5, Task.CLASSIFICATION),
        (["-1", "+1", " 2 "] * 3, Task.CLASSIFICATION),
        ([str(n) for n in range(20)] * 3, Task.CLASSIFICATION),
        ([str(n) for n in range(21)] * 3, Task.REGRESSION),  # more than 20 distinct values
        ([str(n) for n in range(10)] * 2 + ["0"], Task.REGRESSION),  # fewer than 3 rows for each
        (["0.0", "1.0"] * 5, Task.REGRESSION),  # not written as whole numbers
    ],
)
def test_the_task_is_told_by_the_cells(cells: list[str], task: Task) -> None:
    assert read_target(column(cells), task=None).task is task


def test_classes_are_indices_in_the_order_of_their_names() -> None:
    target = read_target(column(["no", " yes", "no", "maybe"] * 3 + ["yes "]), task=None)
    assert target.class_names == ("maybe", "no", "yes")
    assert target.y.tolist() == [1, 2, 1, 0] * 3 + [2]
    assert target.y.dtype == np.int64


def test_a_target_may_have_any_name() -> None:
    cells = pl.Series("count", ["no", "yes"] * 5)
    target = read_target(TargetColumn(cells, "table.csv", lambda row: f"({row})"), task=None)
    assert target.class_names == ("no", "yes")


def test_classes_that_are_numbers_are_in_numeric_order() -> None:
    assert read_target(column(["10", "9", "-1"] * 3), task=None).class_names == ("-1", "9", "10")


def test_one_number_spelled_in_several_ways_is_one_class() -> None:
    target = read_target(column(["1", "01", "1.0", "2.5", "2.50", "25e-1"]), task=Task.CLASSIFICATION)
    assert target.class_names == ("1", "2.5")
    assert target.y.tolist() == [0, 0, 0, 1, 1, 1]


def test_naming_the_task_overrides_the_cells() -> None:
    assert read_target(column(["0", "1"] * 5), task=Task.REGRESSION).y.dtype == np.float64
    texts = ["1"] * 5 + ["2"] * 5 + ["other"] * 3
    assert read_target(column(texts), task=Task.CLASSIFICATION).class_names == ("1", "2", "other")


def test_regression_on_text_is_refused_with_its_place() -> None:
    with pytest.raises(
        BadInputError, match=r"regression needs numbers, found text, 'low' \(table.csv: line 2"
    ):
        read_target(column(["low", "high"] * 5), task=Task.REGRESSION)


@pytest.mark.parametrize(
    ("cells", "task", "class_names"),
    [
        ([0, 1] * 5, Task.CLASSIFICATION, ("0", "1")),
        ([True, False] * 5, Task.CLASSIFICATION, ("false", "true")),
        ([0.0, 1.0] * 5, Task.REGRESSION, ()),
    ],
)
def test_typed_cells_tell_the_task_as_text_does(
    cells: list[object], task: Task, class_names: tuple[str, ...]
) -> None:
    target = read_target(column(cells), task=None)
    assert (target.task, target.class_names) == (task, class_names)


def test_numbers_with_a_decimal_comma_are_numbers() -> None:
    cells = pl.Series("y", ["1,5", "-2", "1.234,5", "0"] * 6)
    target = read_target(TargetColumn(cells, "t.csv", str, decimal_comma=True), task=None)
    assert target.y[:4].tolist() == [1.5, -2.0, 1234.5, 0.0]


def test_dates_are_no_target() -> None:
    with pytest.raises(BadInputError, match=r"a class or a number, found dates \(table.csv: column 'y'\)"):
        read_target(column([date(2020, 1, day) for day in range(1, 13)]), task=None)
