"""The figures that a study may be judged by: their names, their senses, and how to measure them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Any, Protocol

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
        return Task.REGRESSION if _FACTS[self].of_numbers else Task.CLASSIFICATION

    @property
    def higher_is_better(self) -> bool:
        """Whether it is to be maximized."""
        return self.perfect > self.worst

    @property
    def perfect(self) -> float:
        """Its value for predictions that cannot be better."""
        return _FACTS[self].perfect

    @property
    def worst(self) -> float:
        """The worst possible value; infinite if there is no bound."""
        return _FACTS[self].worst

    def badness(self, value: float) -> float:
        """Return a value so that lower is better: itself, or its negative, which is exact.

        `metric.badness(metric.badness(value))` is `value` again.
        """
        return -value if self.higher_is_better else value


class _OfNumbers(Protocol):
    def __call__(
        self,
        predictions: NDArray[np.floating],
        targets: NDArray[np.floating],
        *,
        deviation: Deviation,
    ) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """The facts of a metric: one of three functions measures it.

    Attributes
    ----------
    of_labels, of_probabilities, of_numbers
        From labels, class probabilities or numbers, and the truth, to the figure.
    perfect, worst
        The best and the worst value there is.
    balance
        The balance by which labels are decided, see `DecisionRule.balanced`.
    """

    of_labels: Callable[[NDArray[np.int64], NDArray[np.int64]], float] | None = None
    of_probabilities: Callable[[NDArray[np.floating], NDArray[np.int64]], float] | None = None
    of_numbers: _OfNumbers | None = None
    perfect: float = 0.0
    worst: float = inf
    balance: float = 0.0


_FACTS: Mapping[Metric, _Facts] = {
    Metric.ERROR: _Facts(of_labels=error, worst=1.0),
    Metric.LOG_LOSS: _Facts(of_probabilities=log_loss),
    # At balance 1 the balanced error of true probabilities is the lowest there is.
    Metric.BALANCED_ERROR: _Facts(of_labels=balanced_error, worst=1.0, balance=1.0),
    # No one balance is best for macro F1: of two normally distributed classes, one of which has 2 to 30 % of
    # the examples, labels at 0.5 come within 0.04 of the best macro F1 there is, at 0 within 0.10 and at 1
    # within 0.18.
    Metric.MACRO_F1: _Facts(of_labels=macro_f1, perfect=1.0, worst=0.0, balance=0.5),
    Metric.ROC_AUC: _Facts(of_probabilities=roc_auc, perfect=1.0, worst=0.0),
    Metric.CALIBRATION_ERROR: _Facts(of_probabilities=calibration_error, worst=1.0),
    Metric.RMSE: _Facts(of_numbers=root_mean_squared_error),
    Metric.MAE: _Facts(of_numbers=mean_absolute_error),
    Metric.R_SQUARED: _Facts(of_numbers=r_squared, perfect=1.0, worst=-inf),
}

BALANCED: tuple[Metric, ...] = tuple(metric for metric in Metric if _FACTS[metric].balance > 0)
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
    if class_counts is None:
        return MOST_PROBABLE
    return DecisionRule.balanced(class_counts, _FACTS[metric].balance)


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
        Turns class probabilities into labels; not used for numbers.
    target_deviation
        What one unit of the numbers is in the target's own: the standard deviation where they are
        standardised, 1 where they are not; one number, or one a target. Classes have none.
    """
    facts = _FACTS[metric]
    if facts.of_labels is not None:
        return facts.of_labels(rule.labels(predictions), y)
    if facts.of_probabilities is not None:
        return facts.of_probabilities(predictions, y)
    if facts.of_numbers is None:
        raise AssertionError(f"nothing measures {metric}")
    numbers, targets = (values.reshape(len(values), -1) for values in (predictions, y))
    return facts.of_numbers(numbers, targets, deviation=target_deviation)


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
