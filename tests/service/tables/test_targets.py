"""The target tells the task, unless somebody names it, and names the classes; similar names are reported."""

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BadInputError
from service.tables.cells import numbers
from service.tables.targets import TargetColumn, read_target, similar_names
from workers.train_dev_data import Task


def column(cells: list[Any], name: str = "y", *, decimal_comma: bool = False) -> TargetColumn:
    return TargetColumn(
        pl.Series(name, cells),
        "table.csv",
        lambda row: f"table.csv: line {row + 2}, column '{name}'",
        decimal_comma,
    )


def integers(low: int, high: int, step: int = 1) -> list[str]:
    return [str(number) for number in range(low, high + 1, step)] * 3


@pytest.mark.parametrize(
    ("cells", "task"),
    [
        (["no", "yes"] * 5, Task.CLASSIFICATION),
        (["0", "1"] * 5, Task.CLASSIFICATION),
        (["-1", "+1", " 2 "] * 3, Task.CLASSIFICATION),
        (integers(0, 6), Task.CLASSIFICATION),
        (integers(0, 7), Task.REGRESSION),  # more than 7, evenly spaced
        (integers(10, 100, step=10), Task.REGRESSION),
        (["1", "2", "3", "5", "8", "13", "21", "34"] * 3, Task.CLASSIFICATION),  # unevenly spaced
        ([str(n * n) for n in range(20)] * 3, Task.CLASSIFICATION),
        ([str(n * n) for n in range(21)] * 3, Task.REGRESSION),  # more than 20 distinct values
        ([str(n) for n in range(4)] * 2 + ["0"], Task.REGRESSION),  # fewer than 3 rows for each
        ([f"{n:02}" for n in range(1, 13)] * 3, Task.CLASSIFICATION),  # codes
        (["0.0", "1.0"] * 5, Task.CLASSIFICATION),  # labels as pandas writes them once one is missing
        (["0.0", "1"] * 5, Task.CLASSIFICATION),
        (["0.0", "0.5"] * 5, Task.REGRESSION),
        (["0.0", "1.0", "2.0"] * 5, Task.REGRESSION),
    ],
)
def test_the_task_is_told_by_the_cells(cells: list[str], task: Task) -> None:
    assert read_target(column(cells), task=None).task is task


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("label", Task.CLASSIFICATION),
        ("Class", Task.CLASSIFICATION),
        ("target_class", Task.CLASSIFICATION),
        ("targetClass", Task.CLASSIFICATION),
        ("DIGIT 1", Task.CLASSIFICATION),
        ("Category-ID", Task.CLASSIFICATION),
        ("type2", Task.CLASSIFICATION),
        ("score", Task.REGRESSION),
        ("target", Task.REGRESSION),
        ("classroom", Task.REGRESSION),
        ("prototype", Task.REGRESSION),
    ],
)
@pytest.mark.parametrize("cells", [integers(0, 9), list(range(10)) * 3], ids=["text", "typed"])
def test_a_name_that_says_classes_makes_classes_of_many_integers(
    name: str, task: Task, cells: list[Any]
) -> None:
    assert read_target(column(cells, name), task=None).task is task


AS_NUMBERS = "--task regression predicts them as numbers"
AS_CLASSES = "--task classification predicts them as classes"


@pytest.mark.parametrize(
    ("cells", "name", "note"),
    [
        (["1.0", "2.0", "3.0", "4.0", "5.0"] * 3, "x", f"a number (regression): 5 {{}}1 to 5; {AS_CLASSES}"),
        (["1,0", "2,0", "4,0"] * 3, "x", f"a number (regression): 3 {{}}1 to 4; {AS_CLASSES}"),
        ([-1.0, 0.0, 1.0] * 3, "x", f"a number (regression): 3 {{}}-1 to 1; {AS_CLASSES}"),
        ([1, 2, 3] * 3, "x", f"a class (classification): 3 {{}}1 to 3; {AS_NUMBERS}"),
        (integers(1, 10), "x", f"a number (regression): 10 evenly spaced {{}}1 to 10; {AS_CLASSES}"),
        (
            integers(0, 9),
            "label",
            f"a class (classification): 10 {{}}0 to 9, and the column's name suggests classes; {AS_NUMBERS}",
        ),
        (
            [f"{n:02}" for n in range(1, 13)] * 3,
            "x",
            f"a class (classification): 12 {{}}1 to 12, some with a leading zero, as in codes; {AS_NUMBERS}",
        ),
    ],
)
def test_what_can_be_meant_either_way_is_noted_with_the_flag_for_the_other(
    cells: list[Any], name: str, note: str
) -> None:
    target = read_target(column(cells, name, decimal_comma="1,0" in cells), task=None)
    assert target.notes == (f"target {name!r} is predicted as {note.format('whole numbers from ')}",)
    for task in Task:
        assert read_target(column(cells, name, decimal_comma="1,0" in cells), task=task).notes == ()


