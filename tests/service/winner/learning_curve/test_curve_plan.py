"""Parts of a train set are prepared as if the rest had never been there, and too small ones are left out."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from search_spaces.hyperparameters import NumericEncoding, NumericScaling
from service.configuration.study_file import study_from_flags
from service.data.preparation.prepared_data import KnownInputs, prepare_data, read_and_split
from service.errors import BadInputError
from service.seal.assignment import Fold
from service.winner.learning_curve.curve_plan import CurvePlan, plan_curve
from tests.service.winner.learning_curve.curves import LEARNER, POINT, known_of, plan_of, written
from workers.train_dev_data import TrainDevData


def same(one: TrainDevData, other: TrainDevData) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("X_train", "y_train", "X_dev", "y_dev", "target_deviation")
    )


def sizes(plan: CurvePlan) -> list[int]:
    return [part.n_examples for part in plan.parts]


def test_the_parts_are_an_eighth_a_quarter_a_half_and_all_with_several_seeds() -> None:
    plan = plan_of(known_of("digits"), n_seeds=3)

    assert sizes(plan) == [135, 270, 540, 1079]
    assert [len(part.requests) for part in plan.parts] == [3, 3, 3, 3]
    assert len({request.seed for request in plan.requests}) == 12
    assert sorted(request.number for request in plan.requests) == list(range(12))
    for part in plan.parts:
        assert {len(plan.data_of(request).y_train) for request in part.requests} == {part.n_examples}
    lengths = [len(plan.data_of(request).y_train) for request in plan.requests]
    assert lengths == sorted(lengths, reverse=True), "the longest trainings begin first"


def test_all_train_examples_are_the_studys_own_and_lie_there_once() -> None:
    config = study_from_flags({"data.table": "digits"})[0]
    plan = plan_of(known_of("digits"), n_seeds=3)
    of_all = [plan.data_of(request) for request in plan.parts[-1].requests]
    assert all(each is of_all[0] for each in of_all)
    assert same(of_all[0], prepare_data(config).train_dev)
    n_train, n_all = of_all[0].X_train.size, sum(fold.X_train.size for fold in plan.data.first_folds)
    assert n_all < n_train * (1 + 3 * 0.88)


def test_seeds_have_draws_of_their_own_and_a_study_the_same_again() -> None:
    plan, again = (plan_of(known_of("digits"), n_seeds=2) for _ in range(2))
    first, second = (plan.data_of(request) for request in plan.parts[0].requests)
    assert not same(first, second)
    assert plan.requests == again.requests
    assert all(map(same, plan.data.first_folds, again.data.first_folds))
    other = plan_of(known_of("digits"), n_seeds=2, seed=6)
    assert not same(plan.data_of(plan.parts[0].requests[0]), other.data_of(other.parts[0].requests[0]))


def known_with(path: Path, **changed: float) -> KnownInputs:
    """Read the written table; of the known examples named, by position, the numbers are multiplied."""
    config = study_from_flags({"data.table": str(path), "data.target": "y"})[0]
    table, sets, told = read_and_split(config)
    values = told.values
    for row, factor in changed.items():
        is_row = pl.int_range(pl.len()) == int(row)
        values = values.with_columns(
            pl.when(is_row).then(pl.col(name) * factor).otherwise(pl.col(name)).alias(name) for name in "ab"
        )
    return KnownInputs(config, table.without_cells(), sets, told._replace(values=values), None)


@pytest.mark.parametrize(
    "choices",
    [
        {"numeric_scaling": NumericScaling.STANDARD},
        {"numeric_scaling": NumericScaling.QUANTILE},
        {"numeric_encoding": NumericEncoding.PIECEWISE_LINEAR},
    ],
)
def test_statistics_of_a_part_know_nothing_of_the_rest(tmp_path: Path, choices: dict[str, Any]) -> None:
    path = Path(written(tmp_path / "table.csv"))
    learner = replace(LEARNER, point=POINT.model_copy(update=choices))
    known = known_with(path)
    train = known.sets.folds[0].train
    changed_row = int(train[7])
    changed = known_with(path, **{str(changed_row): 1e6})

    plans = [plan_of(each, learner=learner, n_seeds=3) for each in (known, changed)]

    is_same = [
        (len(plans[0].data_of(request).y_train), same(*(plan.data_of(request) for plan in plans)))
        for request in plans[0].requests
    ]
    assert (len(train), True) not in is_same, "of all examples the changed one is one"
    smallest = [same for n, same in is_same if n == 30]
    assert smallest.count(True) >= 2, "few draws of an eighth have it in them, and only those differ"
    assert not all(same for _, same in is_same)


def test_the_dev_set_is_the_whole_one_for_all() -> None:
    plan = plan_of(known_of("digits"))
    assert {len(data.y_dev) for data in plan.data.first_folds} == {359}
    assert all(np.array_equal(data.y_dev, plan.data.first_folds[0].y_dev) for data in plan.data.first_folds)


def test_small_parts_are_left_out_and_said(tmp_path: Path) -> None:
    plan = plan_of(known_of(written(tmp_path / "table.csv", 140), **{"data.target": "y"}))
    assert sizes(plan) == [21, 42, 84]
    (left_out,) = plan.left_out
    assert left_out.n_examples == 10
    assert left_out.reason == "expected parts of at least 20 train examples, got 10"


def test_a_part_with_fewer_examples_than_classes_is_left_out(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    y = np.arange(500) % 50
    pl.DataFrame({"a": y + rng.normal(size=500), "y": [f"class {label}" for label in y]}).write_csv(
        tmp_path / "table.csv"
    )
    plan = plan_of(known_of(str(tmp_path / "table.csv"), **{"data.target": "y"}))
    (left_out,) = plan.left_out
    assert left_out.n_examples == 38
    assert left_out.reason == "12 of the classes would have no train example"


def test_a_train_set_that_is_too_small_itself_is_refused(tmp_path: Path) -> None:
    known = known_of(written(tmp_path / "table.csv", 30), **{"data.target": "y"})
    with pytest.raises(BadInputError, match="parts of at least 20 train examples, got 18"):
        plan_of(known)


def test_groups_are_kept_whole(tmp_path: Path) -> None:
    known = known_of(
        written(tmp_path / "table.csv", 600, groups=60), **{"data.target": "y", "columns.g": "group"}
    )
    assert known.sets.known.groups is not None
    plan = plan_of(known)
    n_train = len(known.sets.folds[0].train)
    assert sizes(plan) == pytest.approx([n_train / 8, n_train / 4, n_train / 2, n_train], abs=5)
    assert all(len(data.y_train) % 10 == 0 for data in plan.data.first_folds), "groups of ten each"


def test_another_pair_of_train_and_dev_set_may_be_named() -> None:
    known = known_of("digits")
    train, dev = known.sets.folds[0]
    plan = plan_curve(LEARNER, known, n_seeds=2, study_seed=0, fold=Fold(train[:400], dev[:50]))
    assert sizes(plan) == [50, 100, 200, 400]
    assert {len(data.y_dev) for data in plan.data.first_folds} == {50}
