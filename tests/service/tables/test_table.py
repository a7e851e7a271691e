"""Tables come in by name or by file, and what cannot be learned from is refused in one line."""

import re
from pathlib import Path

import numpy as np
import pytest

from service.errors import BadInputError
from service.tables.table import load_table
from workers.train_dev_data import Task

ROWS = 12


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
    assert (table.X.shape, table.task, len(table.class_names)) == (shape, task, n_classes)
    assert (table.X.dtype.name, len(table.feature_names)) == ("float64", shape[1])
    assert table.y.dtype.name == ("int64" if n_classes else "float64")


def test_a_built_in_table_goes_before_a_file_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, table_text(NUMBERS), "digits")
    assert load_table("digits", target=None).X.shape == (1797, 64)
    assert load_table("./digits", target="y").X.shape == (ROWS, 2)


def test_a_built_in_table_keeps_its_target_and_task() -> None:
    assert load_table("iris", target="species", task=Task.CLASSIFICATION).target_name == "species"
    with pytest.raises(BadInputError, match="that of iris is 'species', got 'petal'"):
        load_table("iris", target="petal")
    with pytest.raises(BadInputError, match="that of iris is classification, got regression"):
        load_table("iris", task=Task.REGRESSION)


def test_a_csv_file_is_read_column_by_column(tmp_path: Path) -> None:
    table = load_table(write(tmp_path, table_text(NUMBERS, header="a, b ,y"), "prices.csv"), target="y")
    assert (table.name, table.feature_names, table.target_name) == ("prices", ("a", "b"), "y")
    np.testing.assert_array_equal(table.X, [[row, row * 0.5] for row in range(ROWS)])
    np.testing.assert_array_equal(table.y, [10.5 * row for row in range(ROWS)])
    assert (table.task, table.class_names) == (Task.REGRESSION, ())


def test_the_target_may_stand_in_any_column_and_the_file_have_any_ending(tmp_path: Path) -> None:
    table = load_table(write(tmp_path, table_text(NUMBERS), "table.data"), target="a")
    assert table.feature_names == ("b", "y")
    np.testing.assert_array_equal(table.X[:, 1], [10.5 * row for row in range(ROWS)])


def test_a_byte_order_mark_crlf_quotes_and_blank_lines_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    text = table_text([f'"{number}"' for number in NUMBERS]).replace("\n", "\r\n") + "\r\n\r\n"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert load_table(str(path), target="y").feature_names == ("a", "b")


def test_a_quoted_name_may_hold_a_comma(tmp_path: Path) -> None:
    table = load_table(write(tmp_path, table_text(NUMBERS, header='"a, in cm",b,y')), target="y")
    assert table.feature_names == ("a, in cm", "b")


