"""A column that tells the target is found whatever it holds; near-duplicates are counted as by all pairs."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer

from service.data.checks.leaks import count_near_duplicates, leaks, near_duplicates
from service.tables.column_kinds import ColumnKind
from tests.service.data.checks.known_tables import N, known_data, named, noise

Y = np.random.default_rng(3).integers(0, 3, N)
CLASSES = ("a", "b", "c")
CODES = np.random.default_rng(4).permutation(60)
CODE = Y + 3 * np.random.default_rng(5).integers(0, 20, N)
PRICE = np.exp(2 * noise(N, seed=6))


def columns_told(columns: dict[str, Any], **more: Any) -> list[str | None]:  # noqa: ANN401 (of known_data)
    """Return the columns that are told as leaks, beside one of noise."""
    return named(leaks(known_data({"noise": noise(N, seed=7), **columns}, **more)))


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(np.array(["x", "y", "z"])[Y], id="a word a class"),
        pytest.param(Y * 0.5, id="a number a class"),
        pytest.param(Y + noise(N) / 20, id="ranges of numbers"),
        pytest.param([f"code {code}" for code in CODES[CODE]], id="many words, each of one class"),
        pytest.param(np.where(Y > 0, Y, np.nan), id="a class is told by what is missing"),
        pytest.param(np.where(Y == 2, np.inf, Y), id="a class is told by infinities"),
        pytest.param([f"{2020 + label}-01-0{1 + label}" for label in Y], id="dates"),
    ],
)
def test_a_column_that_tells_the_class_is_found(cells: Any) -> None:  # noqa: ANN401 (cells of any kind)
    assert columns_told({"told": cells}, y=Y, class_names=CLASSES) == ["told"]


def test_the_accuracy_is_of_examples_that_were_not_learned_from() -> None:
    words = [f"word {max(row, 5)}" for row in range(N)]  # learned by heart, nearly all would be right
    assert columns_told({"word": words}, y=Y, class_names=CLASSES) == []
    (warning,) = leaks(known_data({"told": Y * 1.5}, y=Y, class_names=CLASSES))
    assert warning.sentence == "predicts the target by itself: 100.0 % of rows right"
    assert warning.remedy == 'if it is known only after the target, [columns] told = "ignore"'


@pytest.mark.parametrize(("share_wrong", "expected"), [(0.004, ["told"]), (0.03, [])])
def test_99_percent_are_nearly_all(share_wrong: float, expected: list[str]) -> None:
    rng = np.random.default_rng(0)
    wrong = rng.random(N) < share_wrong
    assert columns_told({"told": np.where(wrong, (Y + 1) % 3, Y)}, y=Y, class_names=CLASSES) == expected


def test_a_rare_class_makes_no_leak_of_a_column_that_misses_it() -> None:
    y = (np.arange(N) % 50 == 0).astype(np.int64)
    assert columns_told({"flag": np.arange(N) % 2}, y=y) == []
    assert columns_told({"told": np.where(y, 5.0, 1.0) + noise(N) / 10}, y=y) == ["told"]


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(PRICE * -0.3 + 7, id="in another unit"),
        pytest.param(np.log(PRICE), id="its logarithm"),
        pytest.param(np.round(PRICE, 2), id="rounded"),
    ],
)
def test_a_column_that_tells_the_number_is_found(cells: np.ndarray) -> None:
    assert columns_told({"told": cells}, y=PRICE, class_names=()) == ["told"]


def test_words_and_folded_numbers_that_tell_the_number_are_found() -> None:
    y = np.random.default_rng(1).integers(0, 40, N) * 2.5
    words = [f"{number} of them" for number in y]
    folded = np.random.default_rng(2).random(N)
    signs = np.where(np.arange(N) % 2, 1, -1)
    assert columns_told({"told": words}, y=y, class_names=()) == ["told"]
    assert columns_told({"told": folded * signs}, y=folded**2, class_names=()) == ["told"]


def test_a_good_column_is_no_leak() -> None:
    y = noise(N)
    assert columns_told({"good": y + noise(N, seed=1) / 8}, y=y, class_names=()) == []
    X, labels = load_breast_cancer(return_X_y=True)
    columns = {f"x{column}": X[:, column] for column in range(30)}
    assert named(leaks(known_data(columns, y=labels.astype(np.int64)))) == []


def test_pixels_and_ignored_columns_are_not_asked() -> None:
    said = {"pixel": ColumnKind.IMAGE, "ignored": ColumnKind.IGNORE}
    columns = {"pixel": Y, "ignored": Y, "told": Y}
    assert columns_told(columns, y=Y, class_names=CLASSES, said=said) == ["told"]
    assert (
        named(leaks(known_data({"pixel": Y}, y=Y, class_names=CLASSES, said={"pixel": ColumnKind.IMAGE})))
        == []
    )


def test_of_few_examples_nothing_is_said() -> None:
    y = np.arange(39) % 2
    assert named(leaks(known_data({"told": y * 1.0}, y=y))) == []
    y = np.arange(40) % 2
    assert named(leaks(known_data({"told": y * 1.0}, y=y))) == ["told"]


def test_another_draw_of_many_examples_finds_the_same() -> None:
    n = 12_000
    y = np.random.default_rng(0).integers(0, 2, n)
    columns = {"told": y + noise(n) / 20, "good": y + noise(n)}
    for seed in range(3):
        assert named(leaks(known_data(columns, y=y, seed=seed))) == ["told"]


WORDS = np.array([f"word {n}" for n in range(500)])


def rows(n: int, *, seed: int) -> pl.DataFrame:
    """Make rows of numbers, words, truth values and missing cells that agree nowhere by chance."""
    rng = np.random.default_rng(seed)
    frame = pl.DataFrame(
        {
            "a": rng.normal(size=n) * 1e3,
            "b": rng.normal(size=n) * 1e-3,
            "c": rng.normal(size=n),
            "word": WORDS[rng.integers(0, 500, n)],
            "is": rng.random(n) < 0.5,
        }
    )
    return frame.with_columns(pl.when(pl.col("c") > 0.5).then(None).otherwise(pl.col("c")).alias("c"))


def by_all_pairs(values: pl.DataFrame, train: NDArray[np.int64], dev: NDArray[np.int64]) -> int:
    """Count by comparing each dev row with each train row, cell by cell."""
    n_near = 0
    cells = values.rows()
    rounded = values.with_columns(pl.selectors.float().round_sig_figs(3)).rows()
    for row in dev:
        n_near += any(
            sum(one == other for one, other in zip(cells[row], cells[known], strict=True)) >= values.width - 1
            or rounded[row] == rounded[known]
            for known in train
        )
    return n_near


@given(
    copied=st.lists(st.sampled_from(["one column", "two columns", "digits", "nothing", "all"]), max_size=30),
    seed=st.integers(0, 99),
)
def test_the_count_is_that_of_all_pairs(copied: list[str], seed: int) -> None:
    train, dev = rows(60, seed=seed), rows(30, seed=seed + 1000)
    parts = []
    for n, how in enumerate(copied):
        row, other = train[n], dev[n]
        match how:
            case "one column":
                row = row.with_columns(other["a"])
            case "two columns":
                row = row.with_columns(other["a"], other["b"])
            case "digits":
                row = row.with_columns(pl.col("a", "b") * (1 + 1e-9))
            case "nothing":
                row = other
        parts.append(row)
    values = pl.concat([train, *parts, dev[len(copied) :]])
    sets = np.arange(60), np.arange(60, 90)
    expected = by_all_pairs(values, *sets)
    assert count_near_duplicates(values, *sets) == expected
    assert expected >= sum(how in {"one column", "all"} for how in copied)


@pytest.mark.parametrize(("n_near", "n_warnings"), [(3, 0), (4, 1)])
def test_one_dev_example_in_fifty_is_told(n_near: int, n_warnings: int) -> None:
    X = noise(N, 5)
    X[800 : 800 + n_near, :4] = X[:n_near, :4]
    data = known_data({f"x{column}": X[:, column] for column in range(5)}, n_dev=200)
    warnings = list(near_duplicates(data))
    assert len(warnings) == n_warnings
    for warning in warnings:
        assert warning.sentence.startswith(
            "4 of 200 dev examples equal a train example in all columns but one"
        )


def test_what_agrees_by_chance_is_not_told() -> None:
    rng = np.random.default_rng(0)
    coarse = {f"x{column}": rng.integers(0, 3, N) for column in range(6)}
    assert list(near_duplicates(known_data(coarse))) == []
    values = pl.DataFrame(coarse).cast(pl.Float64)
    assert by_all_pairs(values, np.arange(800), np.arange(800, N)) > 100


def test_where_equal_rows_are_independent_nothing_is_told_of_nearly_equal_ones() -> None:
    X = noise(N, 5)
    X[800:900, :4] = X[:100, :4]
    columns = {f"x{column}": X[:, column] for column in range(5)}
    assert list(near_duplicates(known_data(columns, n_dev=200)))
    assert list(near_duplicates(known_data(columns, n_dev=200, do_rows_agree_by_chance=True))) == []


def test_folds_have_no_one_dev_set_to_compare() -> None:
    X = noise(500, 5)
    columns = {f"x{column}": np.repeat(X[:, column], 2) for column in range(5)} | {"y": noise(N)}
    assert list(near_duplicates(known_data(columns, n_folds=5))) == []


def test_another_order_of_columns_and_rows_counts_the_same() -> None:
    train = rows(60, seed=1)
    values = pl.concat([train, train.head(20).with_columns(a=pl.lit(1.0)), rows(20, seed=2)])
    order = np.random.default_rng(0).permutation(100)
    places = np.argsort(order)
    shuffled = values[order].select(reversed(values.columns))
    assert count_near_duplicates(values, np.arange(60), np.arange(60, 100)) == 20
    assert count_near_duplicates(shuffled, places[:60], places[60:]) == 20
