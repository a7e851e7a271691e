"""How a model's predictions are judged here: by the label that suits the metric, and example by example."""

import numpy as np
from numpy.typing import NDArray

from workers.classification_metrics import SMALLEST_PROBABILITY
from workers.metrics import Metric

BY_CLASS = (Metric.BALANCED_ERROR, Metric.MACRO_F1)
"""Metrics to which each class counts alike: the label is the class that is likeliest against its share."""


def labelled(
    metric: Metric, probabilities: NDArray[np.float64], shares: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what a metric judges: probabilities as they are, or 1 for the class that is named.

    Parameters
    ----------
    metric
        The metric.
    probabilities
        Of the classes (n_examples, n_classes).
    shares
        Of the classes among the train examples (n_classes,), none of them 0.
    """
    if metric in BY_CLASS:
        named = np.argmax(probabilities / shares, axis=1)
    elif metric is Metric.ERROR:
        named = np.argmax(probabilities, axis=1)
    else:
        return probabilities
    return np.asarray(np.eye(probabilities.shape[1])[named])


def example_losses(
    metric: Metric, predictions: NDArray[np.floating], y: NDArray[np.integer | np.floating]
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
    """
    match metric:
        case Metric.ERROR | Metric.BALANCED_ERROR:
            of = y.astype(np.int64)
            wrong = (np.argmax(predictions, axis=1) != of).astype(np.float64)
            return np.asarray(wrong * class_weights(of) if metric is Metric.BALANCED_ERROR else wrong)
        case Metric.LOG_LOSS:
            own = predictions[np.arange(len(y)), y.astype(np.int64)].astype(np.float64)
            return np.asarray(-np.log(np.maximum(own, SMALLEST_PROBABILITY)))
        case Metric.RMSE | Metric.R_SQUARED | Metric.MAE:
            sizes = np.abs(predictions.reshape(len(y)).astype(np.float64) - y.reshape(len(y)))
            return np.asarray(sizes if metric is Metric.MAE else sizes**2)
        case _:
            return None


def class_weights(y: NDArray[np.int64]) -> NDArray[np.float64]:
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
