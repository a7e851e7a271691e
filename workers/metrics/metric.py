"""The figures that a study may be judged by: their names, their senses, and how to measure them."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.metrics.classification_metrics import (
    balanced_error,
    calibration_error,
    error,
    log_loss,
    macro_f1,
    roc_auc,
)
from workers.metrics.decision_rule import MOST_PROBABLE, DecisionRule
from workers.metrics.regression_metrics import (
    Deviation,
    mean_absolute_error,
    r_squared,
    root_mean_squared_error,
)
from workers.train_dev_data import Task


class Metric(StrEnum):
    """A figure of predictions: six of classes, by labels or probabilities, then three of numbers."""

    ERROR = "error"
    LOG_LOSS = "log_loss"
    BALANCED_ERROR = "balanced_error"
    MACRO_F1 = "macro_f1"
    ROC_AUC = "roc_auc"
    CALIBRATION_ERROR = "calibration_error"
    RMSE = "rmse"
    MAE = "mae"
    R_SQUARED = "r_squared"

    @property
    def task(self) -> Task:
        """What the predictions are of that it judges."""
        is_of_classes = self in _OF_LABELS or self in _OF_PROBABILITIES
        return Task.CLASSIFICATION if is_of_classes else Task.REGRESSION

    @property
    def higher_is_better(self) -> bool:
        """Whether it is to be maximized."""
        return self in (Metric.MACRO_F1, Metric.ROC_AUC, Metric.R_SQUARED)

    @property
    def perfect(self) -> float:
        """Its value for predictions that cannot be better."""
        return 1.0 if self.higher_is_better else 0.0

    def badness(self, value: float) -> float:
        """Return a value of it such that lower is better: itself, or its negative, which is exact.

        `metric.badness(metric.badness(value))` is `value` again.
        """
        return -value if self.higher_is_better else value


_OF_LABELS: Mapping[Metric, Callable[[NDArray[np.int64], NDArray[np.int64]], float]] = {
    Metric.ERROR: error,
    Metric.BALANCED_ERROR: balanced_error,
    Metric.MACRO_F1: macro_f1,
}

_OF_PROBABILITIES: Mapping[Metric, Callable[[NDArray[np.floating], NDArray[np.int64]], float]] = {
    Metric.LOG_LOSS: log_loss,
    Metric.ROC_AUC: roc_auc,
    Metric.CALIBRATION_ERROR: calibration_error,
}


_BALANCE_OF_LABELS: Mapping[Metric, float] = {Metric.BALANCED_ERROR: 1.0, Metric.MACRO_F1: 0.5}
"""The balance by which labels are decided, where it is not 0.

At 1 the balanced error of true probabilities is the lowest there is. No one balance is best for macro F1: of
two normally distributed classes, one of which has 2 to 30 % of the examples, labels at 0.5 come within 0.04
of the best macro F1 there is, at 0 within 0.10 and at 1 within 0.18.
"""


BALANCED: tuple[Metric, ...] = tuple(_BALANCE_OF_LABELS)
"""Metrics to which a rare class counts as much as a common one."""


def decision_rule(metric: Metric, class_counts: NDArray[np.int64] | None) -> DecisionRule:
    """Return how labels are decided where a metric is what counts.

    For the balanced error it is the class whose probability is highest against its share of the train set;
    for macro F1 against the root of its share; else the most probable class.

    Parameters
    ----------
    metric
        The study's metric.
    class_counts
        Examples of each class in the train set (n_classes,); None for numbers.
    """
    balance = _BALANCE_OF_LABELS.get(metric, 0.0)
    return MOST_PROBABLE if class_counts is None else DecisionRule.balanced(class_counts, balance)


def metrics_of(task: Task) -> tuple[Metric, ...]:
    """Return the metrics that judge a task's predictions."""
    return tuple(metric for metric in Metric if metric.task is task)


def measure(
    metric: Metric,
    predictions: NDArray[np.floating],
    y: NDArray[Any],
    *,
    rule: DecisionRule,
    target_deviation: Deviation,
) -> float:
    """Measure one metric.

    Parameters
    ----------
    metric
        Which; its task says what the predictions are.
    predictions
        Class probabilities (n_examples, n_classes); or numbers (n_examples, n_targets), where one target may
        do without its axis.
    y
        Class indices (n_examples,); or numbers (n_examples,) or (n_examples, n_targets).
    rule
        Decides labels of class probabilities; of numbers there are none.
    target_deviation
        What one unit of the numbers is in the target's own: the standard deviation where they are
        standardised, 1 where they are not; one number, or one a target. Classes have none.
    """
    if metric in _OF_LABELS:
        return _OF_LABELS[metric](rule.labels(predictions), y)
    if metric in _OF_PROBABILITIES:
        return _OF_PROBABILITIES[metric](predictions, y)
    numbers = predictions.reshape(len(predictions), -1)
    targets = y.reshape(len(y), -1)
    match metric:
        case Metric.RMSE:
            return root_mean_squared_error(numbers, targets, deviation=target_deviation)
        case Metric.MAE:
            return mean_absolute_error(numbers, targets, deviation=target_deviation)
        case _:
            return r_squared(numbers, targets)


def measure_all(
    task: Task,
    predictions: NDArray[np.floating],
    y: NDArray[Any],
    *,
    rule: DecisionRule,
    target_deviation: Deviation,
) -> dict[Metric, float]:
    """Measure all metrics of a task; the other arguments as for `measure`."""
    return {
        metric: measure(metric, predictions, y, rule=rule, target_deviation=target_deviation)
        for metric in metrics_of(task)
    }
