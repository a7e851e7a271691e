"""The share of rows that meet by chance is what fresh draws show, however columns hang together."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from service.seal.copies import ChanceMeetings

N = 2_000

Columns = list[NDArray[np.generic]]


def words_of(columns: Columns) -> NDArray[np.uint64]:
    codes = [np.unique(column, return_inverse=True)[1] for column in columns]
    random = np.random.default_rng(7).integers(0, 2**63, size=(len(codes), N), dtype=np.uint64)
    return np.stack([of_column[code] for of_column, code in zip(random, codes, strict=True)], axis=1)


def share_meeting(columns: Columns) -> float:
    _, cell, counts = np.unique(
        words_of(columns).sum(axis=1), return_inverse=True, return_counts=True
    )  # sums of random words
    return float(np.mean(counts[cell] > 1))


def estimated(columns: Columns) -> float:
    words = words_of(columns)
    meetings = ChanceMeetings(words, np.zeros(words.shape, dtype=bool))
    return meetings.share_that_meets(np.arange(N), n_rows=N, unknown=0, seed=0)


def few_valued(rng: np.random.Generator) -> Columns:
    return [rng.integers(0, 3, N) for _ in range(8)]


def rounded(rng: np.random.Generator) -> Columns:
    return [np.round(rng.normal(size=N) * 5) for _ in range(3)]


def correlated(rng: np.random.Generator) -> Columns:
    common = rng.normal(size=N)
    return [np.round((common + rng.normal(size=N)) * 1.5) for _ in range(4)]


def one_column_follows_from_another(rng: np.random.Generator) -> Columns:
    age = np.clip(np.round(rng.gamma(4, 8, N)), 0, 80)
    return [age, 2026 - age, rng.integers(0, 2, N), rng.integers(0, 4, N), rng.integers(0, 4, N)]


def one_hot(rng: np.random.Generator) -> Columns:
    return [rng.integers(0, 4, N) == 0 for _ in range(2)] + [
        chosen == value for chosen in rng.integers(0, 4, (5, N)) for value in range(4)
    ]


def binary_and_fine(rng: np.random.Generator) -> Columns:
    return [rng.integers(0, 2, N), rng.integers(0, 3_000, N)]


@pytest.mark.parametrize(
    "columns",
    [few_valued, rounded, correlated, one_column_follows_from_another, one_hot, binary_and_fine],
)
def test_of_independent_rows_the_share_is_estimated_to_within_a_factor(
    columns: Callable[[np.random.Generator], Columns],
) -> None:
    for seed in range(3):
        drawn = columns(np.random.default_rng(seed))
        shown = share_meeting(drawn)
        assert 0.1 < shown < 0.9, "a world where some rows meet"
        assert 0.8 * shown < estimated(drawn) < 2 * shown


def test_copies_do_not_make_their_values_look_common() -> None:
    rng = np.random.default_rng(0)
    plain: Columns = [rng.normal(size=N // 2) for _ in range(2)] + [rng.integers(0, 3, N // 2)]
    copied: Columns = [np.concatenate([column, column]) for column in plain]
    assert share_meeting(copied) == 1
    assert estimated(copied) == 0


def test_of_a_value_that_no_other_row_has_nothing_is_known_unless_it_is_a_fine_one() -> None:
    towns = words_of([np.repeat(np.arange(N // 4), 4)])
    assert ChanceMeetings(towns, np.zeros(towns.shape, dtype=bool)).chance_of(0) is None
    assert ChanceMeetings(towns, np.ones(towns.shape, dtype=bool)).chance_of(0) == 0


def test_neither_the_order_of_columns_nor_that_of_rows_matters() -> None:
    rng = np.random.default_rng(0)
    words = words_of([rng.random(N) < 0.03 for _ in range(120)])
    is_fine, rows = np.zeros(words.shape, dtype=bool), np.arange(200)
    found = ChanceMeetings(words, is_fine).share_that_meets(rows, n_rows=N, unknown=0, seed=0)
    turned = ChanceMeetings(words[:, ::-1], is_fine).share_that_meets(rows, n_rows=N, unknown=0, seed=0)
    assert turned == pytest.approx(found, rel=1e-9)
    assert ChanceMeetings(words, is_fine).share_that_meets(rows, n_rows=N, unknown=0, seed=0) == found


def test_columns_beyond_those_of_the_tree_count_too() -> None:
    rng = np.random.default_rng(0)
    sparse: Columns = [rng.random(N) < 0.05 for _ in range(300)]
    assert share_meeting(sparse) < 0.01
    assert estimated(sparse) < 0.01
