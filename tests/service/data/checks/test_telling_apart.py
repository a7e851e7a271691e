"""Rows of two sets are told apart as well as their distributions allow, and alike ones not at all."""

from math import sqrt

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import ks_2samp, norm

from service.data.checks.adversarial_check import N_FOLDS, cross_validated_area, deal, largest_steps


def two_sets(m: int, k: int) -> NDArray[np.bool_]:
    return np.arange(m + k) >= m


def test_each_fold_has_its_share_of_both_sets() -> None:
    is_second = two_sets(52, 23)
    fold = deal(is_second, rng=np.random.default_rng(0))
    assert np.bincount(fold[~is_second]).tolist() == [11, 11, 10, 10, 10]
    assert np.bincount(fold[is_second]).tolist() == [5, 5, 5, 4, 4]
    assert not np.array_equal(fold, deal(is_second, rng=np.random.default_rng(1)))


def test_all_rows_of_a_unit_are_dealt_to_one_fold() -> None:
    is_second = two_sets(60, 60)
    unit = np.arange(120) // 4
    fold = deal(is_second, unit, rng=np.random.default_rng(0))
    assert (fold.reshape(30, 4) == fold[::4, np.newaxis]).all()
    assert np.bincount(fold[~is_second]).tolist() == [12] * 5


def test_groups_of_two_sets_that_are_alike_are_not_told_apart_by_who_they_are() -> None:
    """By rows the classifier knows a group again, and with it the set."""
    apart_by_unit = apart_by_row = 0
    for seed in range(12):
        rng, is_second = np.random.default_rng(seed), two_sets(150, 150)
        unit = np.arange(300) // 10
        X = (rng.normal(size=(30, 3))[unit] + 0.1 * rng.normal(size=(300, 3))).astype(np.float32)
        by_unit = cross_validated_area(X, is_second, deal(is_second, unit, rng=rng), unit)
        by_row = cross_validated_area(X, is_second, deal(is_second, rng=rng))
        apart_by_unit += by_unit.interval.low > 0.5
        apart_by_row += by_row.interval.low > 0.5
    assert apart_by_row == 12
    assert apart_by_unit <= 1


def test_a_shift_is_told_as_well_as_it_can_be() -> None:
    rng, is_second = np.random.default_rng(0), two_sets(1500, 1500)
    X = rng.normal(size=(3000, 3)).astype(np.float32)
    X[is_second, 1] += 1
    area = cross_validated_area(X, is_second, deal(is_second, rng=rng)).value
    best = norm.cdf(1 / sqrt(2))  # of any classifier: the score is the shifted column itself
    assert best - 0.03 < area < best + 0.02


def test_another_spread_is_told_that_no_rank_of_the_column_would_tell() -> None:
    rng, is_second = np.random.default_rng(0), two_sets(600, 600)
    X = rng.normal(size=(1200, 1)).astype(np.float32)
    X[is_second] *= 4
    assert cross_validated_area(X, is_second, deal(is_second, rng=rng)).value > 0.75


def test_sets_that_are_alike_are_a_coins_throw_on_average() -> None:
    areas = []
    for seed in range(10):
        rng, is_second = np.random.default_rng(seed), two_sets(100, 60)
        X = rng.normal(size=(160, 4)).astype(np.float32)
        areas.append(cross_validated_area(X, is_second, deal(is_second, rng=rng)).value)
    assert np.mean(areas) == pytest.approx(0.5, abs=0.04)


def test_of_very_many_inputs_the_one_that_tells_is_found_and_noise_is_not_taken_for_it() -> None:
    rng, is_second = np.random.default_rng(0), two_sets(150, 150)
    X = rng.normal(size=(300, 1000)).astype(np.float32)
    fold = deal(is_second, rng=rng)
    assert (
        abs(cross_validated_area(X, is_second, fold).value - 0.5) < 0.12
    )  # chosen in each fold's own rows alone
    X[is_second, 700] += 3
    assert cross_validated_area(X, is_second, fold).value > 0.95


def test_steps_are_those_of_kolmogorov_and_smirnov() -> None:
    rng, is_second = np.random.default_rng(0), two_sets(40, 70)
    X = np.column_stack([rng.normal(size=110), rng.integers(0, 3, 110), is_second]).astype(np.float32)
    expected = [ks_2samp(column[is_second], column[~is_second]).statistic for column in X.T]
    assert largest_steps(X, is_second) == pytest.approx(expected)
    assert expected[2] == 1


def test_there_are_5_folds() -> None:
    assert deal(two_sets(10, 10), rng=np.random.default_rng(0)).max() == N_FOLDS - 1
