"""Equal rows set a floor that is never above the least error, but for chance."""

import numpy as np
import pytest

from service.winner.noise_floor.equal_rows import floor_of_equal_rows
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
