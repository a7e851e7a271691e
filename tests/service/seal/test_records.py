"""Copies of a record never straddle, and rows that agree by chance are split like any others."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from service.configuration.data_config import EqualRowsRule, SplitConfig
from service.seal.identity import StudyIdentity
from service.seal.openings import Opening
from service.seal.split_decisions import Meeting
from service.seal.splits import Split, split
from service.tables.column_kinds import ColumnKind
from service.tables.table import Table, TableOptions, load_table
from tests.few_valued_table import BEST_ERROR, few_valued
from tests.service.made_tables import made_table

N = 2_000

Columns = dict[str, NDArray[np.generic]]


def two_columns_of_three_values(rng: np.random.Generator) -> Columns:
    return {"a": rng.integers(0, 3, N), "b": rng.integers(0, 3, N)}


def one_category_of_many(rng: np.random.Generator) -> Columns:
    return {"town": rng.integers(0, 150, N).astype(str)}


def eight_columns_of_three_values(rng: np.random.Generator) -> Columns:
    return {f"x{index}": rng.integers(0, 3, N) for index in range(8)}


def passengers(rng: np.random.Generator) -> Columns:
    age = np.clip(np.round(rng.gamma(4, 8, N)), 0, 80)
    return {"age": age, "born": 1912 - age, "sex": rng.integers(0, 2, N), "class": rng.integers(1, 4, N)}


def one_hot(rng: np.random.Generator) -> Columns:
    chosen = rng.integers(0, 4, (6, N))
    return {f"{index}={value}": chosen[index] == value for index in range(6) for value in range(4)}


def numbers_rounded_until_rows_meet(rng: np.random.Generator) -> Columns:
    return {f"x{index}": np.round(rng.normal(size=N) * 5) / 10 for index in range(3)}


def three_tenths_of_customers_without_a_purchase(rng: np.random.Generator) -> Columns:
    buys = rng.random(N) < 0.7
    return {f"x{index}": np.where(buys, rng.gamma(2, 20, N), 0) for index in range(6)}


def numbers(rng: np.random.Generator) -> Columns:
    return {f"x{index}": rng.normal(size=N) for index in range(4)}


def one_number_among_categories(rng: np.random.Generator) -> Columns:
    return {"x": rng.normal(size=N), **{f"c{index}": rng.integers(0, 3, N) for index in range(3)}}


def numbers_of_two_decimals(rng: np.random.Generator) -> Columns:
    return {f"x{index}": np.round(rng.normal(size=N), 2) for index in range(3)}


def twelve_columns_of_three_values(rng: np.random.Generator) -> Columns:
    return {f"x{index}": rng.integers(0, 3, N) for index in range(12)}


BY_CHANCE = [
    two_columns_of_three_values,
    one_category_of_many,
    eight_columns_of_three_values,
    passengers,
    one_hot,
    numbers_rounded_until_rows_meet,
    three_tenths_of_customers_without_a_purchase,
]
TELLING = [numbers, one_number_among_categories, numbers_of_two_decimals, twelve_columns_of_three_values]


def with_copies(columns: Columns, share: float, rng: np.random.Generator) -> tuple[Columns, NDArray[np.intp]]:
    """Return the columns with a share of their rows once more, and each row's record."""
    record = np.concatenate([np.arange(N), rng.choice(N, int(share * N), replace=False)])
    return {name: column[record] for name, column in columns.items()}, record


def classes_table(columns: Columns, y: NDArray[np.int64]) -> Table:
    return made_table(columns, y, class_names=("no", "yes"))


def opened(parts: Split) -> NDArray[np.int64]:
    assert parts.test is not None
    return parts.test.open(Opening(1, StudyIdentity("study", "ab", 1), parts.test.fingerprint, 1, 0)).rows


def sets_of(parts: Split) -> list[NDArray[np.int64]]:
    (fold,) = parts.folds
    return [parts.known.rows[fold.train], parts.known.rows[fold.dev], opened(parts)]


