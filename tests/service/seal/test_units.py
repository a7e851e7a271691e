"""What belongs together has one number, and numbers follow values."""

import numpy as np
import pytest

from service.seal.units import equal_times, joined_groups, numbers_of, straddling, units_of
from tests.service.seal.drawn_tables import hashes_of

KEY = np.uint64(5)


def test_rows_of_a_record_share_a_number_and_no_number_is_left_out() -> None:
    values = np.array([4, 1, 4, 0, 2, 1, 1])
    numbers = numbers_of(hashes_of(values), key=KEY)
    assert len({*zip(values.tolist(), numbers.tolist(), strict=True)}) == 4
    assert set(numbers.tolist()) == {0, 1, 2, 3}


def test_rows_that_agree_in_one_word_are_of_two_records() -> None:
    hashes = np.array([[1, 1], [1, 2], [2, 1], [1, 1]], dtype=np.uint64)
    assert len(set(numbers_of(hashes, key=KEY).tolist())) == 3


def test_a_key_decides_the_order_of_rows_and_of_groups() -> None:
    hashes = hashes_of(np.arange(50))
    one, other = np.uint64(1), np.uint64(2)
    assert not np.array_equal(numbers_of(hashes, key=one), numbers_of(hashes, key=other))
    groups = np.arange(50) // 2
    assert not np.array_equal(
        joined_groups(hashes, groups, key=one), joined_groups(hashes, groups, key=other)
    )


def test_groups_are_joined_through_any_number_of_shared_rows() -> None:
    groups = np.array(["a", "a", "b", "b", "c", "c", "d"])
    rows = np.array([0, 1, 1, 2, 2, 3, 4])  # a and b share row 1, b and c row 2
    numbers = joined_groups(hashes_of(rows), groups, key=KEY)
    assert len(set(numbers[:6].tolist())) == 1
    assert set(numbers.tolist()) == {0, 1}


def test_times_are_numbered_in_their_order() -> None:
    assert equal_times(np.array([2.5, -1.0, 2.5, 9.0])).tolist() == [1, 0, 1, 2]


def test_a_missing_time_is_refused_by_its_row() -> None:
    with pytest.raises(ValueError, match=r"a time in every row for a split by time, got none in row 1"):
        equal_times(np.array(["2024-02-29", "NaT"], dtype="datetime64[s]"))


def test_groups_and_times_at_once_are_refused() -> None:
    with pytest.raises(ValueError, match="by group or by time, got both"):
        units_of(hashes_of(np.arange(3)), groups=np.arange(3), times=np.arange(3), key=KEY)


def test_rows_whose_records_are_in_another_set_too_are_found() -> None:
    assert straddling(hashes_of(np.array([5, 7, 7, 1])), hashes_of(np.array([7, 2, 5, 9, 7]))).tolist() == [
        0,
        2,
        4,
    ]
    assert straddling(hashes_of(np.array([1])), hashes_of(np.array([0, 2]))).tolist() == []
