"""Predictions of linear models, each example's bits its own.

A matrix product adds up an entry in an order that depends on its place. So scores are added up one feature
after the other, for many examples at once: that is elementwise.
"""

import numpy as np
from numpy.typing import NDArray

from workers.denormals import denormals_as_zero
from workers.messages import State
from workers.seen_classes import CLASSES, predictions_of

COEFFICIENTS, INTERCEPTS = "coefficients", "intercepts"
"""Names of a state's arrays: float64 (n_raw, n_features), float64 (n_raw,)."""

EXAMPLES_AT_ONCE = 4096


def predict(state: State, X: NDArray[np.float32], *, n_outputs: int) -> NDArray[np.float32]:
    """Return a fitted model's predictions, each row's the same to the last bit in whatever company.

    Denormal numbers count as 0, as they do in training.

    Parameters
    ----------
    state
        What a learner kept.
    X
        Features, prepared as the train set was (n_examples, n_features).
    n_outputs
        Number of classes, or of targets.

    Returns
    -------
    predictions
        Probabilities, or standardised predictions (n_examples, n_outputs).
    """
    predictions = np.empty((len(X), n_outputs), np.float32)
    with denormals_as_zero():
        for start in range(0, len(X), EXAMPLES_AT_ONCE):
            rows = slice(start, start + EXAMPLES_AT_ONCE)
            raw = raw_scores(state[COEFFICIENTS], state[INTERCEPTS], X[rows])
            predictions[rows] = predictions_of(raw, state.get(CLASSES), n_outputs=n_outputs)
    return predictions


def raw_scores(
    coefficients: NDArray[np.float64], intercepts: NDArray[np.float64], X: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return intercepts + coefficients @ X.T, an example a column (n_raw, n_examples)."""
    raw = np.repeat(intercepts[:, np.newaxis], len(X), axis=1)
    product = np.empty_like(raw)
    for of_feature, x in zip(coefficients.T, X.T.astype(np.float64), strict=True):
        np.multiply(of_feature[:, np.newaxis], x, out=product)
        np.add(raw, product, out=raw)
    return raw
