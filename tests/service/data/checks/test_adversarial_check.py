"""How far apart train and dev are is told of the known sets alone, and named by the table's columns."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from search_spaces.space import SearchSpace
from service.configuration.data_config import DataConfig, SplitConfig
from service.configuration.study_config import StudyConfig
from service.data.checks.adversarial_check import adversarial_check, cross_validated_area, deal
from service.data.preparation.prepared_data import prepare_data
from tests.service.mismatched_tables import mismatched_config
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
    space = SearchSpace.model_validate({"high_cardinality_encoding": "target_statistics"})
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
