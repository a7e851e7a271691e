"""Places go to classes by largest remainder, within bounds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.seal.drawing.assignment import apportion

counts_of_classes = st.lists(st.integers(3, 200), min_size=1, max_size=8).map(np.array)


def one_place_after_another(counts: list[int], total: int, at_least: int, at_most: list[int]) -> list[int]:
    """Give each place to the class that is farthest below its due, the first of equals."""
    places = [at_least] * len(counts)
    for _ in range(total - sum(places)):
        open_to = [label for label in range(len(counts)) if places[label] < at_most[label]]
        due = [count * (total / sum(counts)) for count in counts]
        places[max(open_to, key=lambda label: (due[label] - places[label], -label))] += 1
    return places


@given(counts_of_classes, st.floats(0.05, 0.6), st.integers(0, 1))
def test_it_gives_what_giving_place_after_place_gives(
    counts: "np.ndarray[tuple[int], np.dtype[np.int64]]", share: float, at_least: int
) -> None:
    total = max(int(share * counts.sum()) - 2 * len(counts), len(counts))
    found = apportion(counts, total, at_least=at_least, at_most=counts - 2)
    expected = one_place_after_another(counts.tolist(), total, at_least, (counts - 2).tolist())
    assert found.sum() == total
    assert np.all(found >= at_least)
    assert np.all(found <= counts - 2)
    due = counts * total / counts.sum()
    assert np.allclose(np.sort(found - due), np.sort(np.array(expected) - due), atol=1e-9)


def test_the_largest_remainder_has_the_last_place() -> None:
    counts = np.array([47, 16, 37])  # Hamilton's method by hand: due 4.7, 1.6, 3.7 of 10
    assert apportion(counts, 10, at_least=0, at_most=counts).tolist() == [5, 1, 4]


def test_a_rare_class_has_its_place_at_the_expense_of_the_most_favored() -> None:
    counts = np.array([3, 3, 3, 3, 400])
    assert apportion(counts, 82, at_least=1, at_most=counts).tolist() == [1, 1, 1, 1, 78]


def test_bounds_are_kept_where_they_leave_too_few_places() -> None:
    counts = np.array([3, 4])
    assert apportion(counts, 6, at_least=1, at_most=counts - 2).tolist() == [1, 2]
