"""Which rows are in which set follows their values and the seed; what belongs together stays together.

Sizes go by the rule or by fractions, and places go to classes by largest remainder.
"""

from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from service.seal.assignment import Assignment, SplitSizes, apportion, assign
from tests.service.seal.drawn_tables import DrawnTable, hashes_of, tables

BY_RULE = SplitSizes()
sizes = st.sampled_from([BY_RULE, SplitSizes(0.25, 0.15), SplitSizes(test_fraction=0)])


def try_to_assign(table: DrawnTable, sizes: SplitSizes, seed: int) -> Assignment:
    """Return the assignment; a table that has too little for it is no example."""
    try:
        return assign(table.hashes, sizes=sizes, **table.as_arguments(), seed=seed)
    except ValueError:
        assume(condition=False)
        raise


def sets_of(parts: Assignment) -> tuple[NDArray[np.intp], ...]:
    return parts.train, parts.dev, parts.test


def set_of_each_row(parts: Assignment) -> NDArray[np.intp]:
    found = np.full(sum(map(len, sets_of(parts))), -1)
    for index, rows in enumerate(sets_of(parts)):
        found[rows] = index
    return found


def keys_of_rows(values: NDArray[Any]) -> list[Any]:
    return [tuple(value) if np.ndim(value) else value for value in values.tolist()]


@given(tables(), sizes, st.integers(0, 2**64))
def test_each_row_is_in_one_set_and_rows_ascend(table: DrawnTable, sizes: SplitSizes, seed: int) -> None:
    parts = try_to_assign(table, sizes, seed)
    assert sorted(np.concatenate(sets_of(parts)).tolist()) == list(range(len(table.hashes)))
    for rows in sets_of(parts):
        assert np.all(np.diff(rows) > 0)
    assert parts.train.size
    assert parts.dev.size
    assert bool(parts.test.size) == (sizes.test_fraction != 0)


@given(tables(), sizes, st.integers(0, 9), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    table: DrawnTable, sizes: SplitSizes, seed: int, random: Random
) -> None:
    order = np.array(random.sample(range(len(table.hashes)), k=len(table.hashes)))
    moved = set_of_each_row(try_to_assign(table.taken(order), sizes, seed))
    assert np.array_equal(moved, set_of_each_row(try_to_assign(table, sizes, seed))[order])


@given(tables(), sizes, st.integers(0, 9))
def test_neither_records_nor_groups_nor_times_straddle(
    table: DrawnTable, sizes: SplitSizes, seed: int
) -> None:
    found = set_of_each_row(try_to_assign(table, sizes, seed)).tolist()
    whole = [table.times] if table.times is not None else [table.hashes]
    if table.groups is not None:
        whole.append(table.groups)
    for values in whole:
        seen: dict[Any, int] = {}
        assert all(
            seen.setdefault(key, where) == where
            for key, where in zip(keys_of_rows(values), found, strict=True)
        )


@given(tables(), st.integers(0, 9))
def test_every_class_is_in_every_set(table: DrawnTable, seed: int) -> None:
    assume(table.labels is not None)
    assert table.labels is not None
    for rows in sets_of(try_to_assign(table, BY_RULE, seed)):
        assert set(table.labels[rows].tolist()) == {0, 1}


@given(st.lists(st.integers(3, 60), min_size=2, max_size=12), st.integers(0, 2**64))
def test_where_each_record_has_one_row_sizes_are_right_to_a_row_and_shares_to_within_one(
    counts: list[int], seed: int
) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    parts = assign(hashes_of(np.arange(len(labels))), sizes=BY_RULE, labels=labels, seed=seed)
    held_out = len(labels) // 5
    assert (len(parts.dev), len(parts.test)) == (held_out, held_out)
    assert parts.notes == ()
    due = np.array(counts) * held_out / len(labels)
    if len(counts) <= held_out and due.min() >= 1:
        for rows in (parts.dev, parts.test):
            assert np.all(np.abs(np.bincount(labels[rows]) - due) < 1)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        (BY_RULE, (600, 200, 200)),
        (SplitSizes(0.1, 0.3), (600, 100, 300)),
        (SplitSizes(0.1), (700, 100, 200)),
        (SplitSizes(test_fraction=0), (800, 200, 0)),
        (SplitSizes(dev_fraction=0, test_fraction=0.29), (710, 0, 290)),
    ],
)
@pytest.mark.parametrize("follows", ["values", "groups", "times"])
def test_sets_have_the_sizes_asked_for(
    sizes: SplitSizes, expected: tuple[int, int, int], follows: str
) -> None:
    numbers = np.arange(1_000)
    parts = assign(
        hashes_of(numbers),
        sizes=sizes,
        groups=numbers if follows == "groups" else None,
        times=numbers if follows == "times" else None,
        seed=0,
    )
    assert tuple(map(len, sets_of(parts))) == expected


