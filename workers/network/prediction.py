"""Predictions for any number of examples, each the same to the last bit in whatever company it comes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from search_spaces.network.point import NetworkPoint
from workers.denormals import denormals_as_zero
from workers.network.architecture import architecture_of
from workers.network.losses import Loss, make_loss
from workers.network.prediction_pass import PredictionPass
from workers.train_dev_data import Task


def predict_into(
    prediction_pass: PredictionPass, loss: Loss, X: NDArray[np.floating], out: NDArray[np.floating]
) -> None:
    """Write the predictions for X into out, without dropout.

    Callers take denormal numbers for 0, as training and `predict` do, so that both predict the same.

    Parameters
    ----------
    prediction_pass
        Of the network.
    loss
        Its output function makes predictions of the last layer's pre-activations.
    X
        (n_examples, n_features).
    out
        (n_examples, n_outputs).
    """
    # The output function is elementwise, or goes over each row in one order: it has no need of margins.
    Z = out if loss.n_units == out.shape[1] else np.empty((len(X), loss.n_units), out.dtype)
    prediction_pass.run(X, Z)
    loss.predict(Z, out)


def predict(  # noqa: PLR0913 - a network, what it reads, and what is asked of it
    parameters: NDArray[np.floating],
    hyperparameters: NetworkPoint,
    X: NDArray[np.floating],
    *,
    task: Task,
    n_outputs: int,
    numeric_features: Sequence[int] | None = None,
) -> NDArray[np.floating]:
    """Return a trained network's predictions.

    A row's are the same to the last bit in whatever company it comes, given one BLAS thread: several divide a
    product among them, by its size.

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
    numeric_features
        As in `TrainDevData`; read where numbers are embedded.

    Returns
    -------
    predictions
        Probabilities (n_examples, n_classes), or standardised predictions (n_examples, n_outputs), in the
        parameters' type.

    Raises
    ------
    ValueError
        The parameters are not as many as these hyperparameters and features make, or there are no such
        features.
    """
    loss = make_loss(hyperparameters, task=task, n_outputs=n_outputs, dtype=parameters.dtype.type)
    architecture = architecture_of(
        hyperparameters, n_features=X.shape[1], n_units=loss.n_units, numeric_features=numeric_features
    )
    prediction_pass = PredictionPass(architecture, parameters, n_examples=len(X))
    predictions = np.empty((len(X), n_outputs), parameters.dtype)
    with denormals_as_zero():
        predict_into(prediction_pass, loss, X.astype(parameters.dtype, copy=False), predictions)
    return predictions
