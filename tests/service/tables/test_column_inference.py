"""What a column holds is told by its cells, unless the user says it."""

# ruff: noqa: DTZ001 (a cell without a zone has none)

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
import polars as pl
import pytest

from service.errors import BadInputError
from service.seal.hashes import row_hashes
from service.tables.column_inference import InferredTable, comparable, inferred_table
from service.tables.column_kinds import ColumnKind
from service.tables.columns import typed_frame
from service.tables.said_column import SaidColumn
from service.tables.times import DateFormat


def told(
    cells: Sequence[object], kind: ColumnKind | None = None, *, decimal_comma: bool = False
) -> InferredTable:
    return inferred_table(
        [pl.Series("c", cells)],
        said={} if kind is None else {"c": SaidColumn(kind=kind)},
        decimal_comma=decimal_comma,
        place=lambda row, name: f"row {row} of {name}",
    )


def where(row: int, name: str) -> str:
    return f"{row} {name}"


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
    "words and unknown": (["yes", "no", "unknown"] * 14, ColumnKind.CATEGORICAL),
    "prices": ([f"${1000 + n * 7:,}.50" for n in range(N)], ColumnKind.NUMERIC),
    "a decimal comma": ([f"{n},5" for n in range(N)], ColumnKind.NUMERIC),
    "a unit": ([f"{n / 2} kg" for n in range(N)], ColumnKind.NUMERIC),
    "several units": ([f"{n} kg" if n % 2 else f"{n} lb" for n in range(N)], ColumnKind.CATEGORICAL),
    "bounds": ([f"<{n}" if n % 9 == 0 else f"{n}.5" for n in range(N)], ColumnKind.NUMERIC),
    "two bounds": (["<=50K", ">50K"] * 20, ColumnKind.CATEGORICAL),
    "numbers and a word for nothing": ([*map(str, range(3)), "unknown"] * 10, ColumnKind.NUMERIC),
    "few numbers and a word": ([*map(str, range(3)), "many"] * 10, ColumnKind.CATEGORICAL),
    "many numbers and a word": ([*(str(n / 3) for n in range(N)), "never", "never"], ColumnKind.NUMERIC),
    "row numbers with commas": ([f"{n:,}" for n in range(980, 980 + N)], ColumnKind.ID),
    "times in a zone": ([f"2024-01-02T03:{n % 60:02}:00Z" for n in range(N)], ColumnKind.DATE),
    "times of day": ([f"{n % 24}:{n % 60:02}" for n in range(N)], ColumnKind.DATE),
    "lengths of time": ([f"{n}:{n % 60:02}" for n in range(N)], ColumnKind.NUMERIC),
    "milliseconds since 1970": ([1_700_000_000_000 + n for n in range(N)], ColumnKind.DATE),
    "dates and a word for nothing": (
        [*(f"{13 + n % 15}.02.2024" for n in range(N)), *["open"] * 9],
        ColumnKind.DATE,
    ),
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
        ([*map(str, range(30)), "x"], r"row 30 of c: the column is numeric: expected a number, got 'x'; "),
        (
            ["2024-01-01"] * 30 + ["01.02.2024"],
            r"date written %Y-%m-%d, got '01.02.2024'",
        ),
        (["2024-01-01"] * 30 + ["soon"], r"row 30 of c: .*got 'soon'; "),
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


def test_numbers_of_another_spelling_have_bounds_and_words_for_nothing() -> None:
    cells = [*(f"<{n}" if n % 9 == 0 else f"{n}.5" for n in range(N)), "never", "never"]
    read = told(cells)
    assert read.values.columns == ["c", "c (bound)"]
    assert read.values["c"].to_list() == [float(n) if n % 9 == 0 else n + 0.5 for n in range(N)] + [
        None,
        None,
    ]
    assert read.values["c (bound)"].to_list() == [-1.0 if n % 9 == 0 else 0.0 for n in range(N)] + [0.0, 0.0]
    assert [column.source for column in read.learned_from] == ["c", "c"]
    assert read.columns[0].reason == "read '<0' as 0, a bound; 'never' in 2 cells is read as missing"