@pytest.mark.parametrize(
    "cells",
    [
        ["no", "yes"] * 5,
        ["0", "1"] * 5,
        ["0.0", "1.0"] * 5,
        [True, False] * 5,
        ["1.5", "2.5", "3"] * 3,
        [str(n) for n in range(40)],
        [str(n) for n in range(4)] * 2,
    ],
)
def test_what_is_as_it_seems_is_not_noted(cells: list[Any]) -> None:
    assert read_target(column(cells), task=None).notes == ()


@pytest.mark.parametrize(
    "cells", [["0.0", "1.0"] * 5, [0.0, 1.0] * 5, integers(1, 10), ["1", "2.0", "01"] * 5, ["a", "b"] * 5]
)
def test_the_task_on_record_gives_the_target_that_was_inferred(cells: list[Any]) -> None:
    inferred = read_target(column(cells), task=None)
    again = read_target(column(cells), task=inferred.task)
    assert (again.task, again.class_names) == (inferred.task, inferred.class_names)
    assert again.y.tolist() == inferred.y.tolist()


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


def test_one_number_spelled_in_several_ways_is_one_class_and_a_note_says_so() -> None:
    target = read_target(column(["1", "01", "1.0", "2.5", "2.50", "25e-1"]), task=Task.CLASSIFICATION)
    assert target.class_names == ("1", "2.5")
    assert target.y.tolist() == [0, 0, 0, 1, 1, 1]
    assert target.notes == (
        (
            "target 'y': different spellings of the same number are merged: '01', '1' and '1.0' are one"
            " class, '1'; '2.5', '2.50' and '25e-1' are one class, '2.5'"
        ),
    )


def test_of_many_merged_spellings_a_few_are_listed() -> None:
    cells = [spelling for n in range(1, 6) for spelling in (f"{n}", f"{n}.0")] * 2
    (note,) = read_target(column(cells), task=Task.CLASSIFICATION).notes
    assert note.endswith("'3' and '3.0' are one class, '3'; and 2 more")


@pytest.mark.parametrize(
    ("cells", "decimal_comma", "class_names"),
    [
        (["01", "02"], False, ("01", "02")),
        (["10", " 09 ", "08"], False, ("08", "09", "10")),
        (["+1", "-1"], False, ("-1", "+1")),
        (["1.50", "1.5e1"], False, ("1.50", "1.5e1")),
        (["1.0", "2.00"], False, ("1", "2")),
        (["1", "01", "02"], False, ("1", "02")),
        (["1,50", "2,0"], True, ("1,50", "2")),
        (["1,5", "1,50", "3"], True, ("1,5", "3")),
        (["1.000", "1"], True, ("1", "1.000")),  # a point between groups of three digits
        (["9007199254740993", "9007199254740992"], False, ("9007199254740992", "9007199254740993")),
    ],
)
def test_classes_that_are_numbers_are_called_as_they_are_written(
    cells: list[str], *, decimal_comma: bool, class_names: tuple[str, ...]
) -> None:
    target = read_target(column(cells * 3, decimal_comma=decimal_comma), task=Task.CLASSIFICATION)
    assert target.class_names == class_names


spellings = st.from_regex(r"[+-]?[0-9]{1,3}([.,][0-9]{1,4})?", fullmatch=True)


@given(cells=st.lists(spellings, min_size=2, max_size=8), decimal_comma=st.booleans())
def test_the_name_of_a_class_is_read_as_the_number_of_its_cells(
    cells: list[str], *, decimal_comma: bool
) -> None:
    if not decimal_comma:
        cells = [cell.replace(",", ".") for cell in cells]
    read = numbers(pl.Series(cells), decimal_comma=decimal_comma)
    if read.n_unique() < 2:
        return
    target = read_target(column(cells * 3, decimal_comma=decimal_comma), task=Task.CLASSIFICATION)
    assert len(target.class_names) == read.n_unique()
    names = pl.Series([target.class_names[index] for index in target.y[: len(cells)]])
    assert numbers(names, decimal_comma=decimal_comma).to_list() == read.to_list()


def test_naming_the_task_overrides_the_cells() -> None:
    assert read_target(column(["0", "1"] * 5), task=Task.REGRESSION).y.dtype == np.float64
    texts = ["1"] * 5 + ["2"] * 5 + ["other"] * 3
    assert read_target(column(texts), task=Task.CLASSIFICATION).class_names == ("1", "2", "other")


def test_regression_on_text_is_refused_with_its_place() -> None:
    with pytest.raises(
        BadInputError, match=r"^table.csv: line 2, column 'y': regression: expected numbers, got text, 'low'"
    ):
        read_target(column(["low", "high"] * 5), task=Task.REGRESSION)