REFUSED = {
    "an empty file": ("", "needs a header and examples, the file is empty"),
    "blank lines only": ("\n\n", "the file is empty"),
    "a header only": ("a,b,y\n", "needs examples, found only a header"),
    "a missing target": (table_text(NUMBERS, "a,price,y"), "'Prices?' is not; did you mean 'price'"),
    "text in a feature": ("a,y\n1,2\nblue,3\n", "found text, 'blue' .*line 3, column 'a'"),
    "digit separators": ("a,y\n1_000,2\n", "found text, '1_000' .*line 2, column 'a'"),
    "a missing cell": ("a,b,y\n1,2,3\n1,,3\n", "found nothing .*line 3, column 'b'"),
    "a cell of spaces": ("a,b,y\n1,  ,3\n", "found nothing .*line 2, column 'b'"),
    "NaN": ("a,y\n1,2\nNaN,3\n", "found nan .*line 3, column 'a'"),
    "infinity": ("a,b,y\n1,2,2\n1,-inf,3\n", "found -inf .*line 3, column 'b'"),
    "a number too large": ("a,y\n1e999,3\n", "found inf .*line 2, column 'a'"),
    "two columns of one name": ("a,b, a,y\n1,2,3,4\n", "columns 1 and 3 are both 'a' .*line 1"),
    "a column without a name": ("a,,y\n1,2,3\n", "column 2 has none .*line 1"),
    "a short row": ("a,b,y\n1,2,3\n1,2\n", "expected 3, found 2 .*line 3"),
    "a long row": ("a,b,y\n1,2,3,4\n", "expected 3, found 4 .*line 2"),
    "one column": ("a;b;y\n1;2;3\n", "separated by commas; found one column, 'a;b;y' .*line 1"),
    "a quote that never ends": ('a,y\n1,2\n"1,2\n', "malformed: unexpected end of data .*line 3"),
    "nine rows": (table_text(NUMBERS[:9]), "at least 10 rows, found 9"),
    "a missing target cell": (table_text([*NUMBERS, ""]), "found nothing .*line 14, column 'y'"),
    "a target that is not finite": (
        table_text([*NUMBERS, "nan"]),
        "found a number that is not finite, 'nan' .*line 14, column 'y'",
    ),
    "a constant number": (table_text(["2.5"] * ROWS), "at least two values, found only '2.5' .*column 'y'"),
    "a constant class": (table_text(["no"] * ROWS), "at least two values, found only 'no' .*column 'y'"),
    "a class with one example": (
        table_text(["no"] * 6 + ["maybe"] + ["yes"] * 5),
        "at least 3 examples, .*'maybe' has a single example .*line 8, column 'y'",
    ),
    "a class with two examples": (
        table_text(["1", "1", *"2222222222"]),
        "at least 3 examples, .*'1' has 2 examples .*line 2, column 'y'",
    ),
    "text among numbers": (table_text([*NUMBERS, "n/a"]), "mostly numbers, found text, 'n/a' .*line 14"),
}


@pytest.mark.parametrize(("text", "match"), REFUSED.values(), ids=REFUSED.keys())
def test_a_file_that_is_no_numeric_table_is_refused_with_its_place(
    tmp_path: Path, text: str, match: str
) -> None:
    path = write(tmp_path, text)
    target = "Prices" if "price" in text else "y"
    with pytest.raises(BadInputError, match=match) as refused:
        load_table(path, target=target)
    assert path in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes(table_text(NUMBERS).encode() + "1,2,größe\n".encode("latin-1"))
    with pytest.raises(BadInputError, match=r"line 14 is not UTF-8 \(.*latin\.csv\)"):
        load_table(str(path), target="y")


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="found a directory"):
        load_table(str(tmp_path), target="y")


def test_a_device_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadInputError, match="found a device or pipe"):
        load_table("/dev/zero", target="y")


def test_a_big_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.truncate(257 * 2**20)  # sparse: no such disk space is used
    with pytest.raises(BadInputError, match="big files are not read yet, at most 256 MiB: found 257 MiB"):
        load_table(str(path), target="y")


def test_what_is_neither_table_nor_file_offers_the_nearest_table() -> None:
    with pytest.raises(BadInputError, match="'digts' is neither; did you mean digits"):
        load_table("digts")
    with pytest.raises(BadInputError, match=r"'no/such\.csv' is neither$"):
        load_table("no/such.csv", target="y")


def test_a_name_too_long_for_the_system_is_refused_kindly() -> None:
    with pytest.raises(BadInputError, match="cannot be read: File name too long"):
        load_table("x" * 5000, target="y")


def test_without_a_target_the_columns_are_listed(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="needs its target named; the columns are 'a', 'b', 'y'"):
        load_table(write(tmp_path, table_text(NUMBERS)))


def test_a_target_like_no_column_lists_at_most_twenty(tmp_path: Path) -> None:
    path = write(tmp_path, ",".join(f"c{i}" for i in range(25)))
    with pytest.raises(BadInputError, match=re.escape("'c18', 'c19' and 5 more")):
        load_table(path, target="zebra")


def test_a_refused_cell_is_not_shown_endlessly(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="…") as refused:
        load_table(write(tmp_path, "a,y\n" + "x" * 9999 + ",1\n"), target="y")
    assert len(str(refused.value)) < 400
