"""The split's sizes, its fairness to classes, and its being decided by table and seed alone."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from service.configuration.data_config import EqualRowsRule, SplitConfig, TrainDevRule
from service.errors import BadInputError
from service.seal.identity import StudyIdentity
from service.seal.openings import Opening
from service.seal.split_decisions import TrainDevDecision
from service.seal.splits import Split, split, with_train_dev
from service.tables.column_kinds import ColumnKind
from service.tables.table import Table, load_table
from tests.service.made_tables import made_table


def classes_table(counts: list[int]) -> Table:
    y = np.repeat(np.arange(len(counts)), counts)
    return made_table(
        {"a": np.arange(2.0 * len(y))[::2], "b": np.arange(2.0 * len(y))[1::2]},
        y,
        class_names=tuple(f"class {index}" for index in range(len(counts))),
    )


def numbers_table(n_examples: int, **others: Any) -> Table:  # noqa: ANN401 (as `made_table` takes them)
    a = np.arange(float(n_examples))
    return made_table({"a": a}, np.sqrt(a), **others)


def opened(parts: Split) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the table's rows of train, dev and test set."""
    assert parts.test is not None
    test = parts.test.open(Opening(1, StudyIdentity("study", "ab", 1), parts.test.fingerprint, 1, 0))
    ((train, dev),) = ((fold.train, fold.dev) for fold in parts.folds)
    return parts.known.rows[train], parts.known.rows[dev], test.rows


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
    np.testing.assert_array_equal(parts.known.y, table.y[parts.known.rows])
    assert parts.test is not None
    test = parts.test.open(Opening(1, StudyIdentity("study", "ab", 1), parts.test.fingerprint, 1, 0))
    np.testing.assert_array_equal(test.y, np.sqrt(test.frame["a"].to_numpy()))
    np.testing.assert_array_equal(test.frame["a"].to_numpy(), test.rows)
    assert test.frame.columns == ["a"]


def test_changed_data_change_the_fingerprint_of_the_set_they_are_in() -> None:
    table = numbers_table(50)
    before = split(table, seed=0)
    _, _, test = opened(before)
    for row in range(50):
        a = table.frame["a"].to_numpy().copy()
        a[row] += 0.5
        after = split(made_table({"a": a}, table.y), seed=0)
        # The changed row may move to another set: then both sets are others than before.
        moved = set(opened(after)[2].tolist()) != set(test.tolist())
        assert (after.known_fingerprint != before.known_fingerprint) or row in test
        assert (fingerprint_of_test(after) != fingerprint_of_test(before)) == (row in test or moved)


def fingerprint_of_test(parts: Split) -> str:
    assert parts.test is not None
    return parts.test.fingerprint


@given(st.permutations(range(60)), st.integers(0, 99))
def test_the_same_examples_in_another_order_are_in_the_same_sets(order: list[int], seed: int) -> None:
    table = classes_table([20, 20, 20])
    frame = table.frame.select("a", "b")[order]
    moved = made_table(
        {"b": frame["b"].to_numpy(), "a": frame["a"].to_numpy()},
        table.y[order],
        class_names=table.class_names,
    )
    before, after = split(table, seed=seed), split(moved, seed=seed)
    for rows, others in zip(opened(before), opened(after), strict=True):
        assert set(rows.tolist()) == {order[row] for row in others}
    assert fingerprint_of_test(before) == fingerprint_of_test(after)
    assert before.known_fingerprint == after.known_fingerprint


def test_equal_rows_are_in_one_set_and_counted() -> None:
    a = np.repeat(np.arange(30.0), 2)
    parts = split(made_table({"a": a}, a), seed=0)
    for rows in opened(parts):
        assert np.all(np.unique(a[rows], return_counts=True)[1] == 2)
    assert len(parts.notes) == 1
    assert "most records appear 2 times, and the copies of a record are kept" in parts.notes[0]


