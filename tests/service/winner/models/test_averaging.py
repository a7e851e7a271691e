"""An average is the mean of its members' predictions, of any size, whatever rows stand beside one another."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as np_st
from numpy.typing import NDArray

from service.winner.models.trained_network import average

MEMBERS = st.integers(1, 12).flatmap(
    lambda n: np_st.arrays(np.float32, (n, 7, 3), elements=st.floats(0, 1, width=32, allow_subnormal=False))
)
"""Probabilities of 1 to 12 members: (n_members, 7, 3)."""

LARGEST = np.finfo(np.float64).max


@given(members=MEMBERS)
def test_it_is_the_sum_in_the_members_order_over_their_number_to_the_last_bit(
    members: NDArray[np.float32],
) -> None:
    total = members[0].astype(np.float64)
    for other in members[1:]:
        total = total + other
    averaged = average(list(members))
    assert averaged.dtype == np.float32
    np.testing.assert_array_equal(averaged, (total / len(members)).astype(np.float32))


@given(members=MEMBERS, rows=st.lists(st.integers(0, 6), max_size=4))
def test_a_rows_average_does_not_depend_on_its_company(members: NDArray[np.float32], rows: list[int]) -> None:
    np.testing.assert_array_equal(average(list(members[:, rows])), average(list(members))[rows])


def test_of_one_it_is_that_one_to_the_last_bit() -> None:
    alone = np.array([[-0.0, 1e-45], [0.1, 3e38]], np.float32)
    assert average([alone]).tobytes() == alone.tobytes()


def test_numbers_that_are_too_large_to_be_added_have_an_average() -> None:
    largest, lowest = np.array([LARGEST]), np.array([-LARGEST])
    np.testing.assert_array_equal(average([largest, largest, largest]), largest)
    np.testing.assert_array_equal(average([largest, lowest]), [0.0])
