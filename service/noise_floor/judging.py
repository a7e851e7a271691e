"""How a model's predictions are judged here: example by example."""

import numpy as np
from numpy.typing import NDArray

from workers.classification_metrics import SMALLEST_PROBABILITY
from workers.decision_rule import DecisionRule
from workers.metrics import Metric


def example_losses(
    metric: Metric,
    predictions: NDArray[np.floating],
    y: NDArray[np.integer | np.floating],
    *,
    rule: DecisionRule,
) -> NDArray[np.float64] | None:
    """Return what each example adds to a figure, so that their mean tells two models apart (n_examples,).

    None where a figure is no mean over examples. The means of a root mean square and of R² are those of
    squares: which of two models is better is the same.

    Parameters
    ----------
    metric
        The metric.
    predictions, y
        As `workers.metrics.measure` takes them, in the target's unit.
    rule
        Decides labels.
    """
    match metric:
        case Metric.ERROR | Metric.BALANCED_ERROR:
            of = y.astype(np.int64)
            wrong = (rule.labels(predictions) != of).astype(np.float64)
            return np.asarray(wrong * balancing_weights(of) if metric is Metric.BALANCED_ERROR else wrong)
        case Metric.LOG_LOSS:
            own = predictions[np.arange(len(y)), y.astype(np.int64)].astype(np.float64)
            return np.asarray(-np.log(np.maximum(own, SMALLEST_PROBABILITY)))
        case Metric.RMSE | Metric.R_SQUARED | Metric.MAE:
            sizes = np.abs(predictions.reshape(len(y)).astype(np.float64) - y.reshape(len(y)))
            return np.asarray(sizes if metric is Metric.MAE else sizes**2)
        case _:
            return None


def balancing_weights(y: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return n / (K n_k) of each example, so that the K classes that are there count alike (n_examples,)."""
    counts = np.bincount(y)
    return np.asarray(len(y) / (np.count_nonzero(counts) * counts[y]))


def in_unit_of(metric: Metric, difference: float, *, figure: float, variance: float) -> float:
    """Return a difference of mean losses as one of figures: by the slope of the metric at a figure.

    Parameters
    ----------
    metric
        The metric.
    difference
        Of mean losses, as `example_losses` has them.
    figure
        The metric's value there.
    variance
        Of the targets; for R² alone.
    """
    if metric is Metric.RMSE:
        return difference / (2 * figure) if figure > 0 else 0.0
    if metric is Metric.R_SQUARED:
        return difference / variance if variance > 0 else 0.0
    return difference
