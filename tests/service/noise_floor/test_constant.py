"""Whether anything was learned: paired by example, and with the luck of being chosen taken off."""

import numpy as np
import pytest

from service.noise_floor.constant import BesideConstant, paired_error
from workers.metrics import Metric


def test_a_gain_counts_beyond_two_standard_errors_and_what_flatters() -> None:
    beside = BesideConstant(constant="mean", gain=0.05, standard_error=0.02, flattery=0.0)
    assert beside.is_beyond_chance
    assert not beside.model_copy(update={"flattery": 0.02}).is_beyond_chance
    assert not beside.model_copy(update={"gain": -0.5}).is_beyond_chance


def test_two_models_that_err_alike_differ_by_little() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=1000)
    constant = np.tile([0.4, 0.6], (1000, 1))
    winner = constant.copy()
    winner[:20] = [0.9, 0.1]
    found = paired_error(Metric.ERROR, winner=winner, constant=constant, y=y, units=None)
    assert found is not None
    assert found == pytest.approx(np.sqrt(20) / 1000, rel=0.1)
    assert found < 0.5 * np.sqrt(0.25 / 1000)


def test_rows_that_came_as_one_count_as_one() -> None:
    rng = np.random.default_rng(0)
    y, units = np.repeat(rng.integers(2, size=50), 20), np.repeat(np.arange(50), 20).astype(np.intp)
    winner = np.eye(2)[np.repeat(rng.integers(2, size=50), 20)]
    constant = np.tile([0.4, 0.6], (1000, 1))
    alone, together = (
        paired_error(Metric.ERROR, winner=winner, constant=constant, y=y, units=each)
        for each in (None, units)
    )
    assert alone is not None
    assert together is not None
    assert together > 3 * alone


def test_an_rmse_is_told_in_its_unit() -> None:
    rng = np.random.default_rng(0)
    differences = []
    for _ in range(300):
        y = rng.normal(size=400)
        own, other = y + rng.normal(scale=1.0, size=400), y + rng.normal(scale=1.1, size=400)
        differences.append(np.sqrt(np.mean((other - y) ** 2)) - np.sqrt(np.mean((own - y) ** 2)))
    told = paired_error(Metric.RMSE, winner=own, constant=other, y=y, units=None)
    assert told == pytest.approx(np.std(differences), rel=0.2)


def test_a_constants_own_figure_has_no_chance_in_it_for_other_metrics() -> None:
    y = np.array([0, 1])
    assert paired_error(Metric.ROC_AUC, winner=np.eye(2), constant=np.eye(2), y=y, units=None) is None
