"""A fingerprint names a set of rows by their hashes, in whatever order they come."""

import struct
from hashlib import sha256

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.seal.hashes.row_hashes import fingerprint_of
from tests.service.seal.drawn_tables import hashes_of

HASHES = hashes_of(np.array([0, 1, 2, 2, 3, 4]))


@given(st.permutations(range(6)))
def test_the_order_of_rows_does_not_matter(order: list[int]) -> None:
    assert fingerprint_of(HASHES[order]) == fingerprint_of(HASHES)


def test_a_row_more_or_less_or_once_instead_of_twice_makes_another_set() -> None:
    sets = [HASHES, HASHES[1:], HASHES[[0, 1, 2, 4, 5]], HASHES[[0, *range(6)]]]
    assert len({fingerprint_of(rows) for rows in sets}) == 4


def test_it_is_sha256_over_the_sorted_words() -> None:
    rows = [(7, 2**64 - 1), (7, 3), (1, 9)]
    expected = sha256(struct.pack("<6Q", 1, 9, 7, 3, 7, 2**64 - 1)).hexdigest()
    assert fingerprint_of(np.array(rows, dtype=np.uint64)) == expected
