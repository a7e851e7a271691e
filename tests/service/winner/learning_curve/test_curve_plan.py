"""Whose curve it is: the winner's, with its study's rules; a study without one, or with folds, has none.

Parts of a train set are prepared as if the rest had never been there, and too small ones are left out.
Parts of a train set are nested, have each class as all have it, and no group but whole.
"""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_spaces.input_choices import NumericEncoding, NumericScaling
from service.configuration.data_config import SplitConfig
from service.configuration.study_file import study_from_flags
from service.data.preparation.prepared_data import KnownInputs, prepare_data, read_and_split
from service.errors import BadInputError
from service.seal.assignment import Fold
from service.study.search.winner import winner_of
from service.winner.learning_curve.curve_plan import CurvePlan, beginning, drawn_order, learner_of, plan_curve
from tests.service.iris_study import new_store, search_iris
from tests.service.winner.learning_curve.curves import LEARNER, POINT, known_of, plan_of, written
from workers.train_dev_data import TrainDevData


def test_it_is_the_winner_as_its_study_trains_it(tmp_path: Path) -> None:
    study = search_iris(new_store(tmp_path))
    winner = winner_of(study.stored.trials, study.stored.metric)
    learner = learner_of(study.stored)
    study.store.close()

    assert learner.trial == winner.number
    assert learner.rules == study.stored.config.training_rules
    assert learner.point == study.stored.config.space.point(winner.params)


def test_a_study_with_folds_is_refused(tmp_path: Path) -> None:
    study = search_iris(new_store(tmp_path), trials=2, split=SplitConfig(folds=3))
    with pytest.raises(BadInputError, match="needs a single dev set, got 3 folds in study 'iris'"):
        learner_of(study.stored)
    study.store.close()


def test_a_study_without_a_winner_is_refused(tmp_path: Path) -> None:
    study = search_iris(new_store(tmp_path), trials=1)
    stored = study.stored
    object.__setattr__(stored, "trials", [])
    with pytest.raises(BadInputError, match="study 'iris' has no learning curve: there is no winner"):
        learner_of(stored)
    study.store.close()


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


@given(
    labels=st.lists(st.integers(0, 4), min_size=1, max_size=200),
    share=st.integers(1, 8),
    seed=st.integers(0, 9),
)
def test_each_class_has_about_its_share_and_an_example_at_least(
    labels: list[int], share: int, seed: int
) -> None:
    y = np.array(labels)
    order = drawn_order(len(y), labels=y, groups=None, seed=seed)
    part = beginning(order, max(1, len(y) // share), groups=None)

    assert sorted(order) == list(range(len(y)))
    for label in np.unique(y):
        expected = (y == label).sum() * len(part) / len(y)
        assert abs((y[part] == label).sum() - expected) < 1 + len(np.unique(y))
    if len(part) >= len(np.unique(y)):
        assert set(y[part]) == set(y)


def test_the_classes_of_a_large_part_are_those_of_all() -> None:
    y = np.repeat([0, 1, 2], [700, 250, 50])
    part = beginning(drawn_order(1000, labels=y, groups=None, seed=1), 200, groups=None)
    assert np.bincount(y[part]).tolist() == [140, 50, 10]


@pytest.mark.parametrize("labels", [None, np.arange(80) % 3])
@pytest.mark.parametrize("groups", [None, np.arange(80) % 20])
def test_smaller_parts_lie_in_larger_ones_and_seeds_differ(
    labels: np.ndarray[tuple[int], np.dtype[np.int64]] | None,
    groups: np.ndarray[tuple[int], np.dtype[np.intp]] | None,
) -> None:
    orders = [drawn_order(80, labels=labels, groups=groups, seed=seed) for seed in (3, 3, 4)]
    assert np.array_equal(orders[0], orders[1])
    assert not np.array_equal(orders[0], orders[2])
    parts = [set(beginning(orders[0], n, groups=groups).tolist()) for n in (10, 20, 40, 80)]
    assert all(small < large for small, large in pairwise(parts))
    assert len(parts[-1]) == 80


def test_groups_come_whole_to_as_near_as_can_be() -> None:
    groups = np.repeat(np.arange(6), [1, 2, 3, 4, 5, 85])
    for seed in range(20):
        order = drawn_order(100, labels=None, groups=groups, seed=seed)
        for n in (3, 8, 50, 100):
            part = beginning(order, n, groups=groups)
            held = np.isin(groups, groups[part])
            assert held.sum() == len(part), "a group is in it or is not"
            ends = np.cumsum(np.bincount(groups)[list(dict.fromkeys(groups[order].tolist()))])
            assert abs(len(part) - n) == np.abs(ends - n).min()


def test_a_group_is_as_likely_as_another_to_be_in_a_part() -> None:
    groups = np.repeat(np.arange(8), 10)
    parts = [
        beginning(drawn_order(80, labels=None, groups=groups, seed=seed), 10, groups=groups)
        for seed in range(400)
    ]
    counts = np.bincount([groups[part[0]] for part in parts])
    assert counts.min() > 25, "of 50 each"
