"""What training minimizes, without regularization: softmax cross-entropy or mean squared error.

A loss belongs to a task, and with it the output layer's function, so that both gradients have one form.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.metrics import log_loss, mean_squared_error
from workers.train_dev_data import Task


@dataclass(frozen=True, slots=True)
class Loss:
    """The output layer's function and the loss J, the mean over the examples.

    Attributes
    ----------
    predict
        `predict(Z, out)` writes predictions (n_examples, n_outputs) from the output layer's
        pre-activations Z of the same shape; Z may be overwritten.
    encode
        `encode(y, out)` writes the targets (n_examples, n_outputs) that predictions should equal.
    mean
        `mean(predictions, y)` is J, in float64.
    slope
        dJ/dZ = slope * (predictions - targets) / n_examples: 1 for softmax cross-entropy, as exp and log
        cancel, and 2 for the mean squared error.
    """

    predict: Callable[[NDArray[np.floating], NDArray[np.floating]], None]
    encode: Callable[[NDArray[Any], NDArray[np.floating]], None]
    mean: Callable[[NDArray[np.floating], NDArray[Any]], float]
    slope: float

    def differentiate(
        self,
        predictions: NDArray[np.floating],
        targets: NDArray[np.floating],
        out: NDArray[np.floating],
    ) -> None:
        """Write dJ/dZ (n_examples, n_outputs) of these examples' own mean loss."""
        np.subtract(predictions, targets, out=out)
        np.multiply(out, self.slope / len(out), out=out)


def softmax(Z: NDArray[np.floating], out: NDArray[np.floating]) -> None:
    """Write exp(Z) / sum exp(Z), over each row, into out; both (n_examples, n_classes). Z is overwritten.

    A row's maximum is subtracted first, which changes nothing but that exp cannot overflow.
    """
    column = out[:, :1]  # room for one number a row, until the result needs it
    np.maximum.reduce(Z, axis=1, keepdims=True, out=column)
    np.subtract(Z, column, out=Z)
    np.exp(Z, out=Z)
    np.add.reduce(Z, axis=1, keepdims=True, out=column)
    np.divide(Z, column, out=Z)
    np.copyto(out, Z)


def one_hot(y: NDArray[Any], out: NDArray[np.floating]) -> None:
    """Write 1 where a column is the class index in y (n_examples,), 0 elsewhere, into out."""
    out.fill(0)
    out[np.arange(len(y)), y] = 1


def identity(Z: NDArray[np.floating], out: NDArray[np.floating]) -> None:
    """Write Z into out; both (n_examples, 1)."""
    np.copyto(out, Z)


def one_column(y: NDArray[Any], out: NDArray[np.floating]) -> None:
    """Write y (n_examples,) into out (n_examples, 1)."""
    np.copyto(out[:, 0], y, casting="same_kind")


def mean_squared_error_of_column(predictions: NDArray[np.floating], y: NDArray[Any]) -> float:
    """Return the mean squared error of predictions (n_examples, 1) against y (n_examples,)."""
    return mean_squared_error(predictions[:, 0], y)


LOSSES: Mapping[Task, Loss] = {
    Task.CLASSIFICATION: Loss(predict=softmax, encode=one_hot, mean=log_loss, slope=1.0),
    Task.REGRESSION: Loss(predict=identity, encode=one_column, mean=mean_squared_error_of_column, slope=2.0),
}
"""Each task's loss."""
