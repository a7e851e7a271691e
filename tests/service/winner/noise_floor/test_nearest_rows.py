"""Near rows say no more than they can: in many dimensions next to nothing, and hardly ever too much."""

import numpy as np
import pytest

from service.winner.noise_floor.floor import FloorBelow
from service.winner.noise_floor.nearest_rows import floor_of_nearest_rows
from tests.service.winner.noise_floor.made_rows import classes
from workers.metrics.metric import Metric

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
