"""Predictions for any number of examples, each the same to the last bit in whatever company it comes."""

import numpy as np
from numpy.typing import NDArray

from search_spaces.hyperparameters import Hyperparameters
from workers.architecture import architecture_of
from workers.denormals import denormals_as_zero
from workers.losses import Loss, make_loss
from workers.network import Network
from workers.train_dev_data import Task

BLOCK_SIZE = 128
"""Examples computed together. A row of a matrix product depends, in its last bits, on how many rows are
multiplied at once; so that number is always this one."""


def predict_in_blocks(
    network: Network, loss: Loss, X: NDArray[np.floating], out: NDArray[np.floating]
) -> None:
    """Write the predictions for X into out, `BLOCK_SIZE` examples at a time, without dropout.

    Denormal numbers count as 0, as they do in training, so that both predict the same.

    Parameters
    ----------
    network
        Its largest batch must be `BLOCK_SIZE` at least.
    loss
        Its output function makes predictions of the last layer's pre-activations.
    X
        (n_examples, n_features).
    out
        (n_examples, n_outputs).
    """
    n_examples, n_features = X.shape
    n_whole = n_examples - n_examples % BLOCK_SIZE
    # The output function is elementwise, or goes over each row in one order, so it may have all rows at once.
    Z = out if loss.n_units == out.shape[1] else np.empty((n_examples, loss.n_units), out.dtype)
    with denormals_as_zero():
        for start in range(0, n_whole, BLOCK_SIZE):
            block = slice(start, start + BLOCK_SIZE)
            np.copyto(Z[block], network.forward(X[block]))
        if n_whole < n_examples:
            padded = np.zeros((BLOCK_SIZE, n_features), X.dtype)
            padded[: n_examples - n_whole] = X[n_whole:]
            np.copyto(Z[n_whole:], network.forward(padded)[: n_examples - n_whole])
        loss.predict(Z, out)


def predict(
    parameters: NDArray[np.floating],
    hyperparameters: Hyperparameters,
    X: NDArray[np.floating],
    *,
    task: Task,
    n_outputs: int,
) -> NDArray[np.floating]:
    """Return a trained network's predictions.

    Parameters
    ----------
    parameters
        Weights, biases and the rest (n_parameters,), as training left them.
    hyperparameters
        Those that the network was trained with.
    X
        Features, normalised as the train set was (n_examples, n_features).
    task, n_outputs
        What is predicted; the number of classes, or of targets.

    Returns
    -------
    predictions
        Probabilities (n_examples, n_classes), or standardised predictions (n_examples, n_outputs), in the
        parameters' type.

    Raises
    ------
    ValueError
        The parameters are not as many as these hyperparameters and features make.
    """
    loss = make_loss(hyperparameters, task=task, n_outputs=n_outputs, dtype=parameters.dtype.type)
    architecture = architecture_of(hyperparameters, n_features=X.shape[1], n_units=loss.n_units)
    network = Network(architecture, parameters, largest_batch=BLOCK_SIZE)
    predictions = np.empty((len(X), n_outputs), parameters.dtype)
    predict_in_blocks(network, loss, X.astype(parameters.dtype, copy=False), predictions)
    return predictions
