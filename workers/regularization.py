"""L1 and L2 regularization: what they add to the cost, and to its gradient. Biases are left alone.

m is always the number of TRAIN examples. Dividing by a batch's own size instead would make lambda mean
another strength at every batch size, and a search over both would compare unlike things.
"""

import numpy as np
from numpy.typing import NDArray


def l1_penalty(weights: NDArray[np.floating], l1_lambda: float, *, n_train: int) -> float:
    """Return (lambda / m) * sum |W| over all weights, summed in float64."""
    return l1_lambda / n_train * float(np.sum(np.abs(weights), dtype=np.float64))


def l2_penalty(weights: NDArray[np.floating], l2_lambda: float, *, n_train: int) -> float:
    """Return (lambda / 2m) * sum W**2 over all weights, summed in float64."""
    return l2_lambda / (2 * n_train) * float(np.sum(np.square(weights, dtype=np.float64)))


def add_l1_gradient(
    weights: NDArray[np.floating],
    l1_lambda: float,
    *,
    n_train: int,
    gradient: NDArray[np.floating],
    scratch: NDArray[np.floating],
) -> None:
    """Add (lambda / m) * sign(W) to the gradient in place; 0, of the subgradients, where W = 0.

    Parameters
    ----------
    weights, gradient, scratch
        All weights, the cost's gradient by them, and room to compute in: (n_weights,) each.
    l1_lambda
        Regularization strength.
    n_train
        Number of train examples, m.
    """
    np.sign(weights, out=scratch)
    np.multiply(scratch, l1_lambda / n_train, out=scratch)
    np.add(gradient, scratch, out=gradient)


def add_l2_gradient(
    weights: NDArray[np.floating],
    l2_lambda: float,
    *,
    n_train: int,
    gradient: NDArray[np.floating],
    scratch: NDArray[np.floating],
) -> None:
    """Add (lambda / m) * W to the gradient in place.

    With plain SGD a step then is W <- (1 - learning_rate * lambda / m) W - learning_rate * dW, "weight
    decay"; with the other optimizers it passes through their running averages like any gradient.

    Parameters
    ----------
    weights, gradient, scratch
        All weights, the cost's gradient by them, and room to compute in: (n_weights,) each.
    l2_lambda
        Regularization strength.
    n_train
        Number of train examples, m.
    """
    np.multiply(weights, l2_lambda / n_train, out=scratch)
    np.add(gradient, scratch, out=gradient)
