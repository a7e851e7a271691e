"""Columns are told as they stand in the table: kinds, reasons, gaps, how many values, and some."""

import polars as pl

from service.data.checks.column_facts import ColumnFacts
from service.tables.cells import LONGEST_SHOWN
from service.tables.column_kinds import ColumnKind
from tests.service.data.checks.known_tables import N, known_data, noise

COLUMNS = {
    "row": range(N),
    "zip": pl.Series(["01234", " 01235", "?", None] * (N // 4)),
    "size": pl.Series(["1.0", "2", "", "1", "NA"] * (N // 5)),
    "long": ["a" * 60, "b"] * (N // 2),
    "late": pl.Series([None] * (N - 2) + ["found", "at last"]),
    "said": pl.Series([3.0, 1.5, None, 3.0] * (N // 4)),
    "shop": ["s1", "s2"] * (N // 2),
    "x": noise(N),
}
SAID = {"said": ColumnKind.CATEGORICAL, "shop": ColumnKind.GROUP}


def facts() -> dict[str, ColumnFacts]:
    return {column.name: column for column in known_data(COLUMNS, said=SAID).columns}


def test_all_columns_are_told_in_their_order() -> None:
    assert list(facts()) == list(COLUMNS)


def test_missing_words_are_missing_and_spellings_of_a_number_are_one() -> None:
    told = facts()
    assert (told["zip"].missing, told["zip"].distinct, told["zip"].values) == (N // 2, 2, ("01234", "01235"))
    assert (told["size"].missing, told["size"].distinct) == (2 * N // 5, 2)
    assert told["said"].values == ("3", "1.5")


def test_why_and_by_whom_a_kind_is_told() -> None:
    told = facts()
    assert (told["row"].kind, told["row"].reason) == (ColumnKind.ID, "it numbers the rows")
    assert (told["zip"].kind, told["zip"].reason) == (
        ColumnKind.CATEGORICAL,
        "codes: numbers do not begin with 0",
    )
    assert {name for name, column in told.items() if column.is_said} == {"said", "shop"}


def test_what_becomes_of_a_column_is_told() -> None:
    told = facts()
    assert {name: column.n_inputs for name, column in told.items()} == {
        "row": 0,
        "zip": 3,
        "size": 2,
        "long": 2,
        "late": 0,
        "said": 3,
        "shop": 0,
        "x": 1,
    }
    assert {name: column.left_out for name, column in told.items() if column.left_out} == {
        "row": "an id tells nothing about new examples",
        "late": "every cell is missing in the train set",
        "shop": "it keeps the examples of a group in one set",
    }
    assert {name for name, column in told.items() if not column.is_learned_from} == {"row", "shop"}


def test_values_are_shortened_and_found_however_late_they_come() -> None:
    told = facts()
    assert told["long"].values == ("a" * (LONGEST_SHOWN - 1) + "…", "b")
    assert told["late"].values == ("found", "at last")
    assert told["row"].values == ("0", "1", "2")
