"""A study that names no metric is judged by one that suits its classes; what decides is the train set."""

import numpy as np
import pytest

from service.configuration.data_config import DataConfig
from service.configuration.study_config import StudyConfig, default_metric, unsuited
from service.data.preparation.prepared_data import prepare_data
from workers.metrics.metric import Metric
from workers.train_dev_data import Task


@pytest.mark.parametrize(
    ("counts", "metric"),
    [
        ((50, 50), Metric.ERROR),
        ((100, 50), Metric.ERROR),  # twice as frequent is balanced still
        ((101, 50), Metric.BALANCED_ERROR),
        ((60, 50, 20), Metric.BALANCED_ERROR),
        ((40, 40, 0), Metric.BALANCED_ERROR),
    ],
)
def test_unbalanced_classes_are_judged_by_the_balanced_error(counts: tuple[int, ...], metric: Metric) -> None:
    assert default_metric(Task.CLASSIFICATION, counts) is metric


def test_numbers_are_judged_by_their_rmse() -> None:
    assert default_metric(Task.REGRESSION, ()) is Metric.RMSE


def test_a_metric_that_is_not_named_suits_every_task() -> None:
    assert unsuited(None, Task.REGRESSION) is None
    assert unsuited(Metric.MAE, Task.REGRESSION) is None


@pytest.mark.parametrize("table", ["breast_cancer", "diabetes"])
def test_the_classes_that_are_counted_are_the_train_sets(table: str) -> None:
    prepared = prepare_data(StudyConfig(data=DataConfig(table=table), name=table))
    train = prepared.known_sets[prepared.first_choices]["train"]
    if prepared.split.task is Task.REGRESSION:
        assert prepared.class_counts == ()
    else:
        assert prepared.class_counts == tuple(np.unique(train.y, return_counts=True)[1].tolist())
        assert sum(prepared.class_counts) == prepared.n_examples["train"]
