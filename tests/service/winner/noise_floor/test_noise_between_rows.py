"""Equal rows set a floor that is never above the least error, but for chance.

Near rows say no more than they can: in many dimensions next to nothing, and hardly ever too much. From
noise to figures: the closed forms.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.winner.noise_floor.floor import FloorBelow
from service.winner.noise_floor.noise_between_rows import (
    error_of_disagreement,
    figure_of_variance,
    floor_of_equal_rows,
    floor_of_nearest_rows,
)
from tests.service.winner.noise_floor.made_rows import classes
from workers.metrics.metric import Metric

N_SEEDS = 60


def few_values(n: int, n_places: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows at few places, the probability of class 1 at each row's place, and classes."""
    rng = np.random.default_rng(seed)
    place = rng.integers(n_places, size=n)
    p = np.linspace(0.02, 0.6, n_places)[place]
    return place[:, np.newaxis].astype(np.float32), p, (rng.random(n) < p).astype(np.int64)


@pytest.mark.parametrize("metric", [Metric.ERROR, Metric.BALANCED_ERROR])
@pytest.mark.parametrize("n_places", [20, 400])
def test_the_floor_is_below_the_least_error_and_near_it_where_rows_repeat_often(
    metric: Metric, n_places: int
) -> None:
    n, figures, least = 1000, [], []
    for seed in range(N_SEEDS):
        X, p, y = few_values(n, n_places, seed)
        found = floor_of_equal_rows(metric, X, y)
        assert found is not None
        figures.append(found.figure)
        cost = (y.mean(), 1 - y.mean()) if metric is Metric.BALANCED_ERROR else (0.5, 0.5)
        scale = 2 * cost[0] * cost[1] if metric is Metric.BALANCED_ERROR else 0.5
        least.append(float(np.minimum(p * cost[1], (1 - p) * cost[0]).mean()) / scale)
    assert np.mean(np.array(figures) > np.array(least)) <= 0.05
    if n_places == 20:
        assert np.mean(figures) > 0.8 * np.mean(least)


def test_pairs_of_equal_rows_tell_of_a_coin() -> None:
    rng = np.random.default_rng(0)
    X = np.repeat(np.arange(2000, dtype=np.float32), 2)[:, np.newaxis]
    found = floor_of_equal_rows(Metric.ERROR, X, rng.integers(2, size=4000))
    assert found is not None
    assert 0.3 < found.figure <= 0.5
    assert found.n_rows == 4000


def test_numbers_at_one_place_vary_by_the_noise() -> None:
    rng = np.random.default_rng(0)
    place = rng.integers(100, size=2000)
    found = floor_of_equal_rows(
        Metric.RMSE, place[:, np.newaxis].astype(np.float32), place + rng.normal(scale=3.0, size=2000)
    )
    assert found is not None
    assert 2.7 < found.figure < 3.0


def test_copies_agree_and_so_only_lower_the_floor() -> None:
    X, _, y = few_values(300, 30, 0)
    alone = floor_of_equal_rows(Metric.RMSE, X, y.astype(np.float64))
    copied = floor_of_equal_rows(Metric.RMSE, np.repeat(X, 2, axis=0), np.repeat(y, 2).astype(np.float64))
    assert alone is not None
    assert copied is not None
    assert copied.figure < np.sqrt(np.mean([y[X[:, 0] == place].var(ddof=1) for place in range(30)]))


