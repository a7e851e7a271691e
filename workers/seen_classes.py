"""Classes for models that know only those of their train set: weights, and probabilities from raw scores.

Such a model has a raw score a class that it has seen, or a single one where those are two: the log odds of
the second. What it learned with class weights w has them taken off again, so that its probabilities are the
classes' own: p is proportional to q / w, where q is what it was fitted to.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from workers.denormals import denormals_as_zero
from workers.failures import TrainingFailedError
from workers.metrics.class_weights import class_weights

CLASSES = "classes"
"""Name in a state of the indices of the classes seen, int64 (n_seen,); not there in regression."""


class SeenClasses:
    """The classes that a train set has, and how much each counts.

    Parameters
    ----------
    class_counts
        Train examples of each class (n_classes,), 0 for one that is not there.
    balance
        As of `class_weights`.
    """

    def __init__(self, class_counts: NDArray[np.int64], balance: float) -> None:
        self._weights = class_weights(class_counts, balance)
        self.classes = np.flatnonzero(class_counts).astype(np.int64)
        """Indices of the classes seen, ascending (n_seen,)."""
        self._is_weighted = bool(np.any(self._weights[self.classes] != 1))

    def insist_on_two(self) -> None:
        """Refuse what has nothing to tell apart.

        Raises
        ------
        TrainingFailedError
            The train set has examples of one class alone.
        """
        if len(self.classes) < 2:
            raise TrainingFailedError("the train set has examples of one class alone")

    def sample_weights(self, y: NDArray[Any]) -> NDArray[np.float64] | None:
        """Return the weight of each class in y (n_examples,), their mean 1; None where all count alike."""
        return self._weights[y.astype(np.int64, copy=False)] if self._is_weighted else None

    @property
    def offsets(self) -> NDArray[np.float64]:
        """What weights added to the raw scores (n_raw,), to be subtracted."""
        logs = np.log(self._weights[self.classes])
        return logs[1:] - logs[:1] if len(logs) == 2 else logs


def predictions_of(
    raw: NDArray[np.float64], classes: NDArray[np.int64] | None, *, n_outputs: int
) -> NDArray[np.float32]:
    """Return predictions (n_examples, n_outputs) of raw scores, an example a column (n_raw, n_examples).

    Without classes the scores are the predictions. Denormal numbers count as 0, as they do in training.
    """
    with denormals_as_zero():
        if classes is None:
            return raw.T.astype(np.float32)
        return probabilities(raw, classes, n_outputs=n_outputs)


def probabilities(
    raw: NDArray[np.float64], classes: NDArray[np.int64], *, n_outputs: int
) -> NDArray[np.float32]:
    """Return probabilities of raw scores: an example's depend on its own scores alone, to the last bit.

    Parameters
    ----------
    raw
        Scores, an example a column (n_raw, n_examples).
    classes
        Indices of the classes seen (n_seen,).
    n_outputs
        Number of classes; one that was not seen has the probability 0.

    Returns
    -------
    probabilities
        (n_examples, n_outputs).
    """
    found = np.zeros((raw.shape[1], n_outputs), np.float32)
    if len(raw) == 1:
        found[:, classes[0]], found[:, classes[1]] = expit(-raw[0]), expit(raw[0])
        return found
    found[:, classes] = softmax(raw).T
    return found


def softmax(raw: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return exp(raw) / sum exp(raw) over each column (n_raw, n_examples), each column by itself.

    The sum goes through the classes in their order: NumPy's own, over an axis, takes another for one column.
    """
    odds: NDArray[np.float64] = np.exp(raw - raw.max(axis=0))
    total = np.zeros(raw.shape[1])
    for of_class in odds:
        total += of_class
    return odds / total
