"""Regularization of the weights: penalties, their gradients, and steps that act on the weights themselves.

Biases, gains, scales and shares are left alone. m is always the number of TRAIN examples: dividing by a
batch's own size instead would make lambda mean another strength at every batch size, and a search over both
would compare unlike things.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

PART_SIZE = 16_384
"""Weights that a penalty is summed over together: what is made of them takes 128 KiB."""


def l1_penalty(weights: Floats, l1_lambda: float, *, n_train: int) -> float:
    """Return (lambda / m) * sum |W| over all weights, summed in float64."""
    if not l1_lambda:
        return 0.0
    return l1_lambda / n_train * sum(float(np.sum(np.abs(W), dtype=np.float64)) for W in _parts(weights))


def l2_penalty(weights: Floats, l2_lambda: float, *, n_train: int) -> float:
    """Return (lambda / 2m) * sum W**2 over all weights, summed in float64."""
    if not l2_lambda:
        return 0.0
    squares = sum(float(np.sum(np.square(W, dtype=np.float64))) for W in _parts(weights))
    return l2_lambda / (2 * n_train) * squares


def add_l1_gradient(
    weights: Floats, l1_lambda: float, *, n_train: int, gradient: Floats, scratch: Floats
) -> None:
    """Add (lambda / m) * sign(W) to the gradient in place; 0, of the subgradients, where W = 0.

    Parameters
    ----------
    weights, gradient, scratch
        Weights, the cost's gradient by them, and room to compute in: (n_weights,) each.
    l1_lambda
        Regularization strength.
    n_train
        Number of train examples, m.
    """
    np.sign(weights, out=scratch)
    np.multiply(scratch, l1_lambda / n_train, out=scratch)
    np.add(gradient, scratch, out=gradient)


def add_l2_gradient(
    weights: Floats, l2_lambda: float, *, n_train: int, gradient: Floats, scratch: Floats
) -> None:
    """Add (lambda / m) * W to the gradient in place.

    With plain SGD a step then is W <- (1 - learning_rate * lambda / m) W - learning_rate * dW, "weight
    decay"; with the other optimizers it passes through their running averages like any gradient.

    Parameters
    ----------
    weights, gradient, scratch
        Weights, the cost's gradient by them, and room to compute in: (n_weights,) each.
    l2_lambda
        Regularization strength.
    n_train
        Number of train examples, m.
    """
    np.multiply(weights, l2_lambda / n_train, out=scratch)
    np.add(gradient, scratch, out=gradient)


def shrink_towards_zero(weights: Floats, amount: float, *, scratch: Floats) -> None:
    """Overwrite W with sign(W) * max(|W| - amount, 0): L1 by a step that leaves exact zeros.

    With amount = learning_rate * lambda / m after a step of plain SGD it is proximal gradient descent on the
    cost with L1 (Daubechies, Defrise and De Mol 2004, "An iterative thresholding algorithm for linear inverse
    problems", eq. 1.11). After the steps of other optimizers the amount is the same: decoupled from their
    running averages, as AdamW's weight decay is. The learning rate is that of the layer: see `layer_factor`.

    Parameters
    ----------
    weights, scratch
        Weights, and room to compute in: (n_weights,) each.
    amount
        How much each weight shrinks, at most to 0.
    """
    np.clip(weights, -amount, amount, out=scratch)
    np.subtract(weights, scratch, out=weights)


def bound_norms(W: Floats, max_norm: float, *, scratch: Floats, factors: Floats) -> None:
    """Shorten each unit's vector of incoming weights, a column of W, to at most max_norm.

    Srebro and Shraibman 2005, "Rank, Trace-Norm and Max-Norm"; Srivastava et al. 2014, section 5.1.

    Parameters
    ----------
    W, scratch
        Weights, and room to compute in: (n_in, n_out) each.
    max_norm
        The longest that a vector may be.
    factors
        Room to compute in (n_out,).
    """
    np.multiply(W, W, out=scratch)
    np.add.reduce(scratch, axis=0, out=factors)
    np.sqrt(factors, out=factors)
    if not np.isfinite(factors).all():  # squares beyond float32
        factors[:] = np.linalg.norm(W.astype(np.float64), axis=0)
    np.maximum(factors, max_norm, out=factors)
    np.divide(max_norm, factors, out=factors)
    np.multiply(W, factors, out=W)


def zero_share(weights: Floats) -> float:
    """Return the share of weights that are exactly 0."""
    return 1 - int(np.count_nonzero(weights)) / len(weights)


def _parts(weights: Floats) -> Iterator[Floats]:
    """Cut weights (n_weights,) so that what is made of a part is small."""
    return (weights[start : start + PART_SIZE] for start in range(0, len(weights), PART_SIZE))
