"""The split's sizes, its fairness to classes, and its being decided by table and seed alone."""

from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from service.seal.openings import Opening
from service.seal.splits import Split, split
from service.tables.table import Table, load_table
from workers.train_dev_data import Task


def classes_table(counts: list[int]) -> Table:
    y = np.repeat(np.arange(len(counts)), counts)
    X = np.arange(2.0 * len(y)).reshape(-1, 2)
    names = tuple(f"class {index}" for index in range(len(counts)))
    return Table("made", ("a", "b"), X, "y", y, names, Task.CLASSIFICATION)


def numbers_table(n_examples: int) -> Table:
    X = np.arange(float(n_examples))[:, np.newaxis]
    return Table("made", ("a",), X, "y", np.sqrt(X[:, 0]), (), Task.REGRESSION)


def opened(parts: Split) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of train, dev and test set."""
    test = parts.test.open(Opening(1, "study", parts.test.fingerprint, 1, 0))
    return parts.train.rows, parts.dev.rows, test.rows


@pytest.mark.parametrize(
    ("n_examples", "sizes"),
    [
        (10, (6, 2, 2)),
        (14, (10, 2, 2)),
        (1_000, (600, 200, 200)),
        (50_000, (30_000, 10_000, 10_000)),
        (100_000, (80_000, 10_000, 10_000)),
    ],
)
def test_dev_and_test_set_are_a_fifth_each_and_at_most_ten_thousand(
    n_examples: int, sizes: tuple[int, int, int]
) -> None:
    assert tuple(map(len, opened(split(numbers_table(n_examples), seed=0)))) == sizes


@given(st.lists(st.integers(3, 60), min_size=2, max_size=12), st.integers(0, 2**64))
def test_every_row_is_in_one_set_and_every_class_in_each(counts: list[int], seed: int) -> None:
    table = classes_table(counts)
    sets = opened(split(table, seed=seed))
    assert sorted(np.concatenate(sets).tolist()) == list(range(sum(counts)))
    held_out = sum(counts) // 5
    assert (len(sets[1]), len(sets[2])) == (held_out, held_out)
    if len(counts) <= held_out:
        for rows in sets:
            assert set(table.y[rows].tolist()) == set(range(len(counts)))
    assert set(table.y[sets[0]].tolist()) == set(range(len(counts)))


@given(st.lists(st.integers(10, 500), min_size=2, max_size=6))
def test_each_class_has_its_share_to_within_one_example(counts: list[int]) -> None:
    table = classes_table(counts)
    _, dev, test = opened(split(table, seed=3))
    for rows in (dev, test):
        due = np.array(counts) * len(rows) / sum(counts)
        assert np.all(np.abs(np.bincount(table.y[rows].astype(int), minlength=len(counts)) - due) < 1)


def test_a_rare_class_is_in_every_set_although_it_is_due_less_than_half_an_example() -> None:
    table = classes_table([3, 3, 3, 3, 400])
    for rows in opened(split(table, seed=0)):
        assert set(table.y[rows].tolist()) == {0, 1, 2, 3, 4}


def test_the_same_seed_gives_the_same_split_and_another_seed_another() -> None:
    table = load_table("iris")
    first, again, other = (opened(split(table, seed=seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(*pair) for pair in zip(first, again, strict=True))
    assert not np.array_equal(first[2], other[2])


def test_the_split_is_drawn_from_the_whole_table() -> None:
    _, _, test = opened(split(numbers_table(1000), seed=0))
    assert abs(test.mean() - 499.5) < 5 * 289 / np.sqrt(200)


def test_examples_stand_beside_their_own_targets() -> None:
    table = numbers_table(50)
    parts = split(table, seed=4)
    for examples in (parts.train, parts.dev):
        np.testing.assert_array_equal(examples.y, np.sqrt(examples.X[:, 0]))
        np.testing.assert_array_equal(examples.X, table.X[examples.rows])


def test_changed_data_change_the_fingerprint_of_the_set_they_are_in() -> None:
    table = numbers_table(50)
    before = split(table, seed=0)
    train, dev, test = opened(before)
    for rows, changes in ((train, (True, False)), (dev, (True, False)), (test, (False, True))):
        X = table.X.copy()
        X[rows[0]] += 1
        after = split(Table("made", ("a",), X, "y", table.y, (), Task.REGRESSION), seed=0)
        found = (
            after.train_dev_fingerprint != before.train_dev_fingerprint,
            after.test.fingerprint != before.test.fingerprint,
        )
        assert found == changes


def test_the_split_leaves_the_table_as_it_was() -> None:
    table = load_table("wine")
    X, y = table.X.copy(), table.y.copy()
    split(table, seed=0)
    np.testing.assert_array_equal(table.X, X)
    np.testing.assert_array_equal(cast("NDArray[np.int64]", table.y), y)
