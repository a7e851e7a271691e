"""Near-duplicates are counted as comparing all pairs does, and not where rows agree by chance."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from service.data.checks.warnings.near_duplicates import count_near_duplicates, near_duplicates
from tests.service.data.checks.known_tables import N, known_data, noise

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
