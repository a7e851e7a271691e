"""What a column holds is told by its cells, unless the user says it."""

from datetime import date

import polars as pl
import pytest

from service.errors import BadInputError
from service.tables.column_inference import InferredTable, inferred_table
from service.tables.column_kinds import ColumnKind
from service.tables.readings.date_format import DateFormat
from service.tables.said_column import SaidColumn


def told(
    cells: list[object], kind: ColumnKind | None = None, *, decimal_comma: bool = False
) -> InferredTable:
    return inferred_table(
        [pl.Series("c", cells)],
        said={} if kind is None else {"c": SaidColumn(kind=kind)},
        decimal_comma=decimal_comma,
        place=lambda row, name: f"(row {row} of {name})",
    )


N = 40
KINDS = {
    "numbers": ([str(n / 3) for n in range(N)], ColumnKind.NUMERIC),
    "numbers with gaps": (["NA", *map(str, [0.5] * N), None], ColumnKind.NUMERIC),
    "few whole numbers": ([str(n % 3) for n in range(N)], ColumnKind.NUMERIC),
    "whole numbers far apart": ([str(n**3) for n in range(N)], ColumnKind.NUMERIC),
    "row numbers": ([str(n) for n in reversed(range(100, 100 + N))], ColumnKind.ID),
    "typed row numbers": (list(range(N)), ColumnKind.ID),
    "a few different numbers": ([str(n) for n in range(10)], ColumnKind.NUMERIC),
    "codes": ([f"0{n % 7}" for n in range(N)], ColumnKind.CATEGORICAL),
    "words": (["red", "green", "blue", "red"] * 10, ColumnKind.CATEGORICAL),
    "two words": (["red", "green"] * 20, ColumnKind.CATEGORICAL),
    "yes and no": (["Yes", "no", None, "NO"] * 10, ColumnKind.BOOLEAN),
    "yes alone": (["yes"] * N, ColumnKind.CATEGORICAL),
    "typed truth values": ([True, False] * 20, ColumnKind.BOOLEAN),
    "a text each": ([f"name {n}" for n in range(N)], ColumnKind.ID),
    "a few different texts": ([f"name {n}" for n in range(10)], ColumnKind.CATEGORICAL),
    "dates": ([f"2024-01-{1 + n % 28:02}" for n in range(N)], ColumnKind.DATE),
    "typed dates": ([date(2024, 1, 1 + n % 28) for n in range(N)], ColumnKind.DATE),
    "categories of which some are numbers": (["1", "2", "3", "4+"] * 10, ColumnKind.CATEGORICAL),
    "nothing": ([None, "", "NA"] * 10, ColumnKind.CATEGORICAL),
}


@pytest.mark.parametrize(("cells", "kind"), KINDS.values(), ids=KINDS.keys())
def test_the_kind_is_told_by_the_cells(cells: list[object], kind: ColumnKind) -> None:
    assert told(cells).columns[0].column.kind is kind


@pytest.mark.parametrize("kind", [kind for kind in ColumnKind if kind is not ColumnKind.DATE])
def test_what_the_user_says_goes_before_what_the_cells_tell(kind: ColumnKind) -> None:
    assert told([str(n % 2) for n in range(N)], kind).columns[0].column.kind is kind


@pytest.mark.parametrize(
    ("cells", "match"),
    [
        ([*map(str, range(30)), "x"], r"'c' is numeric, expected a number, found 'x'; .* \(row 30 of c\)"),
        (
            ["2024-01-01"] * 30 + ["01.02.2024"],
            r"date written %Y-%m-%d, found '01.02.2024'",
        ),
        (["2024-01-01"] * 30 + ["soon"], r"found 'soon'; .* \(row 30 of c\)"),
    ],
)
def test_a_slip_in_a_column_is_refused_with_its_place(cells: list[object], match: str) -> None:
    with pytest.raises(BadInputError, match=match):
        told(cells)


def test_dates_are_read_by_the_format_that_they_tell() -> None:
    days_first = told([f"{13 + n % 15}/02/2024" for n in range(N)]).learned_from[0]
    assert days_first.reading == DateFormat(format="%d/%m/%Y")
    months_first = told([f"02/{13 + n % 15}/2024" for n in range(N)]).learned_from[0]
    assert months_first.reading == DateFormat(format="%m/%d/%Y")


def test_a_decimal_comma_is_kept_with_the_column() -> None:
    read = told([f"{n},5" for n in range(N)], decimal_comma=True)
    assert read.learned_from[0].decimal_comma
    assert read.values["c"].to_list() == [n + 0.5 for n in range(N)]


def test_columns_that_are_not_learned_from_have_no_values() -> None:
    read = told([f"name {n}" for n in range(N)])
    assert (read.values.width, read.learned_from) == (0, ())
    assert read.columns[0].reason == "its text is another in every row"


def test_columns_of_numbers_may_be_taken_for_pixels() -> None:
    assert told([str(n / 3) for n in range(N)]).with_images().columns[0].column.kind is ColumnKind.IMAGE