def test_an_id_makes_no_difference_between_equal_rows() -> None:
    a = np.repeat(np.arange(30.0), 2)
    table = made_table({"a": a, "n": np.arange(60)}, a, kinds={"n": ColumnKind.ID})
    for rows in opened(split(table, seed=0)):
        assert np.all(np.unique(a[rows], return_counts=True)[1] == 2)


def test_the_known_examples_groups_are_told_by_number() -> None:
    groups = [f"patient {n % 17}" for n in range(200)]
    kinds = {"g": ColumnKind.GROUP}
    known = split(
        made_table({"g": groups, "a": np.arange(200.0)}, np.arange(200.0), kinds=kinds), seed=3
    ).known
    assert known.groups is not None
    names = {(number, groups[row]) for number, row in zip(known.groups.tolist(), known.rows, strict=True)}
    assert len(names) == len({number for number, _ in names}) == len({name for _, name in names})
    plain = split(made_table({"a": np.arange(200.0)}, np.arange(200.0)), seed=3)
    assert plain.known.groups is None


def test_units_say_which_rows_of_a_set_are_of_one_group() -> None:
    groups = np.arange(200) % 17
    names, a = [f"patient {n}" for n in groups], np.arange(200.0)
    found = split(made_table({"g": names, "a": a}, np.arange(200.0), kinds={"g": ColumnKind.GROUP}), seed=3)
    assert found.test is not None
    for examples in (
        found.known,
        found.test.open(Opening(1, StudyIdentity("study", "ab", 1), found.test.fingerprint, 1, 0)),
    ):
        assert examples.units is not None
        same_unit = examples.units[:, np.newaxis] == examples.units
        of_group = groups[examples.rows]
        np.testing.assert_array_equal(same_unit, of_group[:, np.newaxis] == of_group)
    assert split(made_table({"a": np.arange(200.0)}, np.arange(200.0)), seed=3).known.units is None


def test_no_group_straddles() -> None:
    groups = [f"patient {n % 17}" for n in range(200)]
    parts = split(numbers_table(200), seed=0)
    table = made_table({"g": groups, "a": np.arange(200.0)}, np.arange(200.0), kinds={"g": ColumnKind.GROUP})
    parts = split(table, seed=0)
    of_sets = [{groups[row] for row in rows} for rows in opened(parts)]
    assert sum(map(len, of_sets)) == len(set().union(*of_sets)) == 17


@pytest.mark.parametrize(
    "times",
    [
        [f"2020-{1 + n // 28:02}-{1 + n % 28:02}" for n in range(100)],
        [f"{1 + n % 28:02}.{1 + n // 28:02}.2020" for n in range(100)],
        list(range(100)),
        [str(n / 8) for n in range(100)],
    ],
)
def test_dev_is_later_than_train_and_test_later_than_dev(times: list[object]) -> None:
    order = np.random.default_rng(0).permutation(100)
    table = made_table({"t": [times[n] for n in order]}, order.astype(float), kinds={"t": ColumnKind.TIME})
    train, dev, test = (order[rows] for rows in opened(split(table, seed=0)))
    assert (len(train), len(dev), len(test)) == (60, 20, 20)
    assert train.max() < dev.min() <= dev.max() < test.min()


@pytest.mark.parametrize(
    ("kind", "cells", "match"),
    [
        (ColumnKind.GROUP, ["one"] * 20, "made-0: .*group"),
        (
            ColumnKind.GROUP,
            ["a", None] * 10,
            "row 2, column 'c': expected a group .*, got nothing",
        ),
        (
            ColumnKind.TIME,
            ["3", "x"] * 10,
            "row 2, column 'c': expected a time .*, got 'x'",
        ),
        (ColumnKind.TIME, [1, 2] * 10, "made-0: .*time"),
    ],
)
def test_groups_and_times_that_allow_no_split_are_refused(
    kind: ColumnKind, cells: list[object], match: str
) -> None:
    table = made_table({"c": cells, "a": range(20)}, np.arange(20.0), kinds={"c": kind})
    with pytest.raises(BadInputError, match=match):
        split(table, seed=0)