@pytest.mark.parametrize("columns", BY_CHANCE)
def test_rows_that_agree_by_chance_are_split_like_any_others(
    columns: Callable[[np.random.Generator], Columns],
) -> None:
    for seed in range(3):
        rng = np.random.default_rng(seed)
        table = classes_table(columns(rng), rng.integers(0, 2, N))
        parts = split(table, seed=seed)
        assert parts.equal_rows.meeting is Meeting.CHANCE
        assert parts.equal_rows.n_kept_together == 0
        assert parts.known.units is None
        assert [len(rows) for rows in sets_of(parts)] == [1_200, 400, 400]
        assert any("chance explains that, and they are split like other rows" in note for note in parts.notes)


@pytest.mark.parametrize("share", [0.03, 0.3])
@pytest.mark.parametrize("columns", TELLING)
def test_copies_of_a_record_are_in_one_set(
    columns: Callable[[np.random.Generator], Columns], share: float
) -> None:
    for seed in range(3):
        rng = np.random.default_rng(seed)
        copied, record = with_copies(columns(rng), share, rng)
        labels = rng.integers(0, 2, N)[record]
        for config in (SplitConfig(), SplitConfig(folds=5)):
            parts = split(classes_table(copied, labels), config, seed=seed)
            known = record[parts.known.rows]
            assert not set(known) & set(record[opened(parts)])
            for fold in parts.folds:
                assert not set(known[fold.train]) & set(known[fold.dev])
        assert parts.equal_rows.n_meeting >= 2 * int(share * N)
        units = parts.known.units
        assert units is not None
        assert len(set(zip(units.tolist(), known.tolist(), strict=True))) == len(set(known.tolist()))


@pytest.mark.parametrize("columns", [*TELLING, two_columns_of_three_values, eight_columns_of_three_values])
@pytest.mark.parametrize("n_times", [2, 3, 23])
def test_a_file_pasted_several_times_is_split_as_it_was(
    columns: Callable[[np.random.Generator], Columns], n_times: int
) -> None:
    rng = np.random.default_rng(0)
    once, labels = columns(rng), rng.integers(0, 2, N)
    record = np.tile(np.arange(N), n_times)
    pasted = classes_table({name: column[record] for name, column in once.items()}, labels[record])
    parts = split(pasted, seed=0)
    assert parts.equal_rows.meeting is Meeting.WHOLE_COPIES
    assert f"most records appear {n_times} times, and the copies of a record are kept" in parts.notes[0]
    words = pl.DataFrame({**once, "y": labels}).hash_rows().to_numpy()[record]
    for rows in sets_of(parts):
        assert np.all(np.unique(words[rows], return_counts=True)[1] % n_times == 0)
    test = opened(parts)
    assert len(test) == pytest.approx(400 * n_times, abs=2 * n_times)


def test_a_file_pasted_twice_with_new_rows_after_it_keeps_its_copies_together() -> None:
    rng = np.random.default_rng(0)
    columns = numbers(rng)
    record = np.concatenate([np.arange(1_500), np.arange(1_500), np.arange(1_500, N)])
    parts = split(made_table({n: c[record] for n, c in columns.items()}, rng.normal(size=N)[record]), seed=0)
    assert not set(record[parts.known.rows]) & set(record[opened(parts)])


def resampled(n_drawn: int) -> Callable[[np.random.Generator], NDArray[np.intp]]:
    return lambda rng: rng.integers(0, N, n_drawn)


def with_a_rare_kind_a_hundred_times(rng: np.random.Generator) -> NDArray[np.intp]:
    return np.concatenate([np.arange(1_000), rng.permutation(np.repeat(np.arange(1_000, 1_010), 100))])


def by_three_annotators(_: np.random.Generator) -> NDArray[np.intp]:
    return np.repeat(np.arange(700), 3)


