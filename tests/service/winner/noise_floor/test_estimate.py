"""The range holds the least error; what a model refutes is no floor; the same seed gives the same range."""

from typing import Any

import numpy as np
import pytest

from service.winner.noise_floor.estimate import estimate_noise_floor
from service.winner.noise_floor.floor import ModelLevel, NoiseFloor
from tests.service.winner.noise_floor.made_rows import Rows, classes, fold_of
from workers.metrics.metric import Metric


def floor_of(rows: Rows, metric: Metric = Metric.ERROR, **changes: Any) -> NoiseFloor:  # noqa: ANN401
    n = len(rows[1])
    fold = fold_of(rows, n_train=3 * n // 4, **changes)
    found = estimate_noise_floor(metric, [fold], known=[], units=None, fits_models=True, seed=0)
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("kind", "flipped", "bayes"), [("coin", 0.0, 0.5), ("line", 0.2, 0.2)])
def test_the_range_holds_the_least_error(kind: str, flipped: float, bayes: float, seed: int) -> None:
    floor = floor_of(classes(kind, 1600, 4, flipped=flipped, seed=seed))
    assert 0.5 * bayes < floor.lowest <= bayes < floor.highest + 0.01  # of ends one in twenty is missed
    assert floor.highest < bayes + 0.1


@pytest.mark.parametrize("metric", [Metric.BALANCED_ERROR, Metric.LOG_LOSS, Metric.ROC_AUC, Metric.MACRO_F1])
def test_each_metric_has_a_range_in_its_own_sense(metric: Metric) -> None:
    floor = floor_of(classes("line", 1200, 4, flipped=0.2, seed=1), metric)
    low, best, high = (metric.badness(each) for each in (floor.lowest, floor.reached.figure, floor.highest))
    assert low <= best <= high
    assert floor.reached is floor.models[0]
    assert all(model.gain_by_doubling is not None for model in floor.models)


def test_numbers_have_a_range_in_their_unit() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1600, 3)).astype(np.float32)
    floor = floor_of((X, X[:, 0] + rng.normal(size=1600)), Metric.RMSE, n_classes=0)
    assert 0.6 < floor.lowest <= 1.0 <= floor.highest < 1.2
    assert floor_of((X, rng.normal(size=1600)), Metric.R_SQUARED, n_classes=0).lowest < 0.5


def test_a_model_that_does_better_shows_that_near_rows_differ_by_no_noise() -> None:
    """Stripes narrower than the way between near rows look like noise to these, and not to trees."""
    floor = floor_of(classes("stripes", 1600, 6, flipped=0.0, seed=0))
    assert floor.reached.model == "boosted trees"
    assert floor.reached.figure < 0.05
    assert floor.below == ()
    assert floor.lowest == 0


def test_the_winner_and_the_constant_count_as_models_too() -> None:
    fold = fold_of(classes("coin", 400, 4, flipped=0.0, seed=0), n_train=300)
    network = ModelLevel(model="network", is_winner=True, figure=0.01, standard_error=0.01)
    floor = estimate_noise_floor(Metric.ERROR, [fold], known=[network], units=None, fits_models=True, seed=0)
    assert floor is not None
    assert floor.reached == network
    assert floor.highest == pytest.approx(0.03)
    assert floor.lowest == 0  # so low an error refutes whatever near rows said


def test_the_same_seed_gives_the_same_range_and_folds_are_judged_together() -> None:
    rows = classes("line", 600, 4, flipped=0.1, seed=2)
    folds = [fold_of(rows, n_train=400), fold_of((rows[0][::-1], rows[1][::-1]), n_train=400)]
    first, second = (
        estimate_noise_floor(Metric.ERROR, folds, known=[], units=None, fits_models=True, seed=5)
        for _ in range(2)
    )
    assert first == second
    assert first is not None
    one = estimate_noise_floor(Metric.ERROR, folds[:1], known=[], units=None, fits_models=True, seed=5)
    assert one is not None
    assert first.models[0].standard_error < one.models[0].standard_error


def test_calibration_has_no_floor_and_one_class_alone_is_no_trouble() -> None:
    rows = classes("line", 300, 2, flipped=0.1, seed=0)
    fold = fold_of(rows, n_train=200)
    assert (
        estimate_noise_floor(Metric.CALIBRATION_ERROR, [fold], known=[], units=None, fits_models=True, seed=0)
        is None
    )
    floor = floor_of((rows[0], np.zeros(300, dtype=np.int64)))
    assert floor.lowest == floor.reached.figure == 0


def test_a_gap_may_close_with_more_rows_unless_noise_shows_and_all_models_stand_still() -> None:
    def with_gains(gains: tuple[float, ...], *, shows: bool = True) -> NoiseFloor:
        floor = floor_of(classes("coin", 800, 3, flipped=0.0, seed=0))
        models = tuple(
            ModelLevel(
                model="m", figure=0.5, standard_error=0.01, gain_by_doubling=gain, gain_standard_error=0.005
            )
            for gain in gains
        )
        return floor.model_copy(update={"models": models, **({} if shows else {"below": ()})})

    assert not with_gains((0.0, 0.01)).may_grow_with_rows(0.1)
    assert with_gains((0.0, 0.02)).may_grow_with_rows(0.1)
    assert with_gains((0.0, 0.01)).may_grow_with_rows(0.05)
    assert with_gains((0.0, 0.01), shows=False).may_grow_with_rows(0.1)
