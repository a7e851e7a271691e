"""How far apart train and dev are is told of the known sets alone, and named by the table's columns.

Rows of two sets are told apart as well as their distributions allow, and alike ones not at all.
"""

from math import sqrt
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from scipy.stats import ks_2samp, norm

from search_spaces.network.space import NetworkSpace
from service.configuration.data_config import DataConfig, SplitConfig
from service.configuration.study_config import StudyConfig
from service.data.checks.adversarial_check import (
    N_FOLDS,
    adversarial_check,
    cross_validated_area,
    deal,
    largest_steps,
)
from service.data.preparation.prepared_data import prepare_data
from tests.service.mismatched_tables import mismatched_config
from tests.service.raw_space import with_raw_inputs
from tests.service.wired_data import wired


def test_sets_that_differ_are_told_apart_by_the_columns_that_differ(tmp_path: Path) -> None:
    prepared = prepare_data(mismatched_config(tmp_path))
    check = adversarial_check(prepared, seed=0)
    assert check is not None
    assert check.are_apart
    assert check.compared == "train-dev"
    assert (check.n_compared, check.n_dev) == (120, 150)
    assert 0.8 < check.interval[0] < check.area < check.interval[1] < 1
    assert [it.column for it in check.columns] == ["a", "color"]
    assert check.columns[0].area == pytest.approx(0.92, abs=0.05)  # Phi(2 / sqrt(2))
    assert check.columns[1].area == pytest.approx(0.75, abs=0.06)  # (1 + 0.8 - 0.3) / 2


def test_the_same_seed_gives_the_same_check_and_another_seed_another(tmp_path: Path) -> None:
    prepared = prepare_data(mismatched_config(tmp_path))
    first, again, other = (adversarial_check(prepared, seed=seed) for seed in (0, 0, 1))
    assert first == again
    assert first is not None
    assert other is not None
    assert first.area != other.area


def test_sets_that_are_alike_have_no_telling_columns(tmp_path: Path) -> None:
    check = adversarial_check(prepare_data(mismatched_config(tmp_path, shift=0.0)), seed=0)
    assert check is not None
    assert not check.are_apart
    assert check.interval[0] < 0.5 < check.interval[1]
    assert check.columns == ()


def test_it_never_reads_a_test_example(tmp_path: Path) -> None:
    prepared = prepare_data(mismatched_config(tmp_path))
    assert adversarial_check(wired(prepared), seed=0) == adversarial_check(prepared, seed=0)


def test_without_a_dev_file_the_train_set_is_compared() -> None:
    prepared = prepare_data(StudyConfig(name="iris", data=DataConfig(table="iris")))
    check = adversarial_check(prepared, seed=0)
    assert check is not None
    assert (check.compared, check.n_compared, check.n_dev) == ("train", 90, 30)
    assert not check.are_apart


def test_over_folds_and_with_a_handful_of_rows_there_is_nothing_to_tell(tmp_path: Path) -> None:
    folds = StudyConfig(name="iris", data=DataConfig(table="iris"), split=SplitConfig(folds=3))
    assert adversarial_check(prepare_data(folds), seed=0) is None
    few = prepare_data(mismatched_config(tmp_path, n=36))
    assert few.n_examples["dev"] < 10
    assert adversarial_check(few, seed=0) is None


def test_what_was_fitted_on_train_targets_does_not_tell_train_rows_from_any_others(tmp_path: Path) -> None:
    rng, n = np.random.default_rng(0), 1500
    place = [f"place {number}" for number in rng.integers(0, 400, n)]
    pl.DataFrame({"place": place, "x": rng.normal(size=n), "y": rng.normal(size=n)}).write_csv(
        tmp_path / "places.csv"
    )
    space = NetworkSpace.model_validate({"high_cardinality_encoding": "target_statistics"})
    prepared = prepare_data(
        StudyConfig(
            name="places", space=space, data=DataConfig(table=str(tmp_path / "places.csv"), target="y")
        )
    )
    known = prepared.known_sets[prepared.first_choices]
    X = np.concatenate([known["train"].X, known["dev"].X])
    is_dev = np.arange(len(X)) >= len(known["train"].X)
    with_them = cross_validated_area(X, is_dev, deal(is_dev, rng=np.random.default_rng(0))).value
    assert with_them > 0.6  # train rows have means that they have no part in themselves
    check = adversarial_check(prepared, seed=0)
    assert check is not None
    assert check.area == pytest.approx(0.5, abs=0.05)


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


def test_missing_cells_of_raw_inputs_are_one_value() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 2)).astype(np.float32)
    is_second = rng.random(500) < 0.4
    X[rng.random(500) < 0.5, 0] = np.nan
    X[is_second & (rng.random(500) < 0.5), 1] = np.nan
    instead = np.nan_to_num(X, nan=-9)
    expected = [ks_2samp(instead[is_second, j], instead[~is_second, j]).statistic for j in range(2)]
    assert expected[0] < 0.15
    assert expected[1] > 0.4
    assert largest_steps(X, is_second) == pytest.approx(expected)
    fold = deal(is_second, rng=rng)
    assert cross_validated_area(X[:, 1:], is_second, fold).value == pytest.approx(0.75, abs=0.06)


def test_raw_columns_are_compared_as_others_are(tmp_path: Path) -> None:
    check = adversarial_check(prepare_data(with_raw_inputs(mismatched_config(tmp_path))), seed=0)
    assert check is not None
    assert (check.compared, check.n_compared, check.n_dev) == ("train-dev", 120, 150)
    assert [it.column for it in check.columns] == ["a", "color"]


def test_there_are_5_folds() -> None:
    assert deal(two_sets(10, 10), rng=np.random.default_rng(0)).max() == N_FOLDS - 1
