"""The figures of predictions for the dev set, in the target's own unit."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.metrics.classification_metrics import log_loss
from workers.metrics.decision_rule import DecisionRule
from workers.metrics.metric import Metric, measure, measure_all
from workers.metrics.regression_metrics import mean_squared_error
from workers.train_dev_data import Task, TrainDevData

_LARGEST_LOGARITHM = 330.0
"""Numbers up to 1e143: the sum of their squares is one still."""


def dev_figure(
    metric: Metric, predictions: NDArray[np.floating], data: TrainDevData, *, rule: DecisionRule
) -> float:
    """Measure one metric of predictions for the dev set.

    Parameters
    ----------
    metric
        Which.
    predictions
        As the model gives them (n_dev, n_outputs): probabilities, or standardised numbers.
    data
        The dev set, and what brings its targets into their unit.
    rule
        Decides labels.
    """
    if data.log_target_mean is None:
        return measure(metric, predictions, data.y_dev, rule=rule, target_deviation=data.target_deviation)
    numbers, y = _predicted(predictions, data), _exponential(data.y_dev, data)
    return measure(metric, numbers, y, rule=rule, target_deviation=1.0)


def all_dev_figures(
    predictions: NDArray[np.floating], data: TrainDevData, *, rule: DecisionRule
) -> dict[Metric, float]:
    """Measure all metrics of the task; the arguments as for `dev_figure`."""
    if data.log_target_mean is None:
        deviation = data.target_deviation
        return measure_all(data.task, predictions, data.y_dev, rule=rule, target_deviation=deviation)
    numbers, y = _predicted(predictions, data), _exponential(data.y_dev, data)
    return measure_all(data.task, numbers, y, rule=rule, target_deviation=1.0)


def dev_loss(predictions: NDArray[np.floating], data: TrainDevData) -> float:
    """Return the log loss (nats) of predictions for the dev set, or standardised targets' mean squared error.

    The arguments are as for `dev_figure`.
    """
    y: NDArray[Any] = data.y_dev
    return (
        log_loss(predictions, y) if data.task is Task.CLASSIFICATION else mean_squared_error(predictions, y)
    )


def in_target_unit(
    predictions: NDArray[np.floating], data: TrainDevData
) -> tuple[NDArray[np.floating], NDArray[Any]]:
    """Return predictions for the dev set, and what is true, such that a metric of them needs no deviation.

    Classes stay as they are. Standardised numbers get the target's unit, but for an offset that both share.

    Parameters
    ----------
    predictions
        As the model gives them (n_dev, n_outputs).
    data
        The dev set.
    """
    if data.task is Task.CLASSIFICATION:
        return predictions, data.y_dev
    if data.log_target_mean is None:
        return predictions * data.target_deviation, data.y_dev * data.target_deviation
    return _predicted(predictions, data), _exponential(data.y_dev, data)


def in_unit_about(
    y: NDArray[Any], predictions: NDArray[np.floating], data: TrainDevData
) -> NDArray[np.floating]:
    """Return predictions for the dev set about given targets, however those of `data` are standardised.

    So what models predict that learned the same targets on other scales, or from other train sets, can be put
    side by side. Probabilities stay as they are.

    Parameters
    ----------
    y
        What is true, as `in_target_unit` returns it, of the same dev set in whatever standardisation.
    predictions
        As the network gives them (n_dev, n_outputs).
    data
        The dev set, as that network was trained with it.
    """
    if data.task is Task.CLASSIFICATION:
        return predictions
    own, true = in_target_unit(predictions.astype(np.float64), data)
    common: NDArray[np.floating] = y + (own - true)
    return common


def _predicted(standardized: NDArray[Any], data: TrainDevData) -> NDArray[np.float64]:
    """Undo the standardisation and the logarithm of predictions, within the limits that they have."""
    low, high = data.logarithm_limits
    return np.clip(_exponential(standardized, data), *np.exp(np.minimum([low, high], _LARGEST_LOGARITHM)))


def _exponential(standardized: NDArray[Any], data: TrainDevData) -> NDArray[np.float64]:
    """Undo the standardisation and the logarithm; what would overflow as a square becomes 1e143."""
    logarithms = standardized.astype(np.float64) * data.target_deviation + (data.log_target_mean or 0.0)
    return np.exp(np.minimum(logarithms, _LARGEST_LOGARITHM))
