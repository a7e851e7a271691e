"""A sequence is cut at the nearest end of a unit, and units of any mixture fill sets whole."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.seal.division import cut, cut_by_class, fill


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


def test_small_units_make_up_what_large_ones_leave() -> None:
    units = np.repeat(np.arange(6), [5, 9, 3, 3, 5, 16])
    found = fill(units, np.zeros(41, dtype=np.intp), np.array([[8, 8, 25]]), np.ones((1, 3), dtype=np.int64))
    assert np.bincount(found).tolist() == [8, 8, 25]


def test_a_class_in_few_units_is_in_every_set_that_needs_it() -> None:
    units = np.repeat(np.arange(40), 5)
    classes = np.where(np.isin(units, (3, 20, 39)), 1, 0)
    wanted = np.array([[37, 37, 111], [3, 3, 9]])
    found = fill(units, classes, wanted, np.ones_like(wanted))
    for index in range(3):
        assert np.count_nonzero(classes[found == index]) == 5


@given(st.lists(st.integers(1, 12), min_size=6, max_size=60), st.integers(0, 2**32))
def test_a_set_exceeds_its_size_by_less_than_the_units_that_it_could_not_do_without(
    lengths: list[int], seed: int
) -> None:
    units = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(lengths)), lengths))
    n_rows = len(units)
    wanted = np.array([[n_rows // 5, n_rows // 5, n_rows - 2 * (n_rows // 5)]])
    found = fill(units, np.zeros(n_rows, dtype=np.intp), wanted, np.ones_like(wanted))
    assert len(np.unique(np.stack([units, found]), axis=1)[0]) == len(lengths)  # each unit in one set
    assert set(found.tolist()) == {0, 1, 2}
    for index in (0, 1):
        assert abs(np.count_nonzero(found == index) - n_rows // 5) <= max(lengths)


@pytest.mark.parametrize(
    ("units", "classes", "message"),
    [
        ([0, 0, 1, 1], [0, 0, 0, 0], "at least 3 groups for a split by group, one for each set, got 2"),
        (
            [0, 1, 2, 3],
            [0, 1, 1, 1],
            "expected every class in each of 3 sets .* got class 0 in only 1 group",
        ),
    ],
)
def test_too_few_units_are_refused(units: list[int], classes: list[int], message: str) -> None:
    wanted = np.ones((2, 3), dtype=np.int64)
    with pytest.raises(ValueError, match=message):
        fill(np.array(units), np.array(classes), wanted, np.ones_like(wanted))
