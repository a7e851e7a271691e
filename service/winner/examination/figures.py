"""The figures that a model is reported by: all metrics of its task, by name, in the target's unit."""

import numpy as np
from numpy.typing import NDArray

from workers.metrics.decision_rule import DecisionRule
from workers.metrics.metric import measure_all
from workers.train_dev_data import Task

Figures = dict[str, float]
"""Values by a metric's name, each in the metric's own sense."""


def figures(
    predictions: NDArray[np.floating],
    y: NDArray[np.integer | np.floating],
    *,
    task: Task,
    rule: DecisionRule,
) -> Figures:
    """Judge predictions.

    Parameters
    ----------
    predictions
        Probabilities (n_examples, n_classes); or numbers in the target's unit (n_examples,).
    y
        Class indices (n_examples,); or numbers (n_examples,).
    task
        Which of the two.
    rule
        Decides labels.
    """
    truth = y.astype(np.int64 if task is Task.CLASSIFICATION else np.float64)
    measured = measure_all(task, predictions, truth, rule=rule, target_deviation=1.0)
    return {metric.value: value for metric, value in measured.items()}
