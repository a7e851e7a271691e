"""Slices that are worse than the rest are found, and where none is, hardly ever is one called clear."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from service.winner.examination.dev_analysis.predicted_examples import ExampleLosses, losses_of_classes
from service.winner.examination.dev_analysis.slices import (
    Grouping,
    Slices,
    by_class,
    by_columns,
    worst_slices,
)
from service.winner.examination.dev_analysis.values import ExampleLoss, SliceKind
from tests.service.winner.examination.dev_analysis.predicted import named


def slices_of(values: pl.DataFrame, losses: NDArray[np.float64]) -> Slices:
    return worst_slices(list(by_columns(values)), ExampleLosses(losses, np.ones(len(losses))))


def columns(rng: np.random.Generator, n: int) -> pl.DataFrame:
    """Make 20 columns that say nothing of any loss: numbers, categories, truth values, with gaps."""
    shares = 1 / np.arange(1, 21)
    of_kinds = [
        lambda: pl.Series(rng.lognormal(size=n)),
        lambda: pl.Series(
            rng.choice([f"word {index}" for index in range(20)], size=n, p=shares / shares.sum())
        ),
        lambda: pl.Series(rng.random(n) < 0.3),
    ]
    made = [of_kinds[index % 3]() for index in range(20)]
    return pl.DataFrame(
        [
            pl.select(pl.when(pl.Series(rng.random(n) > 0.1 * (index % 2))).then(each))
            .to_series()
            .alias(f"x{index}")
            for index, each in enumerate(made)
        ]
    )


def test_a_category_whose_labels_are_flipped_is_the_first_clear_slice() -> None:
    rng = np.random.default_rng(0)
    values = columns(rng, 600)
    city = rng.choice(["Berlin", "Bonn", "Ulm"], size=600, p=[0.1, 0.5, 0.4])
    wrong = np.where(city == "Berlin", 0.6, 0.05) > rng.random(600)
    found = slices_of(values.with_columns(city=pl.Series(city)), wrong.astype(np.float64))
    first, second = found.worst[:2]
    assert (first.column, first.values, first.kind) == ("city", "Berlin", SliceKind.VALUE)
    assert first.is_clear
    assert not second.is_clear
    is_berlin = city == "Berlin"
    assert first.n_examples == is_berlin.sum()
    assert first.mean_loss == pytest.approx(wrong[is_berlin].mean())
    assert first.others_mean_loss == pytest.approx(wrong[~is_berlin].mean())
    assert first.share_of_loss == pytest.approx(wrong[is_berlin].sum() / wrong.sum())
    assert len(found.worst) == 10
    assert found.n_looked_at > 100


def test_rows_with_missing_cells_that_are_noisy_are_a_clear_slice() -> None:
    rng = np.random.default_rng(0)
    income = [
        None if gap else value for gap, value in zip(rng.random(500) < 0.2, rng.random(500), strict=True)
    ]
    is_missing = np.array([cell is None for cell in income])
    losses = (np.where(is_missing, 3.0, 1.0) * rng.normal(size=500)) ** 2
    first = slices_of(columns(rng, 500).with_columns(income=pl.Series(income)), losses).worst[0]
    assert (first.column, first.values, first.kind) == ("income", "missing", SliceKind.MISSING)
    assert first.is_clear


def test_a_range_in_which_it_errs_is_a_clear_slice() -> None:
    rng = np.random.default_rng(0)
    age = rng.permutation(np.arange(400.0))
    losses = np.where(age >= 300, 0.4, 0.05) > rng.random(400)
    first = slices_of(pl.DataFrame({"age": age}), losses.astype(np.float64)).worst[0]
    assert (first.kind, first.values, first.is_clear) == (SliceKind.RANGE, "300 to 399", True)


def test_a_class_that_is_mostly_missed_is_a_clear_slice() -> None:
    rng = np.random.default_rng(0)
    y = rng.choice(3, size=300, p=[0.6, 0.3, 0.1])
    taken_for = np.where((y == 2) & (rng.random(300) < 0.8), 0, y)
    predicted = named(y.tolist(), taken_for.tolist())
    first, *others = worst_slices(
        [by_class(predicted, "species")], losses_of_classes(predicted, ExampleLoss.ERROR)
    ).worst
    assert (first.column, first.values, first.kind, first.is_clear) == ("species", "c", SliceKind.CLASS, True)
    assert others == []


def test_clear_slices_come_first_and_then_the_loss_that_they_add() -> None:
    half, small = np.arange(1000) < 500, np.arange(1000) >= 980
    losses = np.where(half, 1.2, 0.9) + np.where(small, 2.5, 0.0) + np.tile([-3, 3], 500) * half
    values = pl.DataFrame({"half": pl.Series(half), "small": pl.Series(small)})
    found = slices_of(values, losses).worst
    assert [(each.column, each.values, each.is_clear) for each in found] == [
        ("small", "true", True),
        ("half", "true", False),
    ]
    assert found[1].n_examples * (found[1].mean_loss - found[1].others_mean_loss) > 20 * 0.5


def test_columns_that_are_missing_together_are_one_slice() -> None:
    rng = np.random.default_rng(0)
    gaps = rng.random(300) < 0.3
    cells = pl.Series([None if gap else float(row) for row, gap in enumerate(gaps)])
    values = pl.DataFrame({"first": cells, "second": 2 * cells, "third": cells})
    found = slices_of(values, gaps.astype(np.float64) + 0.1 * rng.random(300)).worst
    assert [(each.column, each.values) for each in found if each.kind is SliceKind.MISSING] == [
        ("first", "missing")
    ]
    assert {each.column for each in found} == {"first"}


def test_an_equal_number_of_other_rows_is_another_slice() -> None:
    values = pl.DataFrame({"first": [True] * 20 + [False] * 40, "second": [False] * 40 + [True] * 20})
    found = slices_of(values, np.repeat([1.0, 0.0, 1.0], 20)).worst
    assert [(each.column, each.values) for each in found] == [("first", "true"), ("second", "true")]


NULL_LOSSES: dict[str, Callable[[np.random.Generator, int], NDArray[np.float64]]] = {
    "few errors": lambda rng, n: (rng.random(n) < 0.05).astype(np.float64),
    "half are errors": lambda rng, n: (rng.random(n) < 0.5).astype(np.float64),
    "log losses": lambda rng, n: np.log1p(np.exp(2 * rng.normal(size=n) - 2)),
    "squared residuals": lambda rng, n: rng.standard_t(5, size=n) ** 2,
    "absolute residuals": lambda rng, n: np.abs(rng.normal(size=n)),
}


N_EXAMPLES = (80, 200, 300, 500) * 50
"""Of 200 studies. At 5 %, 10 may have a clear slice, by chance 16; without a correction nearly all would."""


@pytest.fixture(scope="module")
def groupings_of_studies() -> list[list[Grouping]]:
    """Make the columns once: each kind of loss is drawn beside them, and knows nothing of them."""
    rng = np.random.default_rng(1)
    return [list(by_columns(columns(rng, n))) for n in N_EXAMPLES]


@pytest.mark.parametrize("kind", NULL_LOSSES)
def test_where_no_slice_is_worse_one_is_called_clear_in_few_studies(
    groupings_of_studies: list[list[Grouping]], kind: str
) -> None:
    rng = np.random.default_rng(0)
    n_false = 0
    for n, groupings in zip(N_EXAMPLES, groupings_of_studies, strict=True):
        found = worst_slices(groupings, ExampleLosses(NULL_LOSSES[kind](rng, n), np.ones(n)))
        n_false += any(each.is_clear for each in found.worst)
    assert n_false <= 16


def test_the_same_holds_where_a_rare_class_weighs_as_much_as_the_others(
    groupings_of_studies: list[list[Grouping]],
) -> None:
    rng = np.random.default_rng(0)
    n_false = 0
    for n, groupings in zip(N_EXAMPLES, groupings_of_studies, strict=True):
        y = rng.choice(3, size=n, p=[0.8, 0.14, 0.06])
        taken_for = np.where(rng.random(n) < 0.2, (y + 1) % 3, y)
        predicted = named(y.tolist(), taken_for.tolist())
        with_class = [by_class(predicted, "class"), *groupings]
        found = worst_slices(with_class, losses_of_classes(predicted, ExampleLoss.BALANCED_ERROR))
        n_false += any(each.is_clear for each in found.worst)
    assert n_false <= 16


def test_where_nothing_is_lost_or_nothing_divides_there_is_no_slice() -> None:
    values = pl.DataFrame({"x": ["a", "b"] * 20})
    assert slices_of(values, np.zeros(40)) == Slices((), 2)
    assert slices_of(values, np.full(40, 0.3)) == Slices((), 2)
    assert slices_of(pl.DataFrame({"x": ["a"] * 40, "y": [None] * 40}), np.arange(40.0)) == Slices((), 0)
    assert slices_of(pl.DataFrame(), np.arange(40.0)) == Slices((), 0)
    assert slices_of(pl.DataFrame({"x": ["a"]}), np.ones(1)) == Slices((), 0)
