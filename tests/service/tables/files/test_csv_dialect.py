"""How a CSV file is written is told from it: delimiters, decimal commas, lines before the header."""

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.errors import BadInputError
from service.tables.files import csv_blocks
from service.tables.files.csv_dialect import CsvDialect
from service.tables.files.raw_table import open_raw_batches, read_raw_table

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


TOLD = {
    "one and a half": ("a;b\n1,5;x\n2;y\n", True),
    "below zero": ("a;b\n-0,25;x\n", True),
    "thousands with points": ("a;b\n1.234,5;x\n", True),
    "no integer": ("a\tb\n,5\t1\n", True),
    "an exponent": ("a|b\n1,5e-3|1\n", True),
    "commas in words": ("a;b\nx, y;1\n", False),
    "a comma in one cell of a column of words": ("a;b\n1,5;1\nx;2\n", False),
    "points": ("a;b\n1.5;x\n", False),
    "points and thousands with commas": ("a;b\n1,234.5;1\n1,234;2\n", False),
    "points in more columns": ("a;b;c\n1,5;1.5;2.25\n", False),
    "either way, between semicolons": ("a;b\n1,234;x\n", True),
    "either way, between tabs": ("a\tb\n1,234\tx\n", False),
    "commas between cells": ("a,b\n1,5\n2,7\n", False),
    "no rows with numbers": ("a;b\nx;y\n", False),
}


@pytest.mark.parametrize(("text", "expected"), TOLD.values(), ids=TOLD.keys())
def test_a_decimal_comma_is_told(tmp_path: Path, text: str, *, expected: bool) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    assert read_raw_table(path).decimal_comma is expected
    named = read_raw_table(path, dialect=CsvDialect(decimal_comma=not expected))
    assert named.decimal_comma is not expected


SKIPPED = {
    "sep=;": ("sep=;\na;b\n1,5;x\n2;y\n", ["a", "b"], 1),
    "sep=, in quotes": ('"sep=,"\na,b\n1,2\n3,4\n', ["a", "b"], 1),
    "sep= and a tab": ("SEP=\t\na\tb\n1\t2\n3\t4\n", ["a", "b"], 1),
    "sep= and what nobody tells": ("sep=~\na~b\n1~2\n3~4\n", ["a", "b"], 1),
    "sep= after a mark": ("\ufeffsep=;\na;b\n1;2\n3;4\n", ["a", "b"], 1),
    "comments": ("# made by\n#\n\n# hand\na,b\n1,2\n3,4\n", ["a", "b"], 3),
    "a comment with an odd quote": ('# the 5" file\na,b\n1,2\n"3",4\n', ["a", "b"], 1),
    "a comment with as many cells": ("# by, us\nprice,city\n1,x\n2,y\n", ["price", "city"], 1),
    "comments above a header with a mark": ("# c\n#,name\n1,x\n2,y\n", ["#", "name"], 1),
    "a header with a mark": ("#,name\n1,x\n2,y\n", ["#", "name"], 0),
    "a header of words with a mark": ("#id,name\nq,x\np,y\n", ["#id", "name"], 0),
    "a header as NumPy writes it": ("# a,b\n1,2\n3,4\n", ["# a", "b"], 0),
    "a title": ("Sales of 2024\na,b\n1,2\n3,4\n", ["a", "b"], 1),
    "a title and a blank line": ("Sales of 2024\n\na;b\n1;2\n3;4\n", ["a", "b"], 1),
    "a title in quotes": ('"Sales, ""net""\nof 2024"\na;b\n1;2\n3;4\n', ["a", "b"], 2),
    "all of them": ("sep=;\n# made by hand\nSales, of 2024\na;b\n1;2\n3;4\n", ["a", "b"], 3),
}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("text", "names", "n_lines"), SKIPPED.values(), ids=SKIPPED.keys())
def test_lines_before_the_header_are_skipped(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    text: str,
    names: list[str],
    n_lines: int,
    end: str,
) -> None:
    path = tmp_path / "table.csv"
    text = text.replace("\n", end)
    n_all = text.count(end)
    for data in (text.encode(), gzip.compress(text.encode()), text.removeprefix("\ufeff").encode("utf-16")):
        path.write_bytes(data)
        table = read_raw_table(path)
        assert table.frame.columns == names
        assert table.frame.height == 2
        assert table.preamble.n_lines == n_lines
        assert table.place(1, names[1]) == f"{path}: line {n_all}, column {names[1]!r}"
        with monkeypatch.context() as patched:
            patched.setattr(csv_blocks, "BYTES_AT_ONCE", 5)
            pieces = list(open_raw_batches(path, n_rows=1).pieces())
        assert [piece.frame.row(0) for piece in pieces] == table.frame.rows()
        assert pieces[1].place(0, names[1]) == table.place(1, names[1])


