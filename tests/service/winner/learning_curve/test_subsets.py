"""Parts of a train set are nested, have each class as all have it, and no group but whole."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.winner.learning_curve.curve_plan import beginning, drawn_order


@given(
    labels=st.lists(st.integers(0, 4), min_size=1, max_size=200),
    share=st.integers(1, 8),
    seed=st.integers(0, 9),
)
def test_each_class_has_about_its_share_and_an_example_at_least(
    labels: list[int], share: int, seed: int
) -> None:
    y = np.array(labels)
    order = drawn_order(len(y), labels=y, groups=None, seed=seed)
    part = beginning(order, max(1, len(y) // share), groups=None)

    assert sorted(order) == list(range(len(y)))
    for label in np.unique(y):
        expected = (y == label).sum() * len(part) / len(y)
        assert abs((y[part] == label).sum() - expected) < 1 + len(np.unique(y))
    if len(part) >= len(np.unique(y)):
        assert set(y[part]) == set(y)


def test_the_classes_of_a_large_part_are_those_of_all() -> None:
    y = np.repeat([0, 1, 2], [700, 250, 50])
    part = beginning(drawn_order(1000, labels=y, groups=None, seed=1), 200, groups=None)
    assert np.bincount(y[part]).tolist() == [140, 50, 10]


@pytest.mark.parametrize("labels", [None, np.arange(80) % 3])
@pytest.mark.parametrize("groups", [None, np.arange(80) % 20])
def test_smaller_parts_lie_in_larger_ones_and_seeds_differ(
    labels: np.ndarray[tuple[int], np.dtype[np.int64]] | None,
    groups: np.ndarray[tuple[int], np.dtype[np.intp]] | None,
) -> None:
    orders = [drawn_order(80, labels=labels, groups=groups, seed=seed) for seed in (3, 3, 4)]
    assert np.array_equal(orders[0], orders[1])
    assert not np.array_equal(orders[0], orders[2])
    parts = [set(beginning(orders[0], n, groups=groups).tolist()) for n in (10, 20, 40, 80)]
    assert all(small < large for small, large in pairwise(parts))
    assert len(parts[-1]) == 80


def test_groups_come_whole_to_as_near_as_can_be() -> None:
    groups = np.repeat(np.arange(6), [1, 2, 3, 4, 5, 85])
    for seed in range(20):
        order = drawn_order(100, labels=None, groups=groups, seed=seed)
        for n in (3, 8, 50, 100):
            part = beginning(order, n, groups=groups)
            held = np.isin(groups, groups[part])
            assert held.sum() == len(part), "a group is in it or is not"
            ends = np.cumsum(np.bincount(groups)[list(dict.fromkeys(groups[order].tolist()))])
            assert abs(len(part) - n) == np.abs(ends - n).min()


def test_a_group_is_as_likely_as_another_to_be_in_a_part() -> None:
    groups = np.repeat(np.arange(8), 10)
    parts = [
        beginning(drawn_order(80, labels=None, groups=groups, seed=seed), 10, groups=groups)
        for seed in range(400)
    ]
    counts = np.bincount([groups[part[0]] for part in parts])
    assert counts.min() > 25, "of 50 each"