def test_the_marks_of_bounds_have_a_name_of_their_own() -> None:
    cells = [f">{n}" if n % 9 == 0 else f"{n}.5" for n in range(N)]
    columns = [pl.Series("c", cells), pl.Series("c (bound)", [n / 7 for n in range(N)])]
    read = inferred_table(columns, said={}, decimal_comma=False, place=where)
    assert read.values.columns == ["c", "c (bound)", "c (bound)'"]
    frame = pl.DataFrame(columns)
    assert typed_frame(frame, read.learned_from, place=where).equals(read.values)


@pytest.mark.parametrize("day", [12, 13])
def test_dates_that_can_be_read_two_ways_are_asked_for(day: int) -> None:
    cells = [f"{1 + n % 12:02}/{1 + n % 11:02}/2024" for n in range(N)] + [f"{day}/01/2024"]
    if day > 12:
        assert told(cells).learned_from[0].reading == DateFormat(format="%d/%m/%Y")
        return
    with pytest.raises(BadInputError, match=r"row 11 of c: .* month first, such as '12/01/2024'.* or "):
        told(cells)
    said = SaidColumn(kind=ColumnKind.DATE, format="%d/%m/%Y")
    read = inferred_table([pl.Series("c", cells)], said={"c": said}, decimal_comma=False, place=where)
    assert read.values["c"][1].strftime("%Y-%m-%d") == "2024-02-02"


SAID = {
    "words for nothing": ({"missing": ["--", -999]}, ["1.5", "--", "-999.0"], [1.5, None, None]),
    "typed words for nothing": ({"missing": [-999]}, [1.5, -999.0, 2.0], [1.5, None, 2.0]),
    "marks": ({"kind": "numeric", "thousands": "."}, ["1.500", "2", "3,5"], [1500, 2, 3.5]),
    "a unit": ({"kind": "numeric", "unit": "kg"}, ["1.5 kg", "2kg"], [1.5, 2]),
    "a kind alone": ({"kind": "numeric"}, ["$1,500", "$2"], [1500, 2]),
    "a missing number in another spelling": (
        {"missing": [-999]},
        ["$-999.00", "$1,000.50", "$5"],
        [None, 1000.5, 5],
    ),
    "a unit, with marks of its own": (
        {"kind": "numeric", "unit": "EUR"},
        ["1,234.50 EUR", "3 EUR"],
        [1234.5, 3],
    ),
    "marks, with a unit of its own": ({"kind": "numeric", "decimal": ","}, ["1,5 kg", "2 kg"], [1.5, 2]),
    "marks that nothing has": ({"kind": "numeric", "thousands": ","}, [None, "12"], [None, 12]),
    "seconds of text": (
        {"kind": "date"},
        ["1700000000", "1700000001"],
        [datetime(2023, 11, 14, 22, 13, 20), datetime(2023, 11, 14, 22, 13, 21)],
    ),
    "codes": ({"kind": "numeric"}, ["01", "02"], [1, 2]),
    "row numbers": ({"kind": "numeric"}, [str(n) for n in range(N)], list(range(N))),
    "milliseconds": ({"kind": "numeric"}, ["1700000000000", "1700000000001"], [1.7e12, 1.7e12 + 1]),
    "digits": ({"kind": "date"}, ["20240131", "20240201"], [datetime(2024, 1, 31), datetime(2024, 2, 1)]),
    "typed digits": ({"kind": "date"}, [20240131, 20240201], [datetime(2024, 1, 31), datetime(2024, 2, 1)]),
    "seconds": (
        {"kind": "date", "format": "epoch s"},
        [86400, 0],
        [datetime(1970, 1, 2), datetime(1970, 1, 1)],
    ),
    "a date for nothing": (
        {"kind": "date", "format": "%d.%m.%Y", "missing": ["9999-12-31"]},
        ["31.12.9999", "01.02.2024"],
        [None, datetime(2024, 2, 1)],
    ),
}


@pytest.mark.parametrize(("said", "cells", "expected"), SAID.values(), ids=SAID.keys())
def test_what_is_said_of_a_column_decides_how_it_is_read(
    said: dict[str, object], cells: list[object], expected: list[object]
) -> None:
    column = SaidColumn.model_validate(said)
    read = inferred_table([pl.Series("c", cells)], said={"c": column}, decimal_comma=False, place=where)
    assert read.values["c"].to_list() == expected
    assert typed_frame(pl.DataFrame({"c": cells}), read.learned_from, place=where).equals(read.values)