def half_of_them_one_to_four_times_more(rng: np.random.Generator) -> NDArray[np.intp]:
    return np.concatenate([np.arange(N), np.repeat(np.arange(N // 2), rng.integers(1, 5, N // 2))])


def pasted_and_partly_pasted_again(_: np.random.Generator) -> NDArray[np.intp]:
    return np.concatenate([np.arange(N), np.arange(N), np.arange(N // 5)])


@pytest.mark.parametrize(
    "drawn",
    [
        resampled(N),
        resampled(3 * N),
        with_a_rare_kind_a_hundred_times,
        by_three_annotators,
        half_of_them_one_to_four_times_more,
        pasted_and_partly_pasted_again,
    ],
)
@pytest.mark.parametrize("columns", [numbers, twelve_columns_of_three_values])
def test_records_that_are_there_any_number_of_times_are_in_one_set(
    drawn: Callable[[np.random.Generator], NDArray[np.intp]],
    columns: Callable[[np.random.Generator], Columns],
) -> None:
    rng = np.random.default_rng(0)
    record = drawn(rng)
    labels = rng.integers(0, 2, len(record))  # of the same record, two do not always say the same
    table = classes_table({name: column[record] for name, column in columns(rng).items()}, labels)
    parts = split(table, seed=0)
    assert not set(record[parts.known.rows]) & set(record[opened(parts)])
    for fold in parts.folds:
        assert not set(record[parts.known.rows[fold.train]]) & set(record[parts.known.rows[fold.dev]])


def test_classes_keep_their_shares_where_the_copies_of_a_record_differ_in_them() -> None:
    rng = np.random.default_rng(0)
    copied, record = with_copies(numbers(rng), 0.45, rng)
    labels = (rng.random(len(record)) < 0.15).astype(int)
    shares = [labels[rows].mean() for rows in sets_of(split(classes_table(copied, labels), seed=0))]
    assert shares == pytest.approx([labels.mean()] * 3, abs=0.02)


@pytest.mark.parametrize("config", [SplitConfig(), SplitConfig(folds=5)])
def test_classes_are_in_each_set_where_nearly_all_records_are_of_both(config: SplitConfig) -> None:
    columns = {
        name: np.tile(column[:101], 2)[:200] for name, column in numbers(np.random.default_rng(0)).items()
    }
    labels = np.arange(200) % 2  # of two copies, which are 101 rows apart, the one is yes and the other no
    parts = split(classes_table(columns, labels), config, seed=0)
    for rows in [opened(parts), *(parts.known.rows[fold.dev] for fold in parts.folds)]:
        assert set(labels[rows].tolist()) == {0, 1}


def test_wide_rows_of_rare_ones_are_told_from_copies_in_whatever_order_the_columns_are() -> None:
    rng = np.random.default_rng(0)
    record = np.concatenate([np.arange(N), rng.choice(N, 400, replace=False)])
    columns = {f"x{index}": (rng.random(N) < 0.05)[record] for index in range(300)}
    labels = rng.integers(0, 2, len(record))
    parts = split(classes_table(columns, labels), seed=0)
    turned = split(classes_table(dict(reversed(columns.items())), labels), seed=0)
    assert not set(record[parts.known.rows]) & set(record[opened(parts)])
    assert np.array_equal(opened(parts), opened(turned))


def test_a_pasted_file_is_kept_from_a_test_file_with_some_of_its_rows() -> None:
    rng = np.random.default_rng(0)
    record = np.concatenate([np.arange(1_000), np.arange(1_000), np.arange(700, 1_200)])
    table = made_table(
        {name: column[record] for name, column in numbers(rng).items()},
        rng.normal(size=N)[record],
        file_of_row=np.repeat([0, 1], [2_000, 500]),
    )
    parts = split(table, seed=0, has_test_file=True)
    assert len(parts.known) == 1_400
    assert not set(record[parts.known.rows]) & set(record[opened(parts)])


def test_by_time_copies_are_not_said_to_be_kept_together() -> None:
    rng = np.random.default_rng(0)
    copied, record = with_copies(numbers(rng), 0.3, rng)
    table = made_table(
        {"t": rng.permutation(len(record)), **copied},
        rng.normal(size=N)[record],
        kinds={"t": ColumnKind.TIME},
    )
    parts = split(table, seed=0)
    assert (parts.equal_rows.n_kept_together, parts.known.units) == (0, None)
    assert "the split is by time, and copies may be in different sets" in parts.notes[0]


def test_a_test_files_rows_decide_nothing_about_the_others() -> None:
    rng = np.random.default_rng(0)
    columns = numbers(rng)
    for column in columns.values():
        column[:14] = 0
    files = np.repeat([0, 1], [1_500, 500])
    plain = split(made_table(columns, rng.normal(size=N), file_of_row=files), seed=0, has_test_file=True)
    for column in columns.values():
        column[1_600:1_700] = 0
    zeros = split(made_table(columns, rng.normal(size=N), file_of_row=files), seed=0, has_test_file=True)
    assert zeros.equal_rows == plain.equal_rows


@pytest.mark.parametrize("width", [8, 1])
def test_copies_under_new_ids_are_found(width: int) -> None:
    rng = np.random.default_rng(0)
    copied, record = with_copies(numbers(rng), 0.3, rng)
    n = len(record)
    hexadecimal = [f"{word:0{width}x}" for word in rng.choice(16**6, n, replace=False)]
    for ids in (np.arange(n), [f"key {row}" for row in range(n)], hexadecimal, [None, *hexadecimal[1:]]):
        parts = split(made_table({"n": ids, **copied}, rng.normal(size=N)[record]), seed=0)
        assert not set(record[parts.known.rows]) & set(record[opened(parts)])


def test_the_target_never_decides_what_belongs_together() -> None:
    rng = np.random.default_rng(0)
    copied, record = with_copies(numbers(rng), 0.3, rng)
    labels = rng.integers(0, 2, len(record))  # two who labelled the same record do not always agree
    parts = split(classes_table(copied, labels), seed=0)
    assert not set(record[parts.known.rows]) & set(record[opened(parts)])
    columns = two_columns_of_three_values(rng)
    for labels in (np.zeros(N, dtype=int), rng.integers(0, 2, N), (columns["a"] == 1).astype(int)):
        labels[:30] = np.arange(30) % 2
        assert split(classes_table(columns, labels), seed=0).equal_rows.meeting is Meeting.CHANCE


def test_what_train_rows_say_holds_for_the_test_rows_of_a_table_of_few_values() -> None:
    """Naming each cell's commonest class among the train rows errs on test rows as on any others."""
    errors = []
    for seed in range(20):
        X, y = few_valued(N, seed=seed)
        cell = X @ [3, 1]
        train, dev, test = sets_of(split(classes_table({"a": X[:, 0], "b": X[:, 1]}, y), seed=seed))
        shares = np.bincount(cell[train], weights=y[train]) / np.bincount(cell[train])
        errors += [np.mean((shares[cell[rows]] > 0.5) != y[rows]) for rows in (dev, test)]
    standard_error = np.sqrt(BEST_ERROR * (1 - BEST_ERROR) / (40 * 400))
    assert abs(np.mean(errors) - BEST_ERROR) < 4 * standard_error


@pytest.mark.parametrize("seed", [0, 1])
def test_the_order_of_rows_does_not_matter_when_equal_rows_are_split(seed: int) -> None:
    rng = np.random.default_rng(seed)
    columns = {"n": np.arange(N) * 3.5, **two_columns_of_three_values(rng)}
    labels = rng.integers(0, 2, N)
    order = rng.permutation(N)
    kinds = {"n": ColumnKind.ID}
    before = split(made_table(columns, labels, class_names=("no", "yes"), kinds=kinds), seed=seed)
    moved = {name: column[order] for name, column in columns.items()}
    after = split(made_table(moved, labels[order], class_names=("no", "yes"), kinds=kinds), seed=seed)
    for rows, others in zip(sets_of(before), sets_of(after), strict=True):
        assert set(rows.tolist()) == set(order[others].tolist())


def test_a_user_decides_otherwise() -> None:
    rng = np.random.default_rng(0)
    table = classes_table(two_columns_of_three_values(rng), rng.integers(0, 2, N))
    parts = split(table, SplitConfig(equal_rows=EqualRowsRule.TOGETHER), seed=0)
    cells = [set(table.frame.select("a", "b")[rows.tolist()].rows()) for rows in sets_of(parts)]
    assert sum(map(len, cells)) == len(set().union(*cells)) == 9
    assert 'they are kept together, because equal_rows = "together"' in parts.notes[0]
    copied, record = with_copies(numbers(rng), 0.3, rng)
    parts = split(
        made_table(copied, rng.normal(size=N)[record]), SplitConfig(equal_rows=EqualRowsRule.APART), seed=0
    )
    assert set(record[parts.known.rows]) & set(record[opened(parts)])
    assert parts.known.units is None
    assert 'they are split like other rows, because equal_rows = "apart"' in parts.notes[0]


def test_few_rows_that_meet_are_kept_together() -> None:
    rng = np.random.default_rng(0)
    columns = {f"x{index}": np.round(rng.normal(size=N) * 12) for index in range(3)}
    parts = split(made_table(columns, rng.normal(size=N)), seed=0)
    assert parts.equal_rows.meeting is Meeting.FEW
    assert 0 < parts.equal_rows.n_meeting == parts.equal_rows.n_kept_together < 0.05 * N


def test_rows_are_left_out_before_a_test_file_only_where_they_are_copies_of_its_rows() -> None:
    rng = np.random.default_rng(0)
    files = np.repeat([0, 1], [1_500, 500])
    by_chance = made_table(passengers(rng), rng.normal(size=N), file_of_row=files)
    assert len(split(by_chance, seed=0, has_test_file=True).known) == 1_500
    columns = numbers(rng)
    record = np.concatenate([np.arange(1_500), np.arange(1_400, 1_900)])  # a hundred are in both files
    overlapping = made_table(
        {name: column[record] for name, column in columns.items()},
        rng.normal(size=N)[record],
        file_of_row=files,
    )
    parts = split(overlapping, seed=0, has_test_file=True)
    assert len(parts.known) == 1_400
    assert parts.notes == ("100 rows are left out, because the test file has them too",)


def test_records_join_groups_and_chance_does_not() -> None:
    rng = np.random.default_rng(0)
    kinds = {"g": ColumnKind.GROUP}
    columns = {"g": np.arange(N) % 100, **two_columns_of_three_values(rng)}
    parts = split(made_table(columns, rng.normal(size=N), kinds=kinds), seed=0)
    assert parts.known.units is not None
    assert len(np.unique(parts.known.units)) == pytest.approx(80, abs=1)
    copied, record = with_copies(numbers(rng), 0.03, rng)
    group = np.concatenate([np.arange(N) % 400, 400 + np.arange(len(record) - N)])
    parts = split(made_table({"g": group, **copied}, rng.normal(size=N)[record], kinds=kinds), seed=0)
    assert not set(record[parts.known.rows]) & set(record[opened(parts)])
    assert not set(group[parts.known.rows]) & set(group[opened(parts)])


def test_the_decision_is_the_same_for_a_table_read_from_text(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    copied, record = with_copies(numbers(rng), 0.3, rng)
    frame = pl.DataFrame({**copied, "y": rng.normal(size=N)[record]})
    frame.write_csv(tmp_path / "table.csv")
    read = split(load_table(str(tmp_path / "table.csv"), options=TableOptions(target="y")), seed=0)
    assert read.equal_rows == split(made_table(copied, frame["y"].to_numpy()), seed=0).equal_rows
    assert read.equal_rows.meeting is Meeting.COPIES
