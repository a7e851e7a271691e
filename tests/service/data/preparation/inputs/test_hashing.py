"""Very many categories fall into 64 inputs, the same ones everywhere and always."""

from hashlib import blake2b

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from service.data.preparation.inputs.categories import category_hash, count_categories, places
from service.data.preparation.inputs.hashing import HashedColumns, fit_hashing
from tests.service.data.preparation.inputs.frames import inputs_of

STREETS = [f"street {number}" for number in range(200)]


def fit(cells: list[str | None]) -> HashedColumns:
    return fit_hashing({"street": count_categories(pl.DataFrame({"street": cells}), "street")})


def test_the_hash_of_a_text_never_changes() -> None:
    assert category_hash("street 7") == 3176981599025118442
    assert category_hash("épicé") == 6243185393438389073


def test_each_category_has_the_input_of_its_remainder() -> None:
    columns = fit(list(STREETS))
    later = [*STREETS, "an alley"]
    inputs = inputs_of(columns, pl.DataFrame({"street": later}))
    assert (inputs.sum(axis=1) == 1).all()
    assert inputs.argmax(axis=1).tolist() == [
        int.from_bytes(blake2b(street.encode(), digest_size=8).digest(), "big") % 64 for street in later
    ]


def test_missing_cells_have_an_input_where_the_train_set_misses_some() -> None:
    later = pl.DataFrame({"street": [None, "street 1"]})
    told, not_told = fit([*STREETS, None]), fit(list(STREETS))
    assert (len(told.input_names), told.input_names[-1]) == (65, "street=(missing)")
    assert inputs_of(told, later)[0].tolist() == [0] * 64 + [1]
    assert not inputs_of(not_told, later)[0].any()


def test_a_table_that_misses_all_cells_is_all_zeros() -> None:
    later = pl.DataFrame({"street": [None, None]}, schema={"street": pl.String})
    assert not inputs_of(fit(list(STREETS)), later).any()


@given(st.sets(st.integers(0, 2**64 - 1)), st.lists(st.integers(0, 2**64 - 1)))
def test_a_hash_is_found_where_it_stands(known: set[int], asked: list[int]) -> None:
    ascending = sorted(known)
    asked += ascending
    found = places(np.array(asked, dtype=np.uint64), np.array(ascending, dtype=np.uint64))
    assert found.tolist() == [ascending.index(it) if it in known else len(known) for it in asked]
