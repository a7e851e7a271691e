"""The inputs of each column add up to those that the transformation makes, whatever is chosen."""

import numpy as np
import polars as pl
import pytest

from search_spaces.hyperparameters import (
    HighCardinalityEncoding,
    InputChoices,
    NumericEncoding,
    NumericScaling,
)
from service.data.checks.column_facts import TrainSet, column_inputs
from service.data.preparation.inputs.target_statistics import Targets
from service.data.preparation.inputs.transformation import fit_transformation
from service.tables.column_kinds import ColumnKind
from service.tables.columns import Column

N = 600
RNG = np.random.default_rng(0)
VALUES = pl.DataFrame(
    {
        "number": RNG.normal(size=N),
        "with gaps": pl.Series(np.where(RNG.random(N) < 0.1, np.nan, RNG.exponential(size=N))).fill_nan(None),
        "same with gaps": pl.Series([None, 1.0] * (N // 2)),
        "same": [2.0] * N,
        "nothing": pl.Series([None] * N, dtype=pl.Float64),
        "yes": RNG.random(N) < 0.5,
        "pixel": RNG.integers(0, 9, N).astype(np.float64),
        "day": pl.Series(np.datetime64("2024-01-01") + RNG.integers(0, 500, N)).cast(pl.Datetime("us")),
        "color": np.array(["red", "green", "blue"])[RNG.integers(0, 3, N)],
        "color with gaps": pl.Series([None, "red", "green", "blue"] * (N // 4)),
        "one color": ["red"] * N,
        "rare colors": [*["red"] * (N - 5), "a", "b", "c", "d", "e"],
        "many": [f"word {n}" for n in RNG.integers(0, 200, N)],
        "many with gaps": pl.Series([None if n < 9 else f"word {n}" for n in RNG.integers(0, 90, N)]),
    }
)
KINDS = dict.fromkeys(("number", "with gaps", "same with gaps", "same", "nothing"), ColumnKind.NUMERIC) | {
    "yes": ColumnKind.BOOLEAN,
    "pixel": ColumnKind.IMAGE,
    "day": ColumnKind.DATE,
    **dict.fromkeys(VALUES.columns[8:], ColumnKind.CATEGORICAL),
}
COLUMNS = tuple(Column(name=name, kind=kind) for name, kind in KINDS.items())


@pytest.mark.parametrize("n_classes", [0, 3])
@pytest.mark.parametrize("encoding", HighCardinalityEncoding)
@pytest.mark.parametrize(
    "numeric",
    [
        (NumericScaling.STANDARD, NumericEncoding.PLAIN),
        (NumericScaling.QUANTILE, NumericEncoding.PLAIN),
        (NumericScaling.STANDARD, NumericEncoding.PIECEWISE_LINEAR),
    ],
)
def test_inputs_are_those_of_the_transformation(
    numeric: tuple[NumericScaling, NumericEncoding], encoding: HighCardinalityEncoding, n_classes: int
) -> None:
    choices = InputChoices(*numeric, encoding)
    y = RNG.integers(0, n_classes, N) if n_classes else RNG.normal(size=N)
    inputs = column_inputs(TrainSet(VALUES, Targets(y, n_classes)), COLUMNS, choices=choices, seed=0)
    transformation = fit_transformation(
        VALUES, kinds=KINDS, y=y, n_classes=n_classes, choices=choices, seed=0
    ).transformation
    assert sum(inputs.counts.values()) == transformation.n_inputs
    assert inputs.left_out == transformation.dropped
    for name in KINDS:  # no two names here begin alike, but for what stands in brackets and after signs
        marks = (f"{name} (", f"{name}=", f"{name} is missing")
        named = [it for it in transformation.input_names if it == name or it.startswith(marks)]
        assert inputs.counts.get(name, 0) == len(named), name


def test_columns_of_one_value_are_left_out_each_with_its_reason() -> None:
    train = TrainSet(VALUES, Targets(RNG.normal(size=N), 0))
    left_out = column_inputs(train, COLUMNS, choices=InputChoices(), seed=0).left_out
    assert left_out == {
        "same": "constant in the train set",
        "nothing": "every cell is missing in the train set",
        "one color": "constant in the train set",
    }
