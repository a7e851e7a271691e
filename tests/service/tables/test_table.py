"""Tables come in by name or by file, and what cannot be learned from is refused in one line."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_digits

from service.errors import BadInputError
from service.tables.column_kinds import ColumnKind
from service.tables.said_column import SaidColumn
from service.tables.table import Table, TableOptions, load_table
from workers.train_dev_data import Task

ROWS = 12


def load(name: str, kinds: Mapping[str, ColumnKind] | None = None, **options: Any) -> Table:  # noqa: ANN401 (as `TableOptions` takes them)
    said = {column: SaidColumn(kind=kind) for column, kind in (kinds or {}).items()}
    return load_table(name, options=TableOptions(said=said, **options))


def write(tmp_path: Path, text: str, name: str = "table.csv") -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def table_text(y: list[str], header: str = "a,b,y") -> str:
    return "\n".join([header, *(f"{row},{row * 0.5},{value}" for row, value in enumerate(y))]) + "\n"


NUMBERS = [str(10.5 * row) for row in range(ROWS)]


@pytest.mark.parametrize(
    ("name", "shape", "task", "n_classes"),
    [
        ("breast_cancer", (569, 30), Task.CLASSIFICATION, 2),
        ("diabetes", (442, 10), Task.REGRESSION, 0),
        ("digits", (1797, 64), Task.CLASSIFICATION, 10),
        ("iris", (150, 4), Task.CLASSIFICATION, 3),
        ("wine", (178, 13), Task.CLASSIFICATION, 3),
    ],
)
def test_a_built_in_table_loads_by_name(
    name: str, shape: tuple[int, int], task: Task, n_classes: int
) -> None:
    table = load_table(name)
    assert (table.frame.shape, table.task, len(table.class_names)) == (
        (shape[0], shape[1] + 1),
        task,
        n_classes,
    )
    assert len(table.feature_names) == shape[1]
    assert {table.frame.schema[feature] for feature in table.feature_names} == {pl.Float64}
    assert table.y.dtype.name == ("int64" if n_classes else "float64")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_labels_beside_a_missing_one_are_classes_though_pandas_writes_them_as_decimals(
    tmp_path: Path, ending: str
) -> None:
    labels = [None if row == 5 else float(row % 2) for row in range(ROWS)]
    frame = pl.DataFrame({"a": [0.5 * row for row in range(ROWS)], "y": labels})
    path = tmp_path / f"table.{ending}"
    frame.write_csv(path) if ending == "csv" else frame.write_parquet(path)
    table = load(str(path), target="y")
    assert (table.task, table.class_names, table.n_without_target) == (Task.CLASSIFICATION, ("0", "1"), 1)
    assert table.y.tolist() == [row % 2 for row in range(ROWS) if row != 5]
    assert table.target_notes == ()


def test_a_built_in_table_goes_before_a_file_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, table_text(NUMBERS), "digits")
    assert load_table("digits").frame.shape == (1797, 65)
    assert load("./digits", target="y").frame.shape == (ROWS, 3)


def test_a_built_in_table_keeps_its_target_and_task() -> None:
    assert load("iris", target="species", task=Task.CLASSIFICATION).target_name == "species"
    with pytest.raises(
        BadInputError, match="the target of the built-in table iris is 'species', got 'petal'"
    ):
        load("iris", target="petal")
    with pytest.raises(
        BadInputError, match="the task of the built-in table iris is classification, got regression"
    ):
        load("iris", task=Task.REGRESSION)


def test_a_csv_file_is_read_column_by_column(tmp_path: Path) -> None:
    table = load(write(tmp_path, table_text(NUMBERS, header="a, b ,y"), "prices.csv"), target="y")
    assert (table.name, table.feature_names, table.target_name) == ("prices", ("a", "b"), "y")
    assert table.frame["b"].to_list() == [str(row * 0.5) for row in range(ROWS)]
    np.testing.assert_array_equal(table.y, [10.5 * row for row in range(ROWS)])
    assert (table.task, table.class_names) == (Task.REGRESSION, ())


def test_the_target_may_stand_in_any_column_and_the_file_have_any_ending(tmp_path: Path) -> None:
    table = load(write(tmp_path, table_text(NUMBERS), "table.data"), target="a")
    assert table.feature_names == ("b", "y")
    assert table.frame["y"].to_list() == NUMBERS


def test_a_byte_order_mark_crlf_quotes_and_blank_lines_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    text = table_text([f'"{number}"' for number in NUMBERS]).replace("\n", "\r\n") + "\r\n\r\n"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert load(str(path), target="y").feature_names == ("a", "b")


def test_a_quoted_name_may_hold_a_comma(tmp_path: Path) -> None:
    table = load(write(tmp_path, table_text(NUMBERS, header='"a, in cm",b,y')), target="y")
    assert table.feature_names == ("a, in cm", "b")


REFUSED = {
    "an empty file": ("", "an empty file"),
    "blank lines only": ("\n\n", "an empty file"),
    "a header only": ("a,b,y\n", "expected rows under the header, got none"),
    "a missing target": (
        table_text(NUMBERS, "a,price,y"),
        "'Prices?' to use as target; did you mean 'price'",
    ),
    "two columns of one name": ("a,b, a,y\n1,2,3,4\n", "line 1: .*columns 1 and 3 are both 'a'"),
    "a column without a name": ("a,,y\n1,2,3\n", "line 1: .*got none for column 2"),
    "a short row": ("a,b,y\n1,2,3\n1,2\n", "line 3: .*expected 3 cells, as in the header, got 2"),
    "a long row": ("a,b,y\n1,2,3,4\n", "line 2: .*expected 3 cells, as in the header, got 4"),
    "one column": ("y\n1\n2\n", "got one column, 'y'"),
    "a quote that never ends": ('a,y\n1,2\n"1,2\n', "line 3"),
    "nine rows": (table_text(NUMBERS[:9]), "at least 10 rows, got 9"),
    "nine rows with a target": (
        table_text([*NUMBERS[:9], "", "NA"]),
        "at least 10 rows, got 9, and 2 without a target",
    ),
    "a target that is not finite": (
        table_text([*NUMBERS, "inf"]),
        "line 14, column 'y': .*got a number that is not finite, 'inf'",
    ),
    "a constant number": (
        table_text(["2.5"] * ROWS),
        "column 'y': .*at least two values of the target, got only '2.5'",
    ),
    "a constant class": (
        table_text(["no"] * ROWS),
        "column 'y': .*at least two values of the target, got only 'no'",
    ),
    "a class with one example": (
        table_text(["no"] * 6 + ["maybe"] + ["yes"] * 5),
        "line 8, column 'y': .*at least 3 examples of each class, .*got one of class 'maybe'",
    ),
    "a class with two examples": (
        table_text(["1", "1", *"2222222222"]),
        "line 2, column 'y': .*at least 3 examples of each class, .*got 2 of class '1'",
    ),
    "text among numbers": (
        table_text([*NUMBERS, "low"]),
        "line 14, .*mostly numbers: expected a number, got text, 'low'",
    ),
    "a name for each example": (
        table_text([f"name {row}" for row in range(1500)]),
        "column 'y': .*at most 1000 classes, got 1500 values in 1500 rows",
    ),
}


@pytest.mark.parametrize(("text", "match"), REFUSED.values(), ids=REFUSED.keys())
def test_a_file_that_is_no_table_is_refused_with_its_place(tmp_path: Path, text: str, match: str) -> None:
    path = write(tmp_path, text)
    target = "Prices" if "price" in text else "y"
    with pytest.raises(BadInputError, match=match) as refused:
        load(path, target=target)
    assert path in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes(table_text(NUMBERS).encode() + "1,2,größe\n".encode("latin-1"))
    with pytest.raises(BadInputError, match=r": line 14: .*got other bytes: the bytes look like cp1252 "):
        load(str(path), target="y")


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="got a directory"):
        load(str(tmp_path), target="y")


def test_a_device_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadInputError, match="got a device or pipe"):
        load("/dev/zero", target="y")


def test_what_is_neither_table_nor_file_offers_the_nearest_table() -> None:
    with pytest.raises(BadInputError, match=r"'digts', and no built-in table .*; did you mean digits"):
        load_table("digts")
    with pytest.raises(BadInputError, match=r"'no/such\.csv', and no built-in table .*\)$"):
        load("no/such.csv", target="y")


def test_a_name_too_long_for_the_system_is_refused_kindly() -> None:
    with pytest.raises(BadInputError, match="cannot be read: File name too long"):
        load("x" * 5000, target="y")


def test_without_a_target_the_columns_are_listed(tmp_path: Path) -> None:
    with pytest.raises(
        BadInputError, match=r"expected the target column .*, got none; the columns are 'a', 'b', 'y'"
    ):
        load_table(write(tmp_path, table_text(NUMBERS)))


def test_a_target_like_no_column_lists_at_most_twenty(tmp_path: Path) -> None:
    path = write(tmp_path, "\n".join([",".join(f"c{i}" for i in range(25)), "1" + ",1" * 24]))
    with pytest.raises(BadInputError, match=re.escape("'c18', 'c19' and 5 more")):
        load(path, target="zebra")


def test_rows_without_a_target_are_left_out_and_counted_or_refused(tmp_path: Path) -> None:
    path = write(tmp_path, table_text(["", *NUMBERS, "n/a", "NaN"]))
    table = load(path, target="y")
    assert (table.n_without_target, table.frame.height) == (3, ROWS)
    assert table.place(0, "a").endswith("line 3, column 'a'")
    with pytest.raises(
        BadInputError, match=r"line 2, column 'y': .*expected a target in every row, got nothing"
    ):
        load(path, target="y", refuses_missing_targets=True)
    words = write(tmp_path, table_text(["no", "yes", "n/a"] * 6), "words.csv")
    assert load(words, target="y").class_names == ("no", "yes")
    with pytest.raises(
        BadInputError, match=r"line 4, column 'y': .*expected a target in every row, got text, 'n/a'"
    ):
        load(words, target="y", refuses_missing_targets=True)


def test_further_files_have_the_same_columns_in_any_order(tmp_path: Path) -> None:
    first = write(tmp_path, table_text(NUMBERS), "first.csv")
    second = write(tmp_path, "y,extra,b,a\n1.5,x,2,3\n", "second.csv")
    table = load_table(first, second, options=TableOptions(target="y"))
    assert table.frame.row(ROWS) == ("3", "2", "1.5")
    assert table.file_of_row.tolist() == [0] * ROWS + [1]
    assert table.place(ROWS, "b") == f"{second}: line 2, column 'b'"
    third = write(tmp_path, "y,a\n1.5,x\n", "third.csv")
    with pytest.raises(
        BadInputError, match=r"third.csv: .*expected the columns of .*first.csv, missing: 'b'"
    ):
        load_table(first, third, options=TableOptions(target="y"))


@pytest.mark.parametrize(
    ("kinds", "match"),
    [
        ({"c": ColumnKind.ID}, r"columns\.c: no such column"),
        ({"zzz*": ColumnKind.ID}, r"columns\.zzz\*: no such column"),
        ({"y": ColumnKind.NUMERIC}, r"columns\.y: expected a feature, got the target"),
        ({"a": ColumnKind.GROUP, "b": ColumnKind.GROUP}, "expected at most one group column, got 'a', 'b'"),
    ],
)
def test_words_on_columns_that_fit_none_are_refused(
    tmp_path: Path, kinds: dict[str, ColumnKind], match: str
) -> None:
    with pytest.raises(BadInputError, match=match):
        load(write(tmp_path, table_text(NUMBERS)), target="y", kinds=kinds)


def test_a_name_goes_before_a_pattern(tmp_path: Path) -> None:
    said = {"a": ColumnKind.DATE, "?": ColumnKind.IMAGE}
    assert load(write(tmp_path, table_text(NUMBERS)), target="y", kinds=said).kinds == {
        "a": ColumnKind.DATE,
        "b": ColumnKind.IMAGE,
    }


def test_digits_are_those_that_scikit_learn_loads() -> None:
    """They are read past scikit-learn, which takes half a second to import."""
    ours, theirs = load_table("digits"), load_digits()

    features = ours.frame.drop(ours.target_name)
    assert features.columns == theirs.feature_names
    assert np.array_equal(features.to_numpy(), theirs.data)
    assert np.array_equal(ours.y, theirs.target)
    assert ours.class_names == tuple(map(str, theirs.target_names))
    assert ours.frame[ours.target_name].to_list() == [str(label) for label in theirs.target]
