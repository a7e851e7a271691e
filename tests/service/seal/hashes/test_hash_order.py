"""Rows come in the order of their hashes, also where hashes share a word."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from service.seal.hashes.mixing import hash_order

WORDS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=30)


@given(WORDS)
def test_the_second_word_decides_among_rows_that_share_the_first_and_equal_rows_stay_as_they_came(
    rows: list[tuple[int, int]],
) -> None:
    first, second = np.array(rows, dtype=np.uint64).reshape(-1, 2).T
    assert hash_order(first, second).tolist() == sorted(range(len(rows)), key=lambda row: rows[row])
