"""What each dev example costs, after the metric that the study is judged by."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.winner.examination.dev_analysis.predicted_set import PredictedClasses, PredictedNumbers
from service.winner.examination.dev_analysis.values import ExampleLoss
from workers.metrics.metric import Metric

LOSS_OF: Mapping[Metric, ExampleLoss] = {
    Metric.ERROR: ExampleLoss.ERROR,
    Metric.BALANCED_ERROR: ExampleLoss.BALANCED_ERROR,
    Metric.MACRO_F1: ExampleLoss.BALANCED_ERROR,
    Metric.LOG_LOSS: ExampleLoss.LOG_LOSS,
    Metric.ROC_AUC: ExampleLoss.LOG_LOSS,
    Metric.CALIBRATION_ERROR: ExampleLoss.LOG_LOSS,
    Metric.RMSE: ExampleLoss.SQUARED_ERROR,
    Metric.R_SQUARED: ExampleLoss.SQUARED_ERROR,
    Metric.MAE: ExampleLoss.ABSOLUTE_ERROR,
}
"""What an example costs where a study has this metric: its share of the metric, or of what is nearest to it.

Macro F1 weighs classes alike, as the balanced error does. A ROC AUC and a calibration error judge
probabilities, of many examples together; the log loss does so of one.
"""


_LARGEST_ROOT = 1e154
"""Whose square is a float64."""


class ExampleLosses(NamedTuple):
    """What examples cost, and the weights that means are taken with: (n_examples,) each.

    `units` are numbers that examples share which came as one (n_examples,); None where each came by itself.
    """

    losses: NDArray[np.float64]
    weights: NDArray[np.float64]
    units: NDArray[np.intp] | None = None


def losses_of_classes(predicted: PredictedClasses, loss: ExampleLoss) -> ExampleLosses:
    """Return what the examples of a classification cost.

    With a balanced error an example weighs n / (K n_c), n_c being the number of examples of its class and K
    that of the classes that there are: the weighted mean over all is the balanced error, and over the
    examples of one class the error within it.
    """
    weights = np.ones(len(predicted.y))
    if loss is ExampleLoss.LOG_LOSS:
        return ExampleLosses(predicted.log_losses, weights, predicted.units)
    if loss is ExampleLoss.BALANCED_ERROR:
        n_of_class = np.bincount(predicted.y)
        weights = len(predicted.y) / (np.count_nonzero(n_of_class) * n_of_class[predicted.y])
    return ExampleLosses((predicted.labels != predicted.y).astype(np.float64), weights, predicted.units)


def losses_of_numbers(predicted: PredictedNumbers, loss: ExampleLoss) -> ExampleLosses:
    """Return what the examples of a regression cost; a square is never infinite."""
    losses = np.abs(predicted.residuals)
    if loss is ExampleLoss.SQUARED_ERROR:
        losses = np.minimum(losses, _LARGEST_ROOT) ** 2
    return ExampleLosses(losses, np.ones(len(losses)), predicted.units)
