"""A study that is written again is the same where it says nothing else, wherever its table is."""

from typing import Any

import pytest

from service.configuration.study_config import StudyConfig, resolve
from service.configuration.study_difference import first_difference
from workers.train_dev_data import Task

WRITTEN: dict[str, Any] = {"data": {"table": "/here/houses.csv", "target": "price"}, "trials": 20}


def difference(other: dict[str, Any], *, task: Task = Task.REGRESSION) -> str | None:
    counts = () if task is Task.REGRESSION else (10, 90)
    kept = resolve(StudyConfig.model_validate(WRITTEN), task=task, class_counts=counts)
    return first_difference(StudyConfig.model_validate(WRITTEN | other), kept)


@pytest.mark.parametrize("task", list(Task))
def test_what_is_left_open_is_no_difference(task: Task) -> None:
    assert difference({}, task=task) is None


def test_it_is_none_that_a_table_without_dates_does_not_search_them() -> None:
    space = {"space": {"width": 8, "date_encoding": {"choices": ["plain", "fine"]}}}
    written = StudyConfig.model_validate(WRITTEN | space)
    for has_dates in (False, True):
        kept = resolve(written, task=Task.REGRESSION, class_counts=(), has_dates=has_dates)
        assert first_difference(written, kept) is None
    other = StudyConfig.model_validate(WRITTEN | {"space": {"width": 8}})
    assert str(first_difference(other, kept)).startswith("space.date_encoding")


def test_a_table_may_be_elsewhere_and_not_be_another() -> None:
    assert difference({"data": {"table": "/there/houses.csv", "target": "price"}}) is None
    other = difference({"name": "houses", "data": {"table": "/here/flats.csv", "target": "price"}})
    assert other == 'data.table = "houses.csv", got "flats.csv"'


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"trials": 21}, "trials = 20, got 21"),
        ({"metric": "mae"}, 'metric = "rmse", got "mae"'),
        ({"columns": {"rooms": "ignore"}}, 'columns.rooms = null, got "ignore"'),
        ({"split": {"no_test": True}}, "split.no_test = false, got true"),
    ],
)
def test_the_first_difference_is_named(other: dict[str, Any], said: str) -> None:
    assert difference(other) == said


def test_the_checksum_of_ones_own_model_is_no_difference() -> None:
    own = {"model": {"estimator": "/here/my_models.py:make"}, "space": {"max_depth": {"low": 1, "high": 3}}}
    written = StudyConfig.model_validate(WRITTEN | own)
    kept = resolve(written, task=Task.REGRESSION, class_counts=())
    with_sum = kept.model_copy(update={"model": kept.model.model_copy(update={"sha256": 64 * "a"})})
    assert first_difference(written, with_sum) is None
