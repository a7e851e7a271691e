"""One input a category, 0 or 1, or for very many of them 64 inputs, the same ones everywhere and always."""

from hashlib import blake2b

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import OneHotEncoder

from service.data.inputs.categories import Categories, category_hash, count_categories, places
from service.data.inputs.one_hot import (
    HashedColumns,
    OneHotColumn,
    OneHotColumns,
    are_few,
    fit_hashing,
    fit_one_hot,
)
from tests.service.data.inputs.frames import inputs_of


def fit(cells: list[str | None], *, n_rows: int | None = None) -> tuple[OneHotColumns, dict[str, str]]:
    found = {"color": count_categories(frame(cells), "color")}
    return fit_one_hot(found, n_rows=len(cells) if n_rows is None else n_rows)


def frame(cells: list[str | None]) -> pl.DataFrame:
    return pl.DataFrame({"color": cells}, schema={"color": pl.String})


@given(st.lists(st.sampled_from(["red", "green", "blue", "", "épicé", "teal"]), min_size=12, max_size=40))
def test_it_agrees_with_scikit_learn(cells: list[str | None]) -> None:
    columns, dropped = fit(cells)
    encoder = OneHotEncoder(min_frequency=2, handle_unknown="infrequent_if_exist", sparse_output=False)
    encoder.fit(frame(cells).to_numpy())
    if dropped:
        assert len(set(cells)) == 1
        return
    later = [*cells, "mauve"]
    expected = encoder.transform(frame(later).to_numpy())
    assert inputs_of(columns, frame(later)).tolist() == expected.tolist()


def test_rare_and_unseen_categories_are_other() -> None:
    columns, _ = fit(["red", "red", "blue", "blue", "teal"])
    assert columns.input_names == ("color=blue", "color=red", "color=(other)")
    assert inputs_of(columns, frame(["teal", "mauve", "red", None])).tolist() == [
        [0, 0, 1],
        [0, 0, 1],
        [0, 1, 0],
        [0, 0, 0],
    ]


def test_where_nothing_is_rare_the_unseen_are_all_zeros() -> None:
    columns, _ = fit(["red", "red", "blue", "blue", None])
    assert columns.input_names == ("color=blue", "color=red", "color=(missing)")
    assert inputs_of(columns, frame(["mauve", None])).tolist() == [[0, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize(("n_rows", "least"), [(10, 2), (2_999, 2), (3_000, 3), (10_000_000, 100)])
def test_a_category_s_own_input_takes_a_thousandth_of_the_rows_but_2_at_least_and_100_at_most(
    n_rows: int, least: int
) -> None:
    cells: list[str | None] = [*["enough"] * least, *["few"] * (least - 1)]
    columns, _ = fit(cells, n_rows=n_rows)
    assert columns.input_names == ("color=enough", "color=(other)")


def numbered(*counts: int, n_missing: int = 0) -> Categories:
    """Return categories of so many rows each, `c0`, `c1` and so on."""
    names = pl.Series([f"c{number}" for number in range(len(counts))], dtype=pl.String)
    return Categories(names, pl.Series(counts, dtype=pl.UInt32), n_missing)


def test_the_most_frequent_categories_have_the_inputs_that_there_are() -> None:
    found = numbered(*[2] * 299, 3)
    columns, _ = fit_one_hot({"color": found}, n_rows=601)
    (column,) = columns.description.columns
    assert (len(column.categories), len(column.rare)) == (256, 44)
    assert "c299" in column.categories, "of equal frequency the first texts are taken"
    assert set(column.categories) - {"c299"} == set(sorted(f"c{n}" for n in range(299))[:255])
    positions = inputs_of(columns, frame([*column.categories, *column.rare, "mauve"]))
    assert positions.argmax(axis=1).tolist() == [*range(256), *[256] * 45]


@pytest.mark.parametrize(
    ("n_rows", "most"), [(390_000, 256), (1_000_000, 100), (1_562_500, 64), (100_000_000, 64)]
)
def test_the_inputs_of_a_large_table_s_column_take_400_mb_at_most_unless_they_are_64(
    n_rows: int, most: int
) -> None:
    columns, _ = fit_one_hot({"color": numbered(*[1000] * 400)}, n_rows=n_rows)
    assert len(columns.description.columns[0].categories) == most


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (numbered(*[1] * 64), True),
        (numbered(*[1] * 65), False),
        (numbered(*[9] * 100, *[1] * 100), True),
        (numbered(*[9] * 100, *[1] * 101), False),
        (numbered(*[9] * 100, *[1] * 100, n_missing=8000), True),
        (numbered(*[1] * 100, n_missing=9), False),
        (numbered(*[2] * 256, *[2] * 28), True),
        (numbered(*[2] * 256, *[2] * 29), False),
        (numbered(n_missing=3), True),
    ],
    ids=[
        "as few as a hash has",
        "all rare",
        "a tenth rare",
        "more rare",
        "mostly missing",
        "rare, missing",
        "too many by a tenth",
        "too many by more",
        "none",
    ],
)
def test_categories_are_few_where_those_with_an_input_hold_nine_cells_in_ten(
    found: Categories, *, expected: bool
) -> None:
    assert are_few(found, n_rows=int(found.counts.sum()) + found.n_missing) == expected


