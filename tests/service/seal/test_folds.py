"""Folds follow the rules of the split: whole groups and records, even classes, no order of rows."""

from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from service.seal.assignment import Fold, fold_assignments
from tests.service.seal.drawn_tables import DrawnTable, hashes_of, tables


def try_to_fold(table: DrawnTable, n_folds: int, seed: int) -> list[Fold]:
    try:
        return fold_assignments(table.hashes, n_folds=n_folds, **table.as_arguments(), seed=seed)
    except ValueError:
        assume(condition=False)
        raise


@given(tables(), st.integers(2, 6), st.integers(0, 9))
def test_each_row_is_dev_once_and_train_in_all_other_folds(
    table: DrawnTable, n_folds: int, seed: int
) -> None:
    assume(table.times is None)
    folds = try_to_fold(table, n_folds, seed)
    rows = list(range(len(table.hashes)))
    assert len(folds) == n_folds
    assert sorted(np.concatenate([fold.dev for fold in folds]).tolist()) == rows
    for fold in folds:
        assert sorted([*fold.train.tolist(), *fold.dev.tolist()]) == rows


@given(tables(), st.integers(2, 6), st.integers(0, 9))
def test_neither_records_nor_groups_nor_times_straddle(table: DrawnTable, n_folds: int, seed: int) -> None:
    whole = [table.times] if table.times is not None else [table.hashes]
    if table.groups is not None:
        whole.append(table.groups)
    for fold in try_to_fold(table, n_folds, seed):
        for values in whole:
            train, dev = ({str(value) for value in values[rows].tolist()} for rows in (fold.train, fold.dev))
            assert not train & dev


@given(tables(), st.integers(2, 6), st.integers(0, 9), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    table: DrawnTable, n_folds: int, seed: int, random: Random
) -> None:
    order = np.array(random.sample(range(len(table.hashes)), k=len(table.hashes)))
    moved, folds = try_to_fold(table.taken(order), n_folds, seed), try_to_fold(table, n_folds, seed)
    for fold, other in zip(folds, moved, strict=True):
        assert np.array_equal(np.sort(order[other.dev]), fold.dev)
        assert np.array_equal(np.sort(order[other.train]), fold.train)


@given(st.lists(st.integers(6, 40), min_size=1, max_size=8), st.integers(2, 6), st.integers(0, 2**64))
def test_where_each_record_has_one_row_folds_are_even_in_all_and_of_each_class(
    counts: list[int], n_folds: int, seed: int
) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    folds = fold_assignments(hashes_of(np.arange(len(labels))), n_folds=n_folds, labels=labels, seed=seed)
    of_each_class = np.array([np.bincount(labels[fold.dev], minlength=len(counts)) for fold in folds])
    assert np.all(np.ptp(of_each_class, axis=0) <= 1)
    assert np.ptp(of_each_class.sum(axis=1)) <= 1


def test_by_time_a_folds_train_rows_are_all_rows_before_its_dev_rows() -> None:
    times = np.random.default_rng(0).integers(0, 100, 600)
    folds = fold_assignments(hashes_of(np.arange(600)), n_folds=5, times=times, seed=0)
    assert len(folds) == 5
    for fold, after in zip(folds, [*folds[1:], None], strict=True):
        assert times[fold.train].max() < times[fold.dev].min()
        assert set(fold.train.tolist()) == set(np.flatnonzero(times < times[fold.dev].min()).tolist())
        assert abs(len(fold.dev) - 100) <= 15
        if after is not None:
            assert set(after.train.tolist()) == {*fold.train.tolist(), *fold.dev.tolist()}
    assert times.max() in times[folds[-1].dev]


def test_repeats_and_seeds_have_folds_of_their_own() -> None:
    hashes = hashes_of(np.arange(100))
    firsts = [
        tuple(fold_assignments(hashes, n_folds=5, seed=seed, repeat=repeat)[0].dev.tolist())
        for seed, repeat in ((0, 0), (0, 1), (1, 0), (1, 1), (0, 0))
    ]
    assert len(set(firsts)) == 4
    assert firsts[0] == firsts[-1]


@pytest.mark.parametrize(
    ("numbers", "arguments", "message"),
    [
        (np.arange(10), {"n_folds": 1}, "at least 2 folds for cross-validation, got 1"),
        (np.arange(3), {"n_folds": 5}, "expected a row for each of 5 folds, got 3 rows"),
        (np.zeros(10, dtype=int), {"n_folds": 2}, "a row of every class for each of 2 sets, .* got 1"),
        (np.arange(10), {"n_folds": 3, "labels": [0] * 8 + [1] * 2}, "each of 3 sets, .* got 2 of class 1"),
        (
            np.arange(10),
            {"n_folds": 3, "groups": [1, 2] * 5},
            "at least 3 groups for a split by group, one for each set, got 2",
        ),
        (np.arange(10), {"n_folds": 3, "times": [1, 2, 3] * 3 + [1]}, "at least 4 different times"),
        (
            np.arange(10),
            {"n_folds": 2, "times": range(10), "repeat": 1},
            "always the same, got repeat 1",
        ),
        (
            np.arange(9),
            {"n_folds": 2, "times": range(9), "labels": [0] * 6 + [1] * 3},
            "got none of class 1 before",
        ),
    ],
)
def test_a_table_that_cannot_be_folded_is_refused(
    numbers: NDArray[np.int64], arguments: dict[str, Any], message: str
) -> None:
    given_values: dict[str, Any] = {
        name: value if isinstance(value, int) else np.array(value) for name, value in arguments.items()
    }
    with pytest.raises(ValueError, match=message):
        fold_assignments(hashes_of(numbers), **given_values, seed=0)