@pytest.mark.parametrize(
    ("cells", "task", "class_names"),
    [
        ([0, 1] * 5, Task.CLASSIFICATION, ("0", "1")),
        ([True, False] * 5, Task.CLASSIFICATION, ("false", "true")),
        ([0.0, 1.0] * 5, Task.CLASSIFICATION, ("0", "1")),
        ([0.0, 0.5] * 5, Task.REGRESSION, ()),
        ([1.0, 2.0, 3.0] * 5, Task.REGRESSION, ()),
        ([1, 2, 3] * 5, Task.CLASSIFICATION, ("1", "2", "3")),
        (list(range(1, 11)) * 3, Task.REGRESSION, ()),
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
    with pytest.raises(
        BadInputError, match=r"table.csv: column 'y': expected a class or a number as target, got dates"
    ):
        read_target(column([date(2020, 1, day) for day in range(1, 13)]), task=None)


@pytest.mark.parametrize(
    ("cells", "values", "said"),
    [
        (
            [f"${n:,}.50" for n in range(990, 1020)],
            [n + 0.5 for n in range(990, 1020)],
            "read '$990.50' as 990.5",
        ),
        ([f"{n} %" for n in range(30)], list(range(30)), "read '0 %' as 0"),
        ([f"{n},5" for n in range(30)], [n + 0.5 for n in range(30)], "read '0,5' as 0.5"),
        (
            [f"{n}h 30m" for n in range(30)],
            [n * 3600 + 1800 for n in range(30)],
            "read '0h 30m' as 1800 seconds",
        ),
    ],
)
def test_numbers_of_another_spelling_are_numbers_and_a_note_says_how(
    cells: list[str], values: list[float], said: str
) -> None:
    target = read_target(TargetColumn(pl.Series("y", cells), "t.csv", str), task=None)
    assert target.task is Task.REGRESSION
    assert target.y.tolist() == values
    assert target.notes == (f"target 'y' is {said}",)


def test_a_few_of_them_are_names_unless_a_regression_is_asked_for() -> None:
    column = TargetColumn(pl.Series("y", ["5 %", "10 %", "15 %"] * 5), "t.csv", str)
    assert read_target(column, task=None).class_names == ("10 %", "15 %", "5 %")
    assert read_target(column, task=Task.REGRESSION).y.tolist() == [5, 10, 15] * 5


def test_a_bound_is_no_target() -> None:
    cells = pl.Series("y", [*(f"{n}.5" for n in range(30)), "<1000"])
    with pytest.raises(
        BadInputError, match=r"expected a number as target, got a bound, '<1000'; leave such rows out"
    ):
        read_target(TargetColumn(cells, "t.csv", str), task=None)
    income = TargetColumn(pl.Series("y", ["<=50K", ">50K"] * 5), "t.csv", str)
    assert read_target(income, task=None).class_names == ("<=50K", ">50K")


@pytest.mark.parametrize(("scale", "advice"), [("e155", "divide"), ("e36", "divide"), ("e-200", "multiply")])
def test_numbers_whose_errors_cannot_be_squared_are_refused(scale: str, advice: str) -> None:
    cells = [f"{1 + n / 7}{scale}" for n in range(30)]
    with pytest.raises(BadInputError, match=rf"column 'y': expected targets .*; {advice} the column by"):
        read_target(column(cells), task=Task.REGRESSION)


@pytest.mark.parametrize("scale", ["e33", "e-34"])
def test_numbers_just_within_are_taken(scale: str) -> None:
    cells = [f"{1 + n / 7}{scale}" for n in range(30)]
    assert read_target(column(cells), task=Task.REGRESSION).task is Task.REGRESSION


BEFORE = "classes that differ only in case or blanks, with their known examples: "


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("no", "yes"), ""),
        (("New York", "NewYork", "New-York"), ""),
        (("1", "01"), ""),
        ((), ""),
        (("Yes", "no", "YES", "yes"), f"{BEFORE}'Yes' (10), 'YES' (1,012) and 'yes' (1,013)"),
        (("New York", "New  York"), f"{BEFORE}'New York' (10) and 'New  York' (1,011)"),
        (("Straße", "STRASSE"), f"{BEFORE}'Straße' (10) and 'STRASSE' (1,011)"),
        (("a", "b", "A", "B"), f"{BEFORE}'a' (10) and 'A' (1,012); 'b' (1,011) and 'B' (1,013)"),
        (("caf\u00e9", "cafe\u0301"), f"{BEFORE}'caf\u00e9' (10) and 'cafe\u0301' (1,011)"),
    ],
)
def test_names_that_differ_only_in_case_or_blanks_are_said(names: tuple[str, ...], said: str) -> None:
    y = np.repeat(np.arange(4), [10, 1011, 1012, 1013])
    assert similar_names(names, y) == said


def test_of_many_groups_a_few_are_listed() -> None:
    names = [name for letter in "abcde" for name in (letter, letter.upper())]
    said = similar_names(names, np.arange(30) % 10)
    assert said.endswith("; 'c' (3) and 'C' (3); and 2 more")
