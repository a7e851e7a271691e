"""Columns are told as they stand in the table, and the inputs of each add up to the transformation's."""

import numpy as np
import polars as pl
import pytest

from search_spaces.input_choices import HighCardinalityEncoding, InputChoices, NumericEncoding, NumericScaling
from service.data.checks.column_facts import ColumnFacts, TrainSet, column_inputs
from service.data.inputs.target_statistics import Targets
from service.data.inputs.transformation import fit_transformation
from service.tables.cells import LONGEST_SHOWN
from service.tables.column_kinds import ColumnKind
from service.tables.columns import Column
from tests.service.data.checks.known_tables import N, known_data, noise
from tests.service.raw_space import RAW

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


N_ROWS = 600
RNG = np.random.default_rng(0)
VALUES = pl.DataFrame(
    {
        "number": RNG.normal(size=N_ROWS),
        "with gaps": pl.Series(
            np.where(RNG.random(N_ROWS) < 0.1, np.nan, RNG.exponential(size=N_ROWS))
        ).fill_nan(None),
        "same with gaps": pl.Series([None, 1.0] * (N_ROWS // 2)),
        "same": [2.0] * N_ROWS,
        "nothing": pl.Series([None] * N_ROWS, dtype=pl.Float64),
        "yes": RNG.random(N_ROWS) < 0.5,
        "pixel": RNG.integers(0, 9, N_ROWS).astype(np.float64),
        "day": pl.Series(np.datetime64("2024-01-01") + RNG.integers(0, 500, N_ROWS)).cast(pl.Datetime("us")),
        "color": np.array(["red", "green", "blue"])[RNG.integers(0, 3, N_ROWS)],
        "color with gaps": pl.Series([None, "red", "green", "blue"] * (N_ROWS // 4)),
        "one color": ["red"] * N_ROWS,
        "rare colors": [*["red"] * (N_ROWS - 5), "a", "b", "c", "d", "e"],
        "many": [f"word {n}" for n in RNG.integers(0, 200, N_ROWS)],
        "many with gaps": pl.Series([None if n < 9 else f"word {n}" for n in RNG.integers(0, 90, N_ROWS)]),
    }
)
KINDS = dict.fromkeys(("number", "with gaps", "same with gaps", "same", "nothing"), ColumnKind.NUMERIC) | {
    "yes": ColumnKind.BOOLEAN,
    "pixel": ColumnKind.IMAGE,
    "day": ColumnKind.DATE,
    **dict.fromkeys(VALUES.columns[8:], ColumnKind.CATEGORICAL),
}
TYPED_COLUMNS = tuple(Column(name=name, kind=kind) for name, kind in KINDS.items())


NUMERIC_CHOICES = [
    (NumericScaling.STANDARD, NumericEncoding.PLAIN),
    (NumericScaling.QUANTILE, NumericEncoding.PLAIN),
    (NumericScaling.STANDARD, NumericEncoding.PIECEWISE_LINEAR),
]
CHOICES = [InputChoices(*it, encoding) for it in NUMERIC_CHOICES for encoding in HighCardinalityEncoding]


@pytest.mark.parametrize("n_classes", [0, 3])
@pytest.mark.parametrize("choices", [*CHOICES, RAW], ids="-".join)
def test_inputs_are_those_of_the_transformation(choices: InputChoices, n_classes: int) -> None:
    y = RNG.integers(0, n_classes, N_ROWS) if n_classes else RNG.normal(size=N_ROWS)
    inputs = column_inputs(TrainSet(VALUES, Targets(y, n_classes)), TYPED_COLUMNS, choices=choices, seed=0)
    transformation = fit_transformation(
        VALUES, kinds=KINDS, y=y, n_classes=n_classes, choices=choices, seed=0
    ).transformation
    assert sum(inputs.counts.values()) == transformation.n_inputs
    assert inputs.left_out == transformation.dropped
    for name in KINDS:  # no two names here begin alike, but for what stands in brackets and after signs
        marks = (f"{name} (", f"{name}=", f"{name} is missing")
        named = [it for it in transformation.input_names if it == name or it.startswith(marks)]
        assert inputs.counts.get(name, 0) == len(named), name


@pytest.mark.parametrize("choices", [InputChoices(), RAW], ids="-".join)
def test_columns_of_one_value_are_left_out_each_with_its_reason(choices: InputChoices) -> None:
    train = TrainSet(VALUES, Targets(RNG.normal(size=N_ROWS), 0))
    left_out = column_inputs(train, TYPED_COLUMNS, choices=choices, seed=0).left_out
    assert left_out == {
        "same": "constant in the train set",
        "nothing": "every cell is missing in the train set",
        "one color": "constant in the train set",
    }
