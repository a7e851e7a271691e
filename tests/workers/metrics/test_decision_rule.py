"""Labels are decided by what errors cost, which the metric says."""

import numpy as np
import pytest

from workers.metrics.classification_metrics import balanced_error, error
from workers.metrics.decision_rule import MOST_PROBABLE, DecisionRule
from workers.metrics.metric import Metric, decision_rule, measure, metrics_of
from workers.train_dev_data import Task

COUNTS = np.array([900, 100])
P = np.array([[0.95, 0.05], [0.88, 0.12], [0.7, 0.3], [0.4, 0.6]])


@pytest.mark.parametrize(
    ("metric", "labels"),
    [
        (Metric.ERROR, [0, 0, 0, 1]),
        (Metric.LOG_LOSS, [0, 0, 0, 1]),
        (Metric.ROC_AUC, [0, 0, 0, 1]),
        (Metric.BALANCED_ERROR, [0, 1, 1, 1]),  # from a probability of 0.1, the share, on
        (Metric.MACRO_F1, [0, 0, 1, 1]),  # from 0.25, where odds are the root of 1 to 9, on
    ],
)
def test_a_rarer_class_needs_less_where_classes_count_alike(metric: Metric, labels: list[int]) -> None:
    np.testing.assert_array_equal(decision_rule(metric, COUNTS).labels(P), labels)


def test_by_true_probabilities_each_rule_is_best_at_its_own_metric() -> None:
    rng = np.random.default_rng(0)
    p = rng.beta(0.5, 3, size=100_000)
    probabilities, y = np.column_stack([1 - p, p]), (rng.random(len(p)) < p).astype(np.int64)
    balanced = decision_rule(Metric.BALANCED_ERROR, np.bincount(y))
    labels = {rule: rule.labels(probabilities) for rule in (MOST_PROBABLE, balanced)}
    assert error(labels[MOST_PROBABLE], y) < 0.6 * error(labels[balanced], y)
    assert balanced_error(labels[balanced], y) < 0.8 * balanced_error(labels[MOST_PROBABLE], y)


def test_a_class_that_the_train_set_lacks_has_a_weight() -> None:
    rule = decision_rule(Metric.BALANCED_ERROR, np.array([90, 0, 10]))
    assert rule.labels(np.array([[0.5, 0.0, 0.5]])) == [2]


def test_of_equals_the_first_is_taken_and_many_trials_are_labelled_at_once() -> None:
    assert MOST_PROBABLE.labels(np.array([[0.5, 0.5]])) == [0]
    rule = DecisionRule((1.0, 9.0))
    np.testing.assert_array_equal(rule.labels(np.stack([P, P])), [rule.labels(P)] * 2)


def test_numbers_have_no_labels() -> None:
    assert decision_rule(Metric.RMSE, None) == MOST_PROBABLE


@pytest.mark.parametrize("metric", metrics_of(Task.CLASSIFICATION))
def test_a_rule_moves_the_metrics_of_labels_alone(metric: Metric) -> None:
    y = np.array([0, 1, 1, 1])
    rules = (MOST_PROBABLE, decision_rule(Metric.BALANCED_ERROR, COUNTS))
    plain, balanced = (measure(metric, P, y, rule=rule, target_deviation=1.0) for rule in rules)
    is_of_labels = metric in (Metric.ERROR, Metric.BALANCED_ERROR, Metric.MACRO_F1)
    assert (plain != balanced) is is_of_labels