KEPT = {
    "one column of words": (
        "sentence\nall is well\nHello, world\n",
        r": line 3: .*expected 1 cell, as in the header, got 2",
    ),
    "one record below": ("Sales\na,b\n", r": line 2: .*expected 1 cell, as in the header, got 2"),
    "records that differ": (
        "Sales\na,b\n1,2\n3,4,5\n",
        r": line 2: .*expected 1 cell, as in the header, got 2",
    ),
    "a malformed title": ('"Sales" of 2024\na,b\n1,2\n', r"got one column, 'Sales of 2024'"),
    "two titles": ("Sales\nof 2024\na,b\n1,2\n", r": line 3: .*expected 1 cell, as in the header, got 2"),
    "a fault after a title": (
        "Sales\n\na;b\n" + "1;2\n" * 600 + "3\n",
        r": line 604: .*expected 2 cells, as in the header, got 1",
    ),
    "a fault after comments": (
        '# "\n# x\na,b\n1,"2"\n3\n',
        r": line 5: .*expected 2 cells, as in the header, got 1",
    ),
    "comments alone": ("# a\n# b\n", r"an empty file$"),
    "a delimiter that is not there": (
        "sep=,\na;b\n1;2\n",
        r"got one column, 'a;b': is the delimiter ';'\?",
    ),
}


@pytest.mark.parametrize(("text", "match"), KEPT.values(), ids=KEPT.keys())
def test_what_may_be_part_of_the_table_is_not_skipped_and_faults_have_their_lines(
    tmp_path: Path, text: str, match: str
) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    with pytest.raises(BadInputError, match=match):
        read_raw_table(path)


def test_the_delimiter_that_the_user_names_goes_before_the_files(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("sep=,\na;b\n1;2\n")
    assert read_raw_table(path, dialect=CsvDialect(delimiter=";")).frame.rows() == [("1", "2")]


def test_a_first_column_without_a_name_gets_one_that_is_free(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(',unnamed,b\n"0",1,2\n')
    assert read_raw_table(path).frame.columns == ["unnamed_2", "unnamed", "b"]
    path.write_text('"",a\n0,1\n')
    assert read_raw_table(path).frame.columns == ["unnamed", "a"]
    for text, column in ((",a,\n0,1,2\n", 1), (",\n0,1\n", 1), ("a,\n0,1\n", 2)):
        path.write_text(text)
        with pytest.raises(BadInputError, match=rf"a name for every column, got none for column {column}"):
            read_raw_table(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    comments=st.lists(st.text(alphabet='ab ,;"é#\t', max_size=12), max_size=4),
    separator=st.sampled_from(["", "sep=;\n"]),
    cells=st.lists(
        st.tuples(*[st.text(alphabet='a"\n,; ', min_size=1, max_size=4)] * 3), min_size=1, max_size=5
    ),
    n_bytes=st.integers(1, 40),
)
def test_what_stands_before_changes_no_cell(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    comments: list[str],
    separator: str,
    cells: list[tuple[str, str, str]],
    n_bytes: int,
) -> None:
    monkeypatch.setattr(csv_blocks, "BYTES_AT_ONCE", n_bytes)
    path = tmp_path / "table.csv"
    rows = [("number", "x", "y"), *((str(row), *cells[1:]) for row, cells in enumerate(cells))]
    written = "\n".join(";".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    path.write_text("".join([separator, *(f"#{comment}\n" for comment in comments), written]))
    table = read_raw_table(path)
    assert table.frame.columns == list(rows[0])
    assert table.frame.rows() == rows[1:]
    assert table.preamble.n_lines == len(comments) + bool(separator)
