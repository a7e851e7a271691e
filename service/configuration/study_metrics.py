"""Which metrics a study may name, and what it is judged by where it names none."""

from collections.abc import Sequence

from workers.metrics.metric import Metric, metrics_of
from workers.train_dev_data import Task

MOST_BALANCED_RATIO = 2
"""Classes are unbalanced where the most frequent is more than this many times as frequent as the least."""


def default_metric(task: Task, class_counts: Sequence[int]) -> Metric:
    """Return the metric of a study that names none: RMSE, error, or balanced error of unbalanced classes.

    The error of unbalanced classes is low for whoever names the commonest. The balanced error keeps its unit
    and its sense, needs no threshold as the classes' shares decide it, and is (K - 1) / K there.

    Parameters
    ----------
    task
        What is predicted.
    class_counts
        Examples of each class in the train set, which alone may decide; empty in regression.
    """
    if task is Task.REGRESSION:
        return Metric.RMSE
    is_balanced = max(class_counts) <= MOST_BALANCED_RATIO * min(class_counts)
    return Metric.ERROR if is_balanced else Metric.BALANCED_ERROR


def unsuited(metric: Metric | None, task: Task) -> str | None:
    """Say what is wrong with a metric for a task; None where nothing is."""
    if metric is None or metric.task is task:
        return None
    return f"in {task} expected one of {', '.join(metrics_of(task))}, got {metric}"