def test_fractions_are_kept_and_a_test_set_may_be_left_out() -> None:
    parts = split(numbers_table(100), SplitConfig(dev_fraction=0.1, test_fraction=0.3), seed=0)
    assert parts.n_examples == {"train": 60, "dev": 10, "test": 30}
    parts = split(numbers_table(100), SplitConfig(no_test=True), seed=0)
    assert (parts.test, parts.n_examples) == (None, {"train": 80, "dev": 20})


def test_each_known_example_is_a_dev_example_once_in_each_repeat() -> None:
    parts = split(numbers_table(100), SplitConfig(folds=4, repeats=2), seed=0)
    assert parts.n_examples == {"train": 80, "test": 20}
    assert len(parts.folds) == 8
    for repeat in (parts.folds[:4], parts.folds[4:]):
        assert sorted(np.concatenate([fold.dev for fold in repeat]).tolist()) == list(range(80))
    for fold in parts.folds:
        assert sorted([*fold.train.tolist(), *fold.dev.tolist()]) == list(range(80))
    assert any(not np.array_equal(parts.folds[k].dev, parts.folds[4 + k].dev) for k in range(4))


def files_table(*sizes: int) -> Table:
    return numbers_table(sum(sizes), file_of_row=np.repeat(np.arange(len(sizes)), sizes))


def test_files_are_the_sets_they_are_named_for() -> None:
    train, dev, test = opened(split(files_table(50, 10, 15), seed=0, has_dev_file=True, has_test_file=True))
    assert (set(dev), set(test)) == (set(range(50, 60)), set(range(60, 75)))
    assert set(train) == set(range(50))


def decision(rule: TrainDevRule, *columns: str) -> TrainDevDecision:
    return TrainDevDecision(rule=rule, n_train=50, n_dev=10, n_columns=2, columns=columns, p_value=0.003)


@pytest.mark.parametrize(
    ("decided", "n_set_aside"),
    [
        (decision(TrainDevRule.AUTO, "a"), 10),
        (decision(TrainDevRule.AUTO), 0),
        (decision(TrainDevRule.ALWAYS), 10),
        (decision(TrainDevRule.NEVER, "a"), 0),
    ],
)
def test_a_train_dev_set_is_drawn_where_that_is_decided(decided: TrainDevDecision, n_set_aside: int) -> None:
    table = files_table(50, 20)
    whole = split(table, seed=0, has_dev_file=True)
    parts = with_train_dev(whole, table, SplitConfig(), decided, seed=0)
    assert parts.n_examples.get("train-dev", 0) == n_set_aside
    assert parts.n_examples["train"] == 50 - n_set_aside
    assert parts.known is whole.known
    assert parts.known_fingerprint == whole.known_fingerprint
    assert parts.train_dev_decision == decided
    assert parts.notes == (decided.sentence,)


@pytest.mark.parametrize("kind", [ColumnKind.GROUP, ColumnKind.TIME])
def test_groups_and_times_are_not_torn_by_a_train_dev_set(kind: ColumnKind) -> None:
    key = np.arange(70) // 7
    table = made_table(
        {"a": np.arange(70.0), "key": key},
        np.arange(70.0),
        kinds={"key": kind},
        file_of_row=np.repeat([0, 1], [49, 21]),
    )
    whole = split(table, SplitConfig(no_test=True), seed=0, has_dev_file=True)
    parts = with_train_dev(whole, table, SplitConfig(no_test=True), decision(TrainDevRule.ALWAYS), seed=0)
    assert parts.train_dev is not None
    train, train_dev = (key[parts.known.rows[of_set]] for of_set in (parts.folds[0].train, parts.train_dev))
    assert set(train).isdisjoint(train_dev)
    assert kind is ColumnKind.GROUP or train.max() < train_dev.min()
    assert parts.notes[-1].startswith("the train-dev set has 7 rows instead of 9")


