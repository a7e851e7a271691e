"""An epoch of any kind of model: it learns, and is judged on the dev set."""

import numpy as np
from numpy.typing import NDArray

from workers.denormals import denormals_as_zero
from workers.messages import EpochMetrics, TrainingRules
from workers.metrics.decision_rule import DecisionRule
from workers.metrics.dev_figures import dev_figure, dev_loss
from workers.metrics.metric import Metric
from workers.model_kind import Learner
from workers.train_dev_data import TrainDevData


def judged_epoch(
    learner: Learner,
    data: TrainDevData,
    predictions: NDArray[np.float32],
    *,
    rules: TrainingRules,
    rule: DecisionRule,
) -> EpochMetrics:
    """Let a model learn for an epoch, then judge it on the dev set.

    Parameters
    ----------
    learner
        The model.
    data
        What it learns from.
    predictions
        Where its predictions for the dev set are written (n_dev, n_outputs).
    rules
        What it is judged by.
    rule
        How labels are decided.

    Raises
    ------
    TrainingFailedError
        A loss or a metric is NaN or infinite, or the model cannot learn any more.
    """

    def measured(by: Metric) -> float:
        return dev_figure(by, predictions, data, rule=rule)

    # What is not finite is looked for at the epoch's end.
    with denormals_as_zero(), np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        advance = learner.advance()
        learner.predict_dev(predictions)
        dev_metric = measured(rules.metric)
        metrics = EpochMetrics(
            train_loss=advance.train_loss,
            train_cost=advance.train_cost,
            dev_loss=dev_loss(predictions, data),
            dev_metric=dev_metric,
            dev_watched=dev_metric if rules.watch is rules.metric else measured(rules.watch),
            details=advance.details,
        )
        learner.check(
            {
                "the train loss": metrics.train_loss,
                "the dev loss": metrics.dev_loss,
                "the dev metric": metrics.dev_metric,
                "the watched metric": metrics.dev_watched,
            }
        )
    return metrics