@pytest.mark.parametrize("metric", [Metric.ERROR, Metric.RMSE])
def test_rows_that_are_all_different_or_agree_say_nothing(metric: Metric) -> None:
    X = np.arange(100, dtype=np.float32)[:, np.newaxis]
    assert floor_of_equal_rows(metric, X, np.arange(100) % 2) is None
    assert floor_of_equal_rows(metric, X // 4, (np.arange(100) // 4) % 2) is None


def test_a_zero_of_either_sign_is_the_same_value() -> None:
    X = np.where(np.arange(200) % 2 == 0, np.float32(0), np.float32(-0.0))[:, np.newaxis]
    X = np.column_stack([X[:, 0], np.arange(200) // 10]).astype(np.float32)
    found = floor_of_equal_rows(Metric.ERROR, X, np.arange(200) % 2)
    assert found is not None
    assert found.n_rows == 200


SEEDS = range(4)


def floors(kind: str, n: int, d: int, *, flipped: float, metric: Metric = Metric.ERROR) -> list[float]:
    found: list[FloorBelow | None] = []
    for seed in SEEDS:
        X, y = classes(kind, n, d, flipped=flipped, seed=seed)
        found.append(floor_of_nearest_rows(metric, X, y, rng=np.random.default_rng(seed)))
    return [0.0 if each is None else each.figure for each in found]


@pytest.mark.parametrize("kind", ["line", "saddle"])
@pytest.mark.parametrize(("n", "d"), [(600, 20), (1500, 6), (1500, 2)])
@pytest.mark.parametrize("flipped", [0.0, 0.1, 0.25])
def test_what_is_said_is_not_above_the_least_error(kind: str, n: int, d: int, flipped: float) -> None:
    found = floors(kind, n, d, flipped=flipped)
    assert np.mean(found) <= flipped
    assert max(found) <= flipped + 0.02


def test_in_few_dimensions_most_of_the_noise_shows() -> None:
    assert np.mean(floors("line", 3000, 2, flipped=0.25)) > 0.2
    assert np.mean(floors("coin", 3000, 4, flipped=0.0)) > 0.35


def test_classes_of_unequal_size_are_compared_as_if_they_were_equal() -> None:
    found = []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        X, y = rng.normal(size=(3000, 3)).astype(np.float32), (rng.random(3000) < 0.15).astype(np.int64)
        floor = floor_of_nearest_rows(Metric.BALANCED_ERROR, X, y, rng=rng)
        found.append(0.0 if floor is None else floor.figure)
    assert 0.25 < np.mean(found) <= 0.5


def test_noise_of_numbers_is_found_beside_a_slope() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2000, 3)).astype(np.float32)
    y = 5.0 * X[:, 0] + rng.normal(scale=2.0, size=2000)
    found = floor_of_nearest_rows(Metric.RMSE, X, y, rng=rng)
    assert found is not None
    assert 1.2 < found.figure < 2.0
    clean = floor_of_nearest_rows(Metric.RMSE, X, 5.0 * X[:, 0].astype(np.float64), rng=rng)
    assert clean is None or clean.figure < 0.5


def test_few_rows_and_rows_at_one_place_say_nothing() -> None:
    rng = np.random.default_rng(0)
    X, y = classes("coin", 80, 2, flipped=0.0, seed=0)
    assert floor_of_nearest_rows(Metric.ERROR, X, y, rng=rng) is None
    one_place = np.zeros((200, 2), dtype=np.float32)
    assert floor_of_nearest_rows(Metric.ERROR, one_place, np.arange(200) % 2, rng=rng) is None


@given(st.floats(0, 0.5))
def test_two_draws_of_one_coin_give_its_error(p: float) -> None:
    assert error_of_disagreement(2 * p * (1 - p), 2) == pytest.approx(p, abs=1e-7)


@given(st.integers(2, 20), st.floats(0, 1))
def test_errors_that_are_spread_over_the_other_classes_are_found_again(k: int, share: float) -> None:
    error = share * (k - 1) / k
    own, other = 1 - error, error / (k - 1)
    disagreement = 1 - own**2 - (k - 1) * other**2
    assert error_of_disagreement(disagreement, k) == pytest.approx(error, abs=1e-6)


@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=6))
def test_no_distribution_has_a_lower_error_than_is_said(weights: list[float]) -> None:
    shares = [weight / sum(weights) for weight in weights]
    disagreement = 1 - sum(share**2 for share in shares)
    assert error_of_disagreement(disagreement, len(shares)) <= 1 - max(shares) + 1e-9


def test_what_is_impossible_is_brought_back() -> None:
    assert error_of_disagreement(-0.1, 2) == 0
    assert error_of_disagreement(0.9, 2) == 0.5


def test_variance_is_the_square_of_an_rmse_and_a_share_of_r_squared() -> None:
    assert figure_of_variance(Metric.RMSE, 4.0, of_targets=9.0) == 2.0
    assert figure_of_variance(Metric.R_SQUARED, 4.0, of_targets=16.0) == 0.75
    assert figure_of_variance(Metric.RMSE, -1.0, of_targets=9.0) == 0.0
