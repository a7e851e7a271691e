"""The figures that a model is reported by: all metrics of its task, by name, in the target's unit."""

import numpy as np
from numpy.typing import NDArray

from service.examination.decision_stopgap import judged
from workers.metrics import measure, metrics_of
from workers.train_dev_data import Task

Figures = dict[str, float]
"""Values by a metric's name, each in the metric's own sense."""


def figures(
    predictions: NDArray[np.floating],
    y: NDArray[np.integer | np.floating],
    *,
    task: Task,
    decision_weights: NDArray[np.float64] | None = None,
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
    decision_weights
        The label is argmax(probabilities * weights) (n_classes,); None: the most probable class.
    """
    truth = y.astype(np.int64 if task is Task.CLASSIFICATION else np.float64)
    return {
        metric.value: measure(
            metric, judged(predictions, metric, decision_weights), truth, target_deviation=1.0
        )
        for metric in metrics_of(task)
    }
