"""A resolved study is the one that was written, with what its data decide filled in."""

import pytest
from pydantic import ValidationError

from service.configuration.data_config import DataConfig
from service.configuration.study_config import ResolvedStudy, StudyConfig, resolve
from workers.metrics.metric import Metric
from workers.train_dev_data import Task

WRITTEN = StudyConfig(name="houses", seed=3, trials=80, data=DataConfig(table="houses.csv", target="price"))


def test_what_was_open_is_decided_and_all_else_is_as_written() -> None:
    resolved = resolve(WRITTEN, task=Task.REGRESSION, class_counts=())
    assert (resolved.concurrency, resolved.metric, resolved.watch) == (5, Metric.RMSE, Metric.RMSE)
    assert resolved.data.task is Task.REGRESSION
    decided = {"concurrency": 5, "metric": "rmse", "watch": "rmse"}
    before, after = WRITTEN.model_dump(mode="json"), resolved.model_dump(mode="json")
    before["data"]["task"] = "regression"
    before["space"] = after["space"]
    assert after == before | decided
    assert list(after) == list(before), "what is stored has its order"


def test_it_is_read_from_storage_as_it_was_kept() -> None:
    resolved = resolve(WRITTEN, task=Task.CLASSIFICATION, class_counts=(9, 5))
    read = ResolvedStudy.model_validate(resolved.model_dump(mode="json"))
    assert read == resolved
    assert read.training_rules == resolved.training_rules


@pytest.mark.parametrize("left_open", ["concurrency", "metric", "watch"])
def test_one_that_leaves_something_open_is_refused(left_open: str) -> None:
    kept = resolve(WRITTEN, task=Task.REGRESSION, class_counts=()).model_dump(mode="json")
    with pytest.raises(ValidationError, match=left_open):
        ResolvedStudy.model_validate(kept | {left_open: None})


def test_one_whose_task_is_open_is_refused() -> None:
    kept = resolve(WRITTEN, task=Task.REGRESSION, class_counts=()).model_dump(mode="json")
    with pytest.raises(ValidationError, match=r"data\.task"):
        ResolvedStudy.model_validate(kept | {"data": kept["data"] | {"task": None}})
