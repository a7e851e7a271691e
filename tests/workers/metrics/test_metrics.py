"""A metric's name says what it judges and in which sense, and measures what its function does."""

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.metric import _FACTS, Metric, measure, measure_all, metrics_of
from workers.train_dev_data import Task

CLASSES = [Metric.ERROR, Metric.LOG_LOSS, Metric.BALANCED_ERROR, Metric.MACRO_F1]
CLASSES += [Metric.ROC_AUC, Metric.CALIBRATION_ERROR]
NUMBERS = [Metric.RMSE, Metric.MAE, Metric.R_SQUARED]


def test_each_metric_has_its_task() -> None:
    assert metrics_of(Task.CLASSIFICATION) == tuple(CLASSES)
    assert metrics_of(Task.REGRESSION) == tuple(NUMBERS)
    assert {metric.task for metric in CLASSES} == {Task.CLASSIFICATION}


def test_three_are_better_the_higher_they_are_and_perfect_at_1() -> None:
    higher = {metric for metric in Metric if metric.higher_is_better}
    assert higher == {Metric.MACRO_F1, Metric.ROC_AUC, Metric.R_SQUARED}
    assert all(metric.perfect == (1.0 if metric in higher else 0.0) for metric in Metric)


def test_each_metric_stands_in_the_table_with_one_function_that_measures_it() -> None:
    assert list(_FACTS) == list(Metric)
    for facts in _FACTS.values():
        measures = (facts.of_labels, facts.of_probabilities, facts.of_numbers)
        assert sum(measure is not None for measure in measures) == 1


def test_nothing_is_worse_than_the_worst() -> None:
    worst = {metric: metric.worst for metric in Metric if np.isfinite(metric.worst)}
    shares = {Metric.ERROR, Metric.BALANCED_ERROR, Metric.CALIBRATION_ERROR}
    assert worst == dict.fromkeys(shares, 1.0) | {Metric.MACRO_F1: 0.0, Metric.ROC_AUC: 0.0}
    assert all(metric.badness(metric.worst) > metric.badness(metric.perfect) for metric in Metric)


@given(st.sampled_from(Metric), st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_badness_is_lower_for_the_better_and_gives_the_value_back(
    metric: Metric, one: float, other: float
) -> None:
    better = one > other if metric.higher_is_better else one < other
    assert (metric.badness(one) < metric.badness(other)) == better
    assert metric.badness(metric.badness(one)) == one


def test_all_metrics_of_classes_are_measured() -> None:
    P = np.array([[0.6, 0.4], [0.3, 0.7], [0.4, 0.6], [0.2, 0.8]], np.float32)
    y = np.array([0, 0, 1, 1])

    found = measure_all(Task.CLASSIFICATION, P, y, target_deviation=1.0, rule=MOST_PROBABLE)

    assert list(found) == CLASSES
    assert found[Metric.ERROR] == 0.25
    assert found[Metric.BALANCED_ERROR] == 0.25
    assert found[Metric.ROC_AUC] == 0.75
    assert found[Metric.LOG_LOSS] == pytest.approx(-np.mean(np.log([0.6, 0.3, 0.6, 0.8])))
    assert found[Metric.MACRO_F1] == pytest.approx((2 / 3 + 4 / 5) / 2)
    # 0.7 falls into a bin of its own and is wrong; so do 0.8, and 0.6 twice, which are right.
    assert found[Metric.CALIBRATION_ERROR] == pytest.approx((0.7 + 0.2 + 0.4 + 0.4) / 4)


@pytest.mark.parametrize("shape", [(20,), (20, 1), (20, 3)])
def test_all_metrics_of_numbers_are_measured_in_the_targets_unit(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    predictions, y = rng.standard_normal((20, *shape[1:])), rng.standard_normal(shape)
    predictions = predictions.reshape(20, -1)

    found = measure_all(Task.REGRESSION, predictions, y, target_deviation=2.5, rule=MOST_PROBABLE)

    theirs = {
        Metric.RMSE: 2.5 * sklearn.metrics.root_mean_squared_error(y.reshape(20, -1), predictions),
        Metric.MAE: 2.5 * sklearn.metrics.mean_absolute_error(y.reshape(20, -1), predictions),
        Metric.R_SQUARED: sklearn.metrics.r2_score(y.reshape(20, -1), predictions),
    }
    assert found == pytest.approx(theirs)
    assert list(found) == NUMBERS


@pytest.mark.parametrize("metric", Metric)
def test_one_alone_is_what_it_is_among_all(metric: Metric) -> None:
    rng = np.random.default_rng(1)
    of_classes = metric.task is Task.CLASSIFICATION
    predictions = rng.dirichlet(np.ones(3), 30) if of_classes else rng.standard_normal((30, 1))
    y = rng.integers(3, size=30) if of_classes else rng.standard_normal(30)
    together = measure_all(metric.task, predictions, y, target_deviation=1.5, rule=MOST_PROBABLE)
    assert measure(metric, predictions, y, target_deviation=1.5, rule=MOST_PROBABLE) == together[metric]
