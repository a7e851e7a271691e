"""Figures of labels and class probabilities: floats, each summed in float64 or counted exactly.

Error and log loss do without `np.mean`: of a small dev set it takes as long as all else.
"""

import numpy as np
from numpy.typing import NDArray

SMALLEST_PROBABILITY = float(np.finfo(np.float32).tiny)
"""Stands for a probability of 0 in the log loss: one example costs at most 87.3 nats."""

N_BINS = 15
"""Bins of the calibration error, as in Guo et al. 2017."""

NO_RANKING = 0.5
"""The ROC AUC where there is nothing to rank, one class being alone: what a coin would reach."""


def error(labels: NDArray[np.int64], y: NDArray[np.int64]) -> float:
    """Return the fraction of examples whose label is not their class.

    Parameters
    ----------
    labels, y
        Class indices, predicted and true (n_examples,).
    """
    return int(np.count_nonzero(labels != y)) / len(y)


def log_loss(probabilities: NDArray[np.floating], y: NDArray[np.int64]) -> float:
    """Return the mean of -log p (nats), p the probability given to an example's own class.

    A p below the smallest normal float32 counts as that: float32 probabilities do underflow to 0, and one
    of them should not make the mean infinite. NaN stays NaN.

    Parameters
    ----------
    probabilities
        (n_examples, n_classes).
    y
        Class indices (n_examples,).
    """
    own = probabilities[np.arange(len(y)), y].astype(np.float64)
    return -float(np.log(np.maximum(own, SMALLEST_PROBABILITY)).sum()) / len(y)


def balanced_error(labels: NDArray[np.int64], y: NDArray[np.int64]) -> float:
    """Return the mean over the classes in y of the error within the class: 1 - balanced accuracy.

    Naming the commonest of K classes always has a balanced error of (K - 1) / K, however common it is.

    Parameters
    ----------
    labels, y
        Class indices, predicted and true (n_examples,).

    References
    ----------
    Brodersen et al., 2010, "The balanced accuracy and its posterior distribution".
    """
    n_of_class = np.bincount(y)
    n_wrong = np.bincount(y[labels != y], minlength=len(n_of_class))
    occurs = n_of_class > 0
    return float(np.mean(n_wrong[occurs] / n_of_class[occurs]))


def macro_f1(labels: NDArray[np.int64], y: NDArray[np.int64]) -> float:
    """Return the mean over the classes of F1 = 2 TP / (2 TP + FP + FN), 1 where all is right.

    The classes are those that occur in y or are some example's label, as in scikit-learn; each of them
    has a denominator above 0.

    Parameters
    ----------
    labels, y
        Class indices, predicted and true (n_examples,).
    """
    n_classes = 1 + max(labels.max(), y.max())
    n_right = np.bincount(y[labels == y], minlength=n_classes)
    n_either = np.bincount(y, minlength=n_classes) + np.bincount(labels, minlength=n_classes)
    occurs = n_either > 0
    return float(np.mean(2 * n_right[occurs] / n_either[occurs]))


def roc_auc(probabilities: NDArray[np.floating], y: NDArray[np.int64]) -> float:
    """Return the area under the receiver operating characteristic: how well the probabilities rank.

    It is the chance that an example of a class is given a higher probability of that class than an example
    of another, an equal one counting one half (Mann and Whitney's U). Of two classes it is that of class 1;
    of more, the mean of each class against the rest, over the classes that occur in y and do not fill it.
    Where y has one class alone there is nothing to rank, and it is 0.5, as for a coin.

    Parameters
    ----------
    probabilities
        (n_examples, n_classes).
    y
        Class indices (n_examples,).

    References
    ----------
    Fawcett, 2006, "An introduction to ROC analysis", sections 7 and 9.
    """
    n_of_class = np.bincount(y, minlength=probabilities.shape[1])
    ranked = np.flatnonzero((n_of_class > 0) & (n_of_class < len(y)))
    if len(ranked) == 0:
        return NO_RANKING
    if len(n_of_class) == 2:
        ranked = ranked[1:]
    return float(np.mean([_area(probabilities[:, label], y == label) for label in ranked]))


def _area(scores: NDArray[np.floating], is_own: NDArray[np.bool_]) -> float:
    """Return the area for one class, from counts of pairs: whole numbers, whatever the order of examples."""
    own, others = np.sort(scores[is_own]), np.sort(scores[~is_own])
    n_below = int(np.searchsorted(others, own, "left").sum(dtype=np.int64))
    n_not_above = int(np.searchsorted(others, own, "right").sum(dtype=np.int64))
    return (n_below + n_not_above) / (2 * len(own) * len(others))


def calibration_error(probabilities: NDArray[np.floating], y: NDArray[np.int64]) -> float:
    """Return the expected calibration error: how far confidence is from the share that is right.

    Sum over bins of (n_bin / n) * |accuracy of the bin - mean confidence of the bin|; an example's confidence
    is the probability of its most probable class, and bin k of `N_BINS` holds confidences in
    ((k - 1) / N_BINS, k / N_BINS].

    Parameters
    ----------
    probabilities
        (n_examples, n_classes).
    y
        Class indices (n_examples,).

    References
    ----------
    Guo et al., 2017, "On calibration of modern neural networks", equation 3.
    """
    predicted = np.argmax(probabilities, axis=1)
    confidence = probabilities[np.arange(len(y)), predicted].astype(np.float64)
    with np.errstate(invalid="ignore"):  # a NaN falls into any bin, and makes the sum NaN
        bins = np.ceil(confidence * N_BINS).astype(np.int64) - 1
    surplus = np.bincount(np.clip(bins, 0, N_BINS - 1), weights=confidence - (predicted == y))
    return float(np.abs(surplus).sum()) / len(y)
