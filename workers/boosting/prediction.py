"""Predictions of boosted trees from their arrays alone."""

import numpy as np
from numpy.typing import NDArray

from workers.boosting.trees import Trees, add_predictions
from workers.denormals import denormals_as_zero
from workers.messages import State
from workers.seen_classes import CLASSES, predictions_of

BASELINE = "baseline"
"""Name of a state's raw scores without a tree, float64 (n_raw,); the trees' arrays have their own names."""


def predict(state: State, X: NDArray[np.float32], *, n_outputs: int) -> NDArray[np.float32]:
    """Return trained trees' predictions, each row's the same to the last bit in whatever company.

    Parameters
    ----------
    state
        What a learner kept.
    X
        Features as the train set has them (n_examples, n_features).
    n_outputs
        Number of classes, or 1.

    Returns
    -------
    predictions
        Probabilities (n_examples, n_outputs), or standardised predictions (n_examples, 1).
    """
    raw = np.repeat(state[BASELINE][:, np.newaxis], len(X), axis=1)
    with denormals_as_zero():
        add_predictions(Trees.of_state(state), X, raw)
    return predictions_of(raw, state.get(CLASSES), n_outputs=n_outputs)