@pytest.mark.parametrize(
    ("said", "cells", "found"),
    [
        (
            {"kind": "numeric", "unit": "EUR"},
            ["$5", "$6"],
            r"expected a number written like '1234.5 EUR', got '\$5'",
        ),
        (
            {"kind": "date", "format": "%H:%M"},
            ["soon", "later"],
            "expected a time written %H:%M, got 'soon'",
        ),
    ],
)
def test_cells_that_are_not_what_is_said_are_refused(
    said: dict[str, object], cells: list[str], found: str
) -> None:
    column = SaidColumn.model_validate(said)
    with pytest.raises(BadInputError, match=found):
        inferred_table([pl.Series("c", cells)], said={"c": column}, decimal_comma=False, place=where)


def test_numbers_behind_many_missing_cells_are_numbers_still() -> None:
    assert told(["NA"] * 501 + [f"{n}.5" for n in range(N)]).columns[0].column.kind is ColumnKind.NUMERIC


@pytest.mark.parametrize("decimal_comma", [False, True])
def test_columns_are_compared_alike_in_any_order(*, decimal_comma: bool) -> None:
    cells = [None] * 700 + [f"{n % 30 + 990:,}.50" for n in range(300)] + ["999"] * 300
    expected = [None] * 700 + [n % 30 + 990.5 for n in range(300)] + [999.0] * 300
    if decimal_comma:
        cells = [cell and cell.replace(",", "").replace(".", ",") for cell in cells]
    column = pl.Series("c", cells)
    assert comparable(column, decimal_comma=decimal_comma).to_list() == expected
    order = np.random.default_rng(0).permutation(len(column))
    hashes, moved = (
        row_hashes(comparable(each, decimal_comma=decimal_comma).to_frame())
        for each in (column, column[order])
    )
    assert np.array_equal(hashes[order], moved)


@pytest.mark.parametrize(
    ("cells", "odd", "plain"),
    [
        ([f"${n + 990:,}.50" for n in range(N)], "5 EUR", [f"{n + 990}.5" for n in range(N)]),
        ([f"{n + 990:,}.50" for n in range(N)], "<1000", [f"{n + 990}.5" for n in range(N)]),
        ([f"{1 + n % 28}.01.2024" for n in range(N)], "soon", [f"2024-01-{1 + n % 28:02}" for n in range(N)]),
        ([f"{n}h 5m" for n in range(N)], "long", [str(n * 3600 + 300) for n in range(N)]),
    ],
)
def test_a_cell_that_is_not_read_changes_the_hash_of_its_own_row_alone(
    cells: list[str], odd: str, plain: list[str]
) -> None:
    expected = row_hashes(pl.DataFrame({"c": [*plain[1:], odd]}))
    hashes = row_hashes(comparable(pl.Series("c", [*cells[1:], odd]), decimal_comma=False).to_frame())
    assert np.array_equal(hashes, expected)


def test_typed_dates_are_read_from_text_later() -> None:
    (column,) = told([date(2024, 1, 1 + n % 28) for n in range(N)]).learned_from
    later = pl.DataFrame({"c": ["2024-02-03", "2024-02-03T04:05:06", "2024-02-03 04:05:06.5"]})
    assert typed_frame(later, [column], place=where)["c"].dt.hour().to_list() == [0, 4, 4]


def test_words_for_nothing_may_be_said_of_all_columns() -> None:
    columns = [pl.Series("a", ["1", "xx", "3"]), pl.Series("b", ["red", "XX", "blue"])]
    read = inferred_table(columns, said={}, missing=["xx"], decimal_comma=False, place=where)
    assert read.values["a"].to_list() == [1, None, 3]
    assert read.values["b"].to_list() == ["red", None, "blue"]


def test_a_decimal_comma_is_kept_with_the_column() -> None:
    read = told([f"{n},5" for n in range(N)], decimal_comma=True)
    assert read.learned_from[0].decimal_comma
    assert read.values["c"].to_list() == [n + 0.5 for n in range(N)]


def test_columns_that_are_not_learned_from_have_no_values() -> None:
    read = told([f"name {n}" for n in range(N)])
    assert (read.values.width, read.learned_from) == (0, ())
    assert read.columns[0].reason == "its text is different in every row"


def test_columns_of_numbers_may_be_taken_for_pixels() -> None:
    assert told([str(n / 3) for n in range(N)]).with_images().columns[0].column.kind is ColumnKind.IMAGE
