"""A sequence is cut at the nearest end of a unit, and each set has the units that it needs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.seal.drawing.division import cut, cut_by_class


@pytest.mark.parametrize(
    ("lengths", "wanted", "expected"),
    [
        ([1, 1, 1, 1, 1], [2, 1, 2], [0, 0, 1, 2, 2]),
        ([3, 3, 3], [2, 7], [0, 1, 1]),  # 3 is nearer to 2 than 0 is
        ([5, 1, 1], [2, 5], [0, 1, 1]),  # 0 is nearer, but a set needs a unit
        ([1, 1, 5], [6, 1], [0, 0, 1]),
        ([4, 4], [2, 6], [0, 1]),  # as near either way
        ([1, 1, 9], [1, 9, 1], [0, 1, 2]),
    ],
)
def test_a_cut_is_at_the_nearest_end(lengths: list[int], wanted: list[int], expected: list[int]) -> None:
    found = cut(np.array(lengths), np.array(wanted), np.ones(len(wanted), dtype=np.int64))
    assert found.tolist() == expected


def test_a_set_that_wants_no_rows_has_none() -> None:
    assert cut(np.array([2, 2]), np.array([0, 2, 2]), np.array([0, 1, 1])).tolist() == [1, 2]
    assert cut(np.array([2, 2]), np.array([2, 2, 0]), np.array([1, 1, 0])).tolist() == [0, 1]


@given(st.lists(st.integers(1, 9), min_size=3, max_size=30), st.integers(1, 99), st.integers(1, 99))
def test_sets_ascend_have_a_unit_each_and_miss_their_size_by_half_a_unit_at_most(
    lengths: list[int], first: int, second: int
) -> None:
    total = sum(lengths)
    wanted = np.array([first * total // 300, second * total // 300, 0])
    wanted[2] = total - wanted.sum()
    found = cut(np.array(lengths), wanted, np.ones(3, dtype=np.int64))
    assert np.all(np.diff(found) >= 0)
    assert set(found.tolist()) == {0, 1, 2}
    free = cut(np.array(lengths), wanted, np.zeros(3, dtype=np.int64))
    for index in (1, 2):
        rows_before = np.array(lengths)[free < index].sum()
        assert abs(rows_before - wanted[:index].sum()) <= max(lengths) / 2


def test_a_unit_larger_than_its_set_stays_in_the_last() -> None:
    units = np.array([0] * 6 + [1, 2, 3, 4])
    found = cut_by_class(units, np.zeros(10, dtype=np.intp), np.array([[2, 8]]), np.array([[1, 1]]))
    assert found.tolist() == [1] * 6 + [0, 0, 1, 1]


def test_where_all_units_are_larger_than_their_sets_the_smallest_go_first() -> None:
    units = np.repeat([0, 1, 2], [7, 2, 4])
    found = cut_by_class(units, np.zeros(13, dtype=np.intp), np.array([[1, 1, 11]]), np.array([[1, 1, 1]]))
    assert found.tolist() == [2] * 7 + [0] * 2 + [1] * 4
