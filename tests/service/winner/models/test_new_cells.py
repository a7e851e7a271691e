"""What rows to predict have that the train set did not is counted by column, and said in sentences."""

import numpy as np
import polars as pl
import pytest

from search_spaces.input_choices import HighCardinalityEncoding, InputChoices
from service.data.preparation.preparation import Preparation, fit_preparation
from service.tables.column_kinds import ColumnKind
from service.tables.columns import Column, lenient_frame
from service.winner.models.new_cells import NewCells, find_new_cells
from tests.service.raw_space import RAW
from workers.train_dev_data import Task

N = 200
CODES = [f"{code:05d}" for code in range(0, 10 * N, 10)]
COLUMNS = (
    Column(name="age", kind=ColumnKind.NUMERIC),
    Column(name="height", kind=ColumnKind.NUMERIC),
    Column(name="city", kind=ColumnKind.CATEGORICAL),
    Column(name="zip", kind=ColumnKind.CATEGORICAL),
    Column(name="pixel", kind=ColumnKind.IMAGE),
)


def train(n_codes: int) -> pl.DataFrame:
    """Return rows that miss cells in `height` alone."""
    rng = np.random.default_rng(0)
    heights = rng.normal(size=N).tolist()
    return pl.DataFrame(
        {
            "age": rng.normal(size=N),
            "height": [None, *heights[1:]],
            "city": ["Oslo", "Bergen"] * (N // 2),
            "zip": (CODES[:n_codes] * N)[:N],
            "pixel": rng.normal(size=N),
        }
    )


ENCODINGS = {
    "one-hot": (3, InputChoices()),
    **{it.value: (N, InputChoices(high_cardinality_encoding=it)) for it in HighCardinalityEncoding},
    "raw": (100, RAW),
}


@pytest.fixture(params=ENCODINGS.values(), ids=list(ENCODINGS))
def preparation(request: pytest.FixtureRequest) -> Preparation:
    n_codes, choices = request.param
    return prepared(train(n_codes), choices)


def prepared(rows: pl.DataFrame, choices: InputChoices) -> Preparation:
    return fit_preparation(
        rows,
        np.arange(rows.height) % 2,
        columns=COLUMNS,
        task=Task.CLASSIFICATION,
        n_classes=2,
        choices=choices,
        seed=0,
    ).preparation


def found(preparation: Preparation, rows: pl.DataFrame) -> NewCells:
    return find_new_cells([preparation], rows, lenient_frame(rows, COLUMNS))


def test_of_rows_like_the_train_sets_nothing_is_said(preparation: Preparation) -> None:
    rows = train(3)
    assert found(preparation, rows) == NewCells()
    assert NewCells().sentences == ()


def test_each_thing_is_counted_by_column(preparation: Preparation) -> None:
    rows = (
        train(3)
        .head(6)
        .with_columns(
            age=pl.Series(["1", None, "old", None, "5", "6"]),
            height=pl.lit(None, pl.Float64),
            city=pl.Series(["Paris", "Oslo", None, "Rome", "Oslo", "Oslo"]),
            pixel=pl.lit(None, pl.Float64),
        )
    )
    of_rows = found(preparation, rows)
    assert of_rows == NewCells({"city": 2}, {"age": 2, "city": 1}, {"age": 1})
    assert of_rows.sentences == (
        "categories that the train set does not have: 'city' in 2 rows",
        "missing cells in columns that have none in the train set: 'age' in 2 rows, 'city' in 1 row",
        "cells that do not fit their column's kind: 'age' in 1 row",
    )
    twice = (of_rows + of_rows).without(["city"])
    assert twice == NewCells({"city": 4}, {"age": 4}, {"age": 2})


def test_what_one_of_several_preparations_has_seen_is_not_new() -> None:
    cities = pl.Series("city", (["Oslo", "Bergen", "Rome"] * N)[:N])
    rows = train(3).with_columns(cities)
    without = [rows.filter(pl.col("city") != city) for city in ("Rome", "Oslo")]
    missing = without[1].with_columns(age=pl.lit(None, pl.Float64))
    both = [prepared(part, InputChoices()) for part in (without[0], missing)]
    new = rows.with_columns(
        city=pl.when(pl.int_range(N) < 4).then(pl.lit("Paris")).otherwise("city"),
        age=pl.lit(None, pl.Float64),
    )
    of_one, of_both = (find_new_cells(some, new, lenient_frame(new, COLUMNS)) for some in (both[:1], both))
    assert of_one.n_unseen["city"] == 4 + (new["city"] == "Rome").sum()
    assert of_both.n_unseen == {"city": 4}
    assert (of_one.n_missing, of_both.n_missing) == ({"age": N}, {})


@pytest.mark.parametrize("dtype", [pl.Int64, pl.Float64])
def test_codes_that_have_lost_their_zeros_are_told(preparation: Preparation, dtype: pl.DataType) -> None:
    rows = train(3).with_columns(pl.col("zip").cast(dtype))
    of_rows = found(preparation, rows)
    assert of_rows.n_unseen == {"zip": N}
    assert of_rows.codes == {"zip": "00000"}
    assert of_rows.sentences[1] == (
        "column 'zip' holds numbers, where the train set has codes such as '00000': keep them as text"
        " (pandas reads them so with dtype=str)"
    )


def test_numbers_that_no_zeros_make_known_are_unseen_and_no_more(preparation: Preparation) -> None:
    rows = train(3).with_columns(zip=pl.lit(99_999), city=pl.lit(7))
    of_rows = found(preparation, rows)
    assert (of_rows.n_unseen, of_rows.codes) == ({"city": N, "zip": N}, {})
