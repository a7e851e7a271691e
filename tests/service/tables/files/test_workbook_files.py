"""A sheet of an Excel workbook is a table with types, wherever on the sheet it stands."""

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from service.errors import BadInputError
from service.tables.column_kinds import ColumnKind
from service.tables.columns import Column
from service.tables.files.raw_table import open_raw_batches, read_raw_table
from service.tables.new_examples import open_examples
from service.tables.table import TableOptions, load_table

Cell = str | float | bool | datetime | None


def write_workbook(
    path: Path, *sheets: tuple[str, Sequence[Sequence[Cell]]], corner: tuple[int, int] = (0, 0)
) -> None:
    """Write sheets of rows, the first cell at a row and a column."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as workbook:
        for name, rows in sheets:
            sheet = workbook.add_worksheet(name)
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, str) and cell.startswith("#"):
                        sheet.write_formula(row + corner[0], column + corner[1], "=NA()", value=cell)
                    elif cell is not None:
                        sheet.write(row + corner[0], column + corner[1], cell)


JANUARY, FEBRUARY = datetime.fromisoformat("2024-01-31"), datetime.fromisoformat("2024-02-01")
ROWS: list[list[Cell]] = [
    ["number", "word", "yes", "day", "mixed"],
    [1.5, "x", True, JANUARY, 1],
    [None, None, None, None, "word"],
    ["#N/A", "y", False, FEBRUARY, None],
]
READ = [
    (1.5, "x", True, JANUARY, "1"),
    (None, None, None, None, "word"),
    (None, "y", False, FEBRUARY, None),
]


@pytest.mark.parametrize("corner", [(0, 0), (3, 2)])
@pytest.mark.parametrize("above", [[], [["Sales of 2024"], []], [["Sales of 2024"]]])
def test_a_sheet_is_read_with_its_types(
    tmp_path: Path, above: list[list[Cell]], corner: tuple[int, int]
) -> None:
    path = tmp_path / "table.csv"
    write_workbook(path, ("All sales", [*above, *ROWS]), corner=corner)
    table = read_raw_table(path)
    assert table.frame.columns == ROWS[0]
    assert table.frame.dtypes[:3] == [pl.Float64, pl.String, pl.Boolean]
    assert table.frame["day"].dtype.is_temporal()
    assert table.frame.rows() == READ
    assert table.sheet == "All sales"
    assert table.place(1, "day") == f"{path}: sheet 'All sales', row 2 under the header, column 'day'"
    pieces = list(open_raw_batches(path, n_rows=2).pieces(["mixed", "word"]))
    assert [piece.frame.rows() for piece in pieces] == [[("1", "x"), ("word", None)], [(None, "y")]]
    assert pieces[1].place(0, "word") == table.place(2, "word")


@pytest.mark.parametrize("n_rows", [1500])
def test_what_comes_late_is_not_lost(tmp_path: Path, n_rows: int) -> None:
    path = tmp_path / "table.xlsx"
    write_workbook(path, ("S", [["a", "b"], *[[row, None] for row in range(n_rows)], ["word", 2.5]]))
    assert read_raw_table(path).frame.rows()[-2:] == [(f"{n_rows - 1}", None), ("word", 2.5)]


def test_names_are_those_in_the_sheet(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    write_workbook(path, ("S", [[None, "a_1", "a", 2024], [0, 1, 2, 3]]))
    assert read_raw_table(path).frame.columns == ["unnamed", "a_1", "a", "2024"]
    write_workbook(path, ("S", [["a", "b", "a"], [0, 1, 2]]))
    with pytest.raises(BadInputError, match=r"sheet 'S': .*columns 1 and 3 are both 'a'"):
        read_raw_table(path)
    write_workbook(path, ("S", [["a", None, "b"], [0, 1, 2]]))
    with pytest.raises(BadInputError, match=r"sheet 'S': .*got none for column 2"):
        read_raw_table(path)
    write_workbook(path, ("S", [["a", None, "b"], [0, None, 2]]))
    assert read_raw_table(path).frame.columns == ["a", "b"]


def test_a_sheet_is_found_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    write_workbook(path, ("first", [["a"], [1]]), ("second", [["b"], [2]]), ("third", []))
    assert read_raw_table(path).frame.columns == ["a"]
    assert read_raw_table(path, sheet="second").frame.columns == ["b"]
    with pytest.raises(BadInputError, match=r"no sheet 'secnd'; did you mean 'second'\?$"):
        read_raw_table(path, sheet="secnd")
    with pytest.raises(BadInputError, match=r"no sheet 'x'; the sheets are 'first', 'second', 'third'$"):
        open_raw_batches(path, n_rows=1, sheet="x")
    with pytest.raises(BadInputError, match=r"expected a header, got the empty sheet 'third'$"):
        read_raw_table(path, sheet="third")


def test_new_examples_come_from_the_first_sheet_or_the_one_that_is_named(tmp_path: Path) -> None:
    path = tmp_path / "new.xlsx"
    write_workbook(path, ("first", [["a"], [1]]), ("second", [["b", "a"], [3, 2]]))
    columns = [Column(name="a", kind=ColumnKind.NUMERIC)]
    assert next(open_examples(path, columns).pieces()).frame.rows() == [(1,)]
    assert next(open_examples(path, columns, sheet="second").pieces()).frame.rows() == [(2,)]


def test_a_sheet_of_what_has_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,b\n" + "1,2\n" * 20)
    with pytest.raises(BadInputError, match=r"--sheet 'S': expected an Excel workbook, got another file "):
        load_table(str(path), options=TableOptions(target="a", sheet="S"))
    with pytest.raises(
        BadInputError, match=r"--sheet cannot be used with a built-in table, got 'S' for iris"
    ):
        load_table("iris", options=TableOptions(sheet="S"))
    with pytest.raises(BadInputError, match=r"--sheet: expected an Excel workbook with sheet 'S' "):
        open_examples(path, [Column(name="a", kind=ColumnKind.NUMERIC)], sheet="S")


def test_a_workbook_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    write_workbook(path, ("S", ROWS))
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(BadInputError, match=r"the Excel, npz or zip file is damaged or cut off: "):
        read_raw_table(path)


def test_without_the_extra_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "table.xlsx"
    write_workbook(path, ("S", ROWS))
    monkeypatch.delitem(sys.modules, "service.tables.files.workbook_files", raising=False)
    monkeypatch.setitem(sys.modules, "fastexcel", None)
    with pytest.raises(BadInputError, match=r"xlsx: .*; install it: pip install fastexcel$"):
        read_raw_table(path)