def test_another_seed_gives_another_split_of_rows_and_of_groups() -> None:
    hashes = hashes_of(np.arange(200))
    for groups in (None, np.arange(200) // 4):
        first, again, other = (assign(hashes, sizes=BY_RULE, groups=groups, seed=seed) for seed in (1, 1, 2))
        assert np.array_equal(first.test, again.test)
        assert not np.array_equal(first.test, other.test)


def test_a_row_is_a_test_row_as_often_as_it_is_due_wherever_it_stands() -> None:
    hashes = hashes_of(np.arange(50))
    times_in_test = np.zeros(50)
    for seed in range(500):
        times_in_test[assign(hashes, sizes=BY_RULE, seed=seed).test] += 1
    assert np.all(np.abs(times_in_test - 100) < 5 * np.sqrt(500 * 0.2 * 0.8))


def test_by_time_dev_is_later_than_train_and_test_later_than_dev() -> None:
    times = np.random.default_rng(0).integers(0, 40, 300).astype(float)
    parts = assign(hashes_of(np.arange(300)), sizes=BY_RULE, times=times, seed=0)
    assert times[parts.train].max() < times[parts.dev].min()
    assert times[parts.dev].max() < times[parts.test].min()
    widest = np.unique(times, return_counts=True)[1].max()
    assert abs(len(parts.test) - 60) <= widest / 2


def test_many_groups_come_within_two_percent_of_the_sizes_and_shares() -> None:
    rng = np.random.default_rng(1)
    groups = rng.integers(0, 200, 2_000)
    labels = (rng.random(2_000) < 0.2 + 0.2 * (groups % 3)).astype(np.int64)
    parts = assign(hashes_of(np.arange(2_000)), sizes=BY_RULE, labels=labels, groups=groups, seed=5)
    for rows in (parts.dev, parts.test):
        assert abs(len(rows) - 400) <= 8
        assert abs(labels[rows].mean() - labels.mean()) < 0.02


def test_the_groups_values_decide_and_not_how_they_are_numbered_or_written() -> None:
    numbers = np.random.default_rng(2).integers(0, 30, 300)
    hashes = hashes_of(np.arange(300))
    written = np.array([f" {number}.0" for number in numbers])
    found = [assign(hashes, sizes=BY_RULE, groups=groups, seed=0).test for groups in (numbers, written)]
    assert np.array_equal(found[0], found[1])


def test_groups_that_share_a_record_are_one_group() -> None:
    groups = np.repeat(np.arange(20), 5)
    numbers = np.arange(100)
    numbers[50] = numbers[0]  # groups 0 and 10
    for seed in range(20):
        found = set_of_each_row(assign(hashes_of(numbers), sizes=BY_RULE, groups=groups, seed=seed))
        assert len(set(found[(groups == 0) | (groups == 10)].tolist())) == 1


def test_a_record_larger_than_a_set_stays_in_train() -> None:
    numbers = np.concatenate([np.zeros(40, dtype=int), np.arange(1, 61)])
    parts = assign(hashes_of(numbers), sizes=BY_RULE, seed=0)
    assert np.all(np.isin(np.arange(40), parts.train))
    assert tuple(map(len, sets_of(parts))) == (60, 20, 20)
    assert parts.notes == ()


def test_a_set_that_differs_from_its_size_is_told() -> None:
    parts = assign(hashes_of(np.arange(60) // 5), sizes=BY_RULE, groups=np.arange(60) // 5, seed=0)
    assert parts.notes[0] == (
        "the dev set has 10 rows instead of 12: rows that belong together stay in one set"
    )


@pytest.mark.parametrize(
    ("numbers", "arguments", "message"),
    [
        (np.arange(4), {}, "expected at least one dev row, got less: a fifth of 4 rows"),
        (np.zeros(20, dtype=int), {}, "a row of every class for each of 3 sets, .* got 1"),
        (np.arange(20), {"labels": [0] * 18 + [1] * 2}, "each of 3 sets, .* got 2 of class 1"),
        (
            np.arange(20),
            {"groups": ["a"] * 20},
            "at least 3 groups for a split by group, one for each set, got 1 ",
        ),
        (
            np.arange(20),
            {"groups": [1, 2] * 10},
            "at least 3 groups for a split by group, one for each set, got 2 ",
        ),
        (
            np.arange(20) // 10,
            {"groups": range(20)},
            "at least 3 groups for a split by group, one for each set, got 2 ",
        ),
        (
            np.arange(20),
            {"groups": np.arange(20) // 4, "labels": [0] * 16 + [1] * 4},
            "got class 1 in only 1 group",
        ),
        (
            np.arange(20),
            {"times": [1, 2] * 10},
            "at least 3 different times for a split by time, one for each set, got 2",
        ),
        (
            np.arange(20),
            {"times": [1.0] * 19 + [np.nan]},
            "a time in every row for a split by time, got none in row 19",
        ),
        (
            np.arange(20),
            {"times": range(20), "labels": [0] * 12 + [1] * 8},
            "got none of class 1 among its 12",
        ),
        (np.arange(20), {"times": range(20), "groups": range(20)}, "by group or by time, got both"),
    ],
)
def test_a_table_that_cannot_be_split_is_refused(
    numbers: NDArray[np.int64], arguments: dict[str, Any], message: str
) -> None:
    arrays = {name: np.array(values) for name, values in arguments.items()}
    with pytest.raises(ValueError, match=message):
        assign(hashes_of(numbers), sizes=BY_RULE, **arrays, seed=0)


def test_more_classes_than_dev_rows_leave_every_class_in_train() -> None:
    labels = np.arange(40) % 20
    parts = assign(hashes_of(np.arange(40)), sizes=BY_RULE, labels=labels, seed=0)
    assert tuple(map(len, sets_of(parts))) == (24, 8, 8)
    assert set(labels[parts.train].tolist()) == set(range(20))


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


@pytest.mark.parametrize(
    ("n_rows", "held_out"), [(5, 1), (14, 2), (1_000, 200), (50_000, 10_000), (1_000_000, 10_000)]
)
def test_the_rule_is_a_fifth_and_at_most_ten_thousand(n_rows: int, held_out: int) -> None:
    assert SplitSizes().counts(n_rows) == (held_out, held_out)


def test_fractions_are_of_all_rows_and_not_bounded() -> None:
    assert SplitSizes(0.3, 0.29).counts(100_000) == (30_000, 29_000)
    assert SplitSizes(0, 0.29).counts(100) == (0, 29)


@pytest.mark.parametrize(
    ("fractions", "message"),
    [
        ((1.0, 0.0), "expected a dev fraction of at least 0 and below 1, got 1.0"),
        ((0.1, -0.1), "expected a test fraction of at least 0 and below 1, got -0.1"),
        ((float("nan"), 0.1), "expected a dev fraction .* got nan"),
        ((0.5, 0.5), "that leave train rows, got 0.5 and 0.5"),
    ],
)
def test_fractions_that_leave_no_train_rows_are_refused(fractions: tuple[float, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SplitSizes(*fractions)


@pytest.mark.parametrize(
    ("sizes", "n_rows", "message"),
    [
        (SplitSizes(), 4, "expected at least one dev row, got less: a fifth of 4 rows"),
        (
            SplitSizes(0.5, 0.01),
            30,
            "expected at least one test row, got less: a share of 0.01 of 30 rows",
        ),
        (
            SplitSizes(0.6, 0.39),
            2,
            "expected at least one train row: of 2 rows, 1 would be dev and 1 test",
        ),
    ],
)
def test_too_few_rows_are_refused(sizes: SplitSizes, n_rows: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sizes.counts(n_rows)
