"""A model is reported by all metrics of its task, in the target's unit."""

from math import sqrt

import numpy as np
import pytest

from service.winner.examination.figures import figures
from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.metric import metrics_of
from workers.train_dev_data import Task


def test_classes_are_judged_by_every_metric_of_classes() -> None:
    probabilities = np.array([[0.5, 0.25, 0.25], [0.25, 0.25, 0.5]])
    found = figures(probabilities, np.array([0, 1]), task=Task.CLASSIFICATION, rule=MOST_PROBABLE)
    assert (found["error"], found["log_loss"]) == pytest.approx((0.5, 1.5 * np.log(2)))
    assert found.keys() == {metric.value for metric in metrics_of(Task.CLASSIFICATION)}


def test_numbers_are_judged_in_their_own_unit() -> None:
    found = figures(
        np.array([1.0, 2.0, 6.0]), np.array([1.0, 2.0, 3.0]), task=Task.REGRESSION, rule=MOST_PROBABLE
    )
    assert found == pytest.approx({"rmse": sqrt(3), "mae": 1, "r_squared": 1 - 9 / 2})


def test_whole_numbers_are_numbers_where_numbers_are_predicted() -> None:
    found = figures(np.array([1.5, 2.0]), np.array([1, 2]), task=Task.REGRESSION, rule=MOST_PROBABLE)
    assert found["mae"] == 0.25
