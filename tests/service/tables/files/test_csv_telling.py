"""The delimiter that explains the rows best is told, and one that may be meant is offered."""

from pathlib import Path

import pytest

from service.errors import BadInputError
from service.tables.files.csv_dialect import CsvDialect
from service.tables.files.raw_reading import read_raw_table

FIRST_ROWS = {
    "decimal commas": ("a;b\n1,5;2,5\n", ("1,5", "2,5")),
    "decimal commas, and one in the header": ("price, EUR;n\n1,50;2\n2,25;3\n", ("1,50", "2")),
    "lists in cells": ("a,b\n1|2,x\n3|4,y\n", ("1|2", "x")),
    "delimiters in quotes": ('a,"b;c;d"\n1,"2;3;4"\n', ("1", "2;3;4")),
    "one row": ("a\tb\n1, 2\t3\n", ("1, 2", "3")),
    "one column": ("sentence\nall is well\n", ("all is well",)),
    "one column of times": ("time\n10:20:30\n11:20:30\n", ("10:20:30",)),
}


@pytest.mark.parametrize(("text", "expected"), FIRST_ROWS.values(), ids=FIRST_ROWS.keys())
def test_the_likeliest_delimiter_is_told(tmp_path: Path, text: str, expected: tuple[str, ...]) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    assert read_raw_table(path).frame.row(0) == expected


def test_a_long_file_is_told_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a;b\n" + "1,5;word\n" * 100_000)
    table = read_raw_table(path)
    assert table.frame.shape == (100_000, 2)
    assert table.decimal_comma


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n", "\0", "§"])
def test_what_can_separate_no_cells_is_refused(delimiter: str) -> None:
    with pytest.raises(
        BadInputError, match=r"expected one ASCII character as delimiter, neither a quote nor a line end"
    ):
        CsvDialect(delimiter=delimiter)


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "a\0b"])
def test_an_encoding_that_is_not_known_is_refused(encoding: str) -> None:
    with pytest.raises(BadInputError, match=r"expected an encoding that Python knows, such as cp1252"):
        CsvDialect(encoding=encoding)