def test_where_no_train_dev_set_can_be_drawn_the_error_says_how_to_do_without() -> None:
    table = files_table(4, 20)
    whole = split(table, seed=0, has_dev_file=True)
    expected = r"a fifth of 4 rows: a train-dev set .* in a \(p = 0.003\); split.train_dev = \"never\" turns"
    with pytest.raises(BadInputError, match=expected):
        with_train_dev(whole, table, SplitConfig(), decision(TrainDevRule.AUTO, "a"), seed=0)


def test_a_train_dev_set_is_of_the_train_file() -> None:
    table = files_table(50, 20)
    parts = with_train_dev(
        split(table, seed=0, has_dev_file=True), table, SplitConfig(), decision(TrainDevRule.ALWAYS), seed=0
    )
    assert parts.n_examples == {"train": 40, "dev": 10, "train-dev": 10, "test": 10}
    train, dev, test = opened(parts)
    assert parts.train_dev is not None
    train_dev = parts.known.rows[parts.train_dev]
    assert set(train) | set(train_dev) == set(range(50))
    assert set(dev) | set(test) == set(range(50, 70))


def test_a_test_file_leaves_the_table_to_train_and_dev_set() -> None:
    train, dev, test = opened(split(files_table(50, 7), seed=0, has_test_file=True))
    assert (len(train), len(dev), set(test)) == (40, 10, set(range(50, 57)))


def test_examples_that_a_later_file_has_too_are_left_out_before_it() -> None:
    a = np.concatenate([np.arange(50.0), [3.0, 4.0, 60.0, 61.0, 62.0]])
    table = made_table({"a": a}, a, file_of_row=np.repeat([0, 1], [50, 5]))
    parts = split(table, seed=0, has_test_file=True)
    train, dev, _ = opened(parts)
    assert {3, 4}.isdisjoint({*train.tolist(), *dev.tolist()})
    assert parts.notes == ("2 rows are left out, because the test file has them too",)


def test_no_set_before_the_test_file_has_an_example_of_it() -> None:
    a = np.concatenate([np.arange(50.0), np.arange(60.0, 80.0), np.arange(20.0), [60.0, 61.0]])
    table = made_table({"a": a}, a, file_of_row=np.repeat([0, 1, 2], [50, 20, 22]))
    parts = split(table, seed=0, has_dev_file=True, has_test_file=True)
    assert set(a[parts.known.rows]).isdisjoint(a[70:])
    assert parts.n_examples == {"train": 30, "dev": 18, "test": 22}


def test_a_class_of_dev_or_test_file_without_train_examples_is_refused_by_name() -> None:
    y = np.array([0] * 20 + [1] * 20 + [2] * 5)
    table = made_table(
        {"a": np.arange(45.0)}, y, class_names=("ant", "bee", "cat"), file_of_row=np.repeat([0, 1], [40, 5])
    )
    with pytest.raises(
        BadInputError, match=r"made-1: row .* every class in the test set, got none of class 'cat'"
    ):
        split(table, seed=0, has_test_file=True)


def test_the_split_leaves_the_table_as_it_was() -> None:
    table = load_table("wine")
    frame, y = table.frame.clone(), table.y.copy()
    split(table, seed=0)
    assert table.frame.equals(frame)
    np.testing.assert_array_equal(table.y, y)


def test_a_dev_set_without_an_example_is_refused() -> None:
    a = np.repeat(np.arange(6.0), 4)
    table = made_table({"a": a}, (a // 2).astype(int), class_names=("ant", "bee", "cat"))
    together = SplitConfig(dev_fraction=0.05, no_test=True, equal_rows=EqualRowsRule.TOGETHER)
    with pytest.raises(BadInputError, match=r"made-0: expected at least one dev example, got too few rows"):
        split(table, together, seed=0)
