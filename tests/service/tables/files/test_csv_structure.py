"""Masks of bits say what a walk over the bytes says; columns aligned by blanks are read as columns."""

import bz2
import io
import sys
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.errors import BadInputError
from service.tables.column_kinds import ColumnKind
from service.tables.columns import Column
from service.tables.files import csv_blocks
from service.tables.files.csv_dialect import CsvDialect
from service.tables.files.csv_structure import (
    after,
    count,
    first_position,
    mask_of,
    odd,
    positions,
    tabs_for_blanks,
)
from service.tables.files.raw_table import open_raw_batches, read_raw_table
from service.tables.input_files import STANDARD_INPUT, as_file
from service.tables.new_examples import open_examples

DATA = st.integers(0, 300).flatmap(lambda n: st.binary(min_size=n, max_size=n)) | st.text("ab").map(
    str.encode
)


@given(data=DATA, byte=st.sampled_from(b"ab\0"))
def test_marks_are_counted_and_found(data: bytes, byte: int) -> None:
    mask = mask_of(data, byte)
    places = [place for place, other in enumerate(data) if other == byte]
    assert positions(mask).tolist() == places
    assert count(mask) == len(places)
    assert first_position(mask) == next(iter(places), None)


@given(data=DATA.filter(len), first=st.booleans())
def test_marks_move_to_the_next_byte(data: bytes, *, first: bool) -> None:
    marked = [first, *(byte == ord("a") for byte in data[:-1])]
    moved = positions(after(mask_of(data, ord("a")), first=first))
    assert [place for place in moved.tolist() if place < len(data)] == [
        n for n, bit in enumerate(marked) if bit
    ]


@given(data=DATA)
def test_parity_is_that_of_the_marks_so_far(data: bytes) -> None:
    sums = accumulate(byte == ord("a") for byte in data)
    places = [place for place, total in enumerate(sums) if total % 2]
    found = positions(odd(mask_of(data, ord("a")))).tolist()
    assert [place for place in found if place < len(data)] == places


TABLE = '  name      x    y  \nann         1  2.5\n\n"bob b.."\t 22    3 \n'
ROWS = [("ann", "1", "2.5"), ("bob b..", "22", "3")]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b" a  b \n", b"a\tb\n"),
        (b"a \t b", b"a\tb"),
        (b'"a  b"  c\t\n', b'"a  b"\tc\n'),
        (b'"a ""  b" c', b'"a ""  b"\tc'),
        (b"a \r\n b\r c", b"a\r\nb\rc"),
        (b"   ", b""),
        (b"", b""),
        (b"ab\n", b"ab\n"),
    ],
)
def test_a_run_of_blanks_becomes_a_tab(data: bytes, expected: bytes) -> None:
    assert tabs_for_blanks(data) == expected


@pytest.mark.parametrize("encode", [str.encode, lambda text: bz2.compress(text.encode())])
def test_aligned_columns_are_read_and_found_again(
    tmp_path: Path, encode: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(encode)
    monkeypatch.setattr(csv_blocks, "BYTES_AT_ONCE", 50)
    path = tmp_path / "table.txt"
    path.write_bytes(encode(TABLE))
    table = read_raw_table(path)
    assert table.frame.columns == ["name", "x", "y"]
    assert table.frame.rows() == ROWS
    assert table.delimiter == " "
    assert table.place(1, "x") == f"{path}: line 4, column 'x'"
    pieces = list(open_raw_batches(path, n_rows=1).pieces(["y", "name"]))
    assert [piece.frame.row(0) for piece in pieces] == [("2.5", "ann"), ("3", "bob b..")]
    assert pieces[1].place(0, "x") == table.place(1, "x")


REFUSED = {
    "a row too long": (
        "a b\n" + "1  2\n" * 600 + "1 2 3\n",
        r": line 602: .*expected 2 cells, as in the header, got 3",
    ),
    "a quote in a cell": (
        "a b\n" + "1  2\n" * 600 + '1 5"x\n',
        r": line 602: .*quotes in it to be quoted, .*",
    ),
    "rows that differ at once": ("a b\n1 2\n1 2 3\n", r"got one column, 'a b': is the delimiter ' '\?"),
    "a header alone": ("a b\n", r"got one column, 'a b': is the delimiter ' '\?"),
}


@pytest.mark.parametrize(("text", "match"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_aligned_is_refused_in_one_line(tmp_path: Path, text: str, match: str) -> None:
    path = tmp_path / "table.txt"
    path.write_text(text)
    with pytest.raises(BadInputError, match=match) as caught:
        read_raw_table(path)
    assert "\n" not in str(caught.value)


def test_a_named_delimiter_is_one_blank_and_not_a_run(tmp_path: Path) -> None:
    path = tmp_path / "table.txt"
    path.write_text("a b c\n1  2\n")
    assert read_raw_table(path, dialect=CsvDialect(delimiter=" ")).frame.rows() == [("1", None, "2")]


def test_aligned_columns_come_through_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TABLE.encode())))
    columns = [Column(name="y", kind=ColumnKind.NUMERIC)]
    with as_file(STANDARD_INPUT) as file:
        (piece,) = open_examples(file.path, columns, keep=["name"]).pieces()
    assert piece.frame.rows() == [("2.5", "ann"), ("3", "bob b..")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(st.text(alphabet='ab1 \t\n"', max_size=4), min_size=3, max_size=3), max_size=5),
    blanks=st.lists(st.text(alphabet=" \t", min_size=1, max_size=3), min_size=1, max_size=7),
    n_bytes=st.integers(12, 60),  # the first block tells how the file is written
)
def test_cells_are_those_that_were_written_however_far_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[list[str]], blanks: list[str], n_bytes: int
) -> None:
    monkeypatch.setattr(csv_blocks, "BYTES_AT_ONCE", n_bytes)
    path = tmp_path / "table.txt"
    text = "a b c\n1 2 3\n"
    for number, row in enumerate(rows):
        between = blanks[number % len(blanks)]
        quoted = ['"' + cell.replace('"', '""') + '"' for cell in row]
        text += f"{between.join(quoted)}{between}\n"
    path.write_text(text)
    table = read_raw_table(path)
    assert table.frame.rows() == [("1", "2", "3"), *(tuple(cell or None for cell in row) for row in rows)]
