"""Each input is traced to the column that it changes with, whatever makes inputs of it."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from search_spaces.input_choices import DateEncoding, HighCardinalityEncoding, InputChoices, NumericEncoding
from service.data.inputs.transformation import fit_transformation
from service.data.preparation.input_columns import columns_of_block
from service.tables.column_kinds import ColumnKind
from tests.service.raw_space import RAW

N = 600
KINDS = {
    "a": ColumnKind.NUMERIC,
    "a is missing": ColumnKind.NUMERIC,  # as an indicator would be called
    "few": ColumnKind.CATEGORICAL,
    "many": ColumnKind.CATEGORICAL,
    "more": ColumnKind.CATEGORICAL,
    "very many": ColumnKind.CATEGORICAL,
    "day": ColumnKind.DATE,
    "shared day": ColumnKind.DATE,
    "flag": ColumnKind.BOOLEAN,
}


def frame(rng: np.random.Generator) -> pl.DataFrame:
    columns = {
        "a": rng.normal(size=N),
        "a is missing": rng.normal(size=N),
        "few": rng.choice(["x", "y", "z"], N),
        "many": [f"m{n}" for n in rng.integers(0, 90, N)],
        "more": [f"n{n}" for n in rng.integers(0, 80, N)],
        "very many": [f"o{n}" for n in rng.integers(0, 400, N)],
        "day": [datetime(2020, 1, 1) + timedelta(hours=int(n)) for n in rng.integers(0, 9000, N)],  # noqa: DTZ001 (a table's dates have no zone)
        "shared day": [datetime(2020, 1, 1) + timedelta(days=int(n)) for n in rng.integers(0, 30, N)],  # noqa: DTZ001
        "flag": rng.integers(0, 2, N).astype(bool),
    }
    made = pl.DataFrame(columns).with_columns(pl.col("day", "shared day").cast(pl.Datetime("us")))
    gaps = pl.Series(rng.random(N) < 0.2)
    return made.with_columns(pl.when(gaps).then(None).otherwise(pl.col(n)).alias(n) for n in ("a", "many"))


CHOICES = [
    RAW,
    *(InputChoices(date_encoding=encoding) for encoding in DateEncoding),
    *(
        InputChoices(numeric_encoding=encoding, high_cardinality_encoding=high_cardinality)
        for encoding in NumericEncoding
        for high_cardinality in HighCardinalityEncoding
    ),
]


@pytest.mark.parametrize("choices", CHOICES, ids="-".join)
def test_an_input_changes_with_its_column_and_with_no_other(choices: InputChoices) -> None:
    rng = np.random.default_rng(0)
    train = frame(rng)
    y = rng.normal(size=N)
    fitted = fit_transformation(train, kinds=KINDS, y=y, n_classes=0, choices=choices, seed=0).transformation
    traced = np.array([column for block in fitted.blocks for column in columns_of_block(block)])
    assert len(traced) == fitted.n_inputs
    assert set(traced) == set(KINDS)

    before, other = np.nan_to_num(fitted.apply(train), nan=-np.inf), frame(rng)
    for column in KINDS:
        after = np.nan_to_num(fitted.apply(train.with_columns(other[column])), nan=-np.inf)
        changed = (before != after).any(axis=0)
        assert changed[traced == column].any()
        assert not changed[traced != column].any()
