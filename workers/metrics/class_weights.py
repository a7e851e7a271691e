"""How much each class counts, between as it occurs and as much as every other."""

import numpy as np
from numpy.typing import NDArray


def class_weights(class_counts: NDArray[np.int64], balance: float) -> NDArray[np.float64]:
    """Return a weight a class, proportional to (1 / its share of the examples)**balance (n_classes,).

    Their mean over the examples is 1, so that a learning rate means the same with and without them. A class
    without examples weighs as one with a single example. With a balance of 1 each class weighs as much as
    every other, in all (King and Zeng 2001, "Logistic Regression in Rare Events Data", section 4.2).

    Parameters
    ----------
    class_counts
        Examples of each class (n_classes,).
    balance
        From 0, where all weights are 1, to 1.
    """
    weights = np.maximum(class_counts, 1).astype(np.float64) ** -balance
    normalized: NDArray[np.float64] = weights * (class_counts.sum() / np.dot(weights, class_counts))
    return normalized
