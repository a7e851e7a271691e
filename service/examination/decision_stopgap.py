"""How a baseline's decision weights reach the figures that count labels, in one place.

Metrics take the most probable class for the label. A model that decides otherwise hands them, for the figures
that count labels alone, its probabilities times its weights; all other figures see its probabilities.
"""

import numpy as np
from numpy.typing import NDArray

from workers.losses import class_weights
from workers.metrics import Metric

OF_LABELS = (Metric.ERROR, Metric.BALANCED_ERROR, Metric.MACRO_F1)
"""Figures that are computed from the classes that a model names."""

BALANCED = (Metric.BALANCED_ERROR, Metric.MACRO_F1)
"""Metrics that ask for classes that count alike."""


def weights_for(metric: Metric, class_counts: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """Return the weights of classes that a metric asks for (n_classes,); None where it asks for none.

    They are 1 over the class's share of the train set, to a factor. A model is fitted with them, and names
    the class whose probability is highest against its share.

    Parameters
    ----------
    metric
        What models are judged by.
    class_counts
        Train examples of each class (n_classes,).
    """
    return class_weights(class_counts, 1.0) if metric in BALANCED else None


def judged(
    predictions: NDArray[np.floating], metric: Metric, decision_weights: NDArray[np.float64] | None
) -> NDArray[np.floating]:
    """Return predictions as a metric is to see them, whose most probable class is the one that is named.

    Parameters
    ----------
    predictions
        Probabilities (n_examples, n_classes), or numbers.
    metric
        What they are judged by.
    decision_weights
        The named class is argmax(probabilities * weights) (n_classes,); None: the most probable one.
    """
    if decision_weights is None or metric not in OF_LABELS:
        return predictions
    weighted = predictions * decision_weights
    return np.asarray(weighted / weighted.sum(axis=1, keepdims=True))
