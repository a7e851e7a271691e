"""Units of any size and mixture fill sets whole, near to the rows wanted of each class."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.seal.drawing.filling import fill


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