def test_several_columns_stand_side_by_side() -> None:
    table = pl.DataFrame({"a": ["x", "y", "x", "y"], "b": ["n", "n", None, None]})
    columns, _ = fit_one_hot({name: count_categories(table, name) for name in "ab"}, n_rows=4)
    assert columns.input_names == ("a=x", "a=y", "b=n", "b=(missing)")
    assert inputs_of(columns, table).tolist() == [[1, 0, 1, 0], [0, 1, 1, 0], [1, 0, 0, 1], [0, 1, 0, 1]]


def test_a_category_stands_once_in_a_description() -> None:
    with pytest.raises(ValueError, match=r"duplicate category \(color\)"):
        OneHotColumn(column="color", categories=("red",), rare=("red",), has_missing=False)


STREETS = [f"street {number}" for number in range(200)]


def fit_hashes(cells: list[str | None]) -> HashedColumns:
    return fit_hashing({"street": count_categories(pl.DataFrame({"street": cells}), "street")})


def test_the_hash_of_a_text_never_changes() -> None:
    assert category_hash("street 7") == 3176981599025118442
    assert category_hash("épicé") == 6243185393438389073


def test_each_category_has_the_input_of_its_remainder() -> None:
    columns = fit_hashes(list(STREETS))
    later = [*STREETS, "an alley"]
    inputs = inputs_of(columns, pl.DataFrame({"street": later}))
    assert (inputs.sum(axis=1) == 1).all()
    assert inputs.argmax(axis=1).tolist() == [
        int.from_bytes(blake2b(street.encode(), digest_size=8).digest(), "big") % 64 for street in later
    ]


def test_missing_cells_have_an_input_where_the_train_set_misses_some() -> None:
    later = pl.DataFrame({"street": [None, "street 1"]})
    told, not_told = fit_hashes([*STREETS, None]), fit_hashes(list(STREETS))
    assert (len(told.input_names), told.input_names[-1]) == (65, "street=(missing)")
    assert inputs_of(told, later)[0].tolist() == [0] * 64 + [1]
    assert not inputs_of(not_told, later)[0].any()


def test_several_columns_may_miss_all_cells_at_once() -> None:
    train = pl.DataFrame({"street": ["a", "b"], "town": ["c", "d"]})
    columns = fit_hashing({name: count_categories(train, name) for name in train.columns})
    later = pl.DataFrame({name: pl.Series([None, None], dtype=pl.String) for name in train.columns})
    assert not inputs_of(columns, later).any()
    assert inputs_of(columns, later.clear()).shape == (0, 128)


def test_a_table_that_misses_all_cells_is_all_zeros() -> None:
    later = pl.DataFrame({"street": [None, None]}, schema={"street": pl.String})
    assert not inputs_of(fit_hashes(list(STREETS)), later).any()


@given(st.sets(st.integers(0, 2**64 - 1)), st.lists(st.integers(0, 2**64 - 1)))
def test_a_hash_is_found_where_it_stands(known: set[int], asked: list[int]) -> None:
    ascending = sorted(known)
    asked += ascending
    found = places(np.array(asked, dtype=np.uint64), np.array(ascending, dtype=np.uint64))
    assert found.tolist() == [ascending.index(it) if it in known else len(known) for it in asked]
