"""What training minimizes, without regularization: J, the mean over the examples of each one's loss.

A loss brings the output layer's function with it, since only together have they a simple gradient. Targets
are encoded before a step, as the rows T (n_examples, n_outputs) that J and its gradient are written in: label
smoothing and class weights are in T already, and since both are linear in T, examples can be mixed.

Class weights multiply the odds that minimize J. So J is not of the network's probabilities p, but of weighted
ones, q_k = w_k p_k / sum_j w_j p_j: the network that minimizes J then predicts the classes' probabilities as
they are, whatever the weights (Menon et al. 2021, "Long-tail learning via logit adjustment", section 4). Only
training sees q.

The loss that dev sets are judged by is `metrics`' own, without smoothing or weights: those of two trials can
be compared, whatever they were trained with.
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from search_spaces.network.point import LossName, NetworkPoint
from workers.metrics.class_weights import class_weights
from workers.metrics.classification_metrics import SMALLEST_PROBABILITY
from workers.train_dev_data import Task

Floats = NDArray[np.floating]


class Loss(Protocol):
    """The output layer's function and the loss J.

    Attributes
    ----------
    n_units
        Units of the output layer.
    initial_bias
        The output layer's biases before the first step (n_units,).
    """

    n_units: int
    initial_bias: NDArray[np.float64]

    def predict(self, Z: Floats, out: Floats) -> None:
        """Write predictions (n_examples, n_outputs) of Z (n_examples, n_units), overwritten; Z may be out."""

    def predict_weighted(self, Z: Floats, out: Floats) -> None:
        """Write what J is of: predictions with the odds that the class weights give them; as `predict`."""

    def encode(self, y: NDArray[Any], out: Floats) -> None:
        """Write the targets T of y: class indices (n_examples,), or numbers (n_examples, n_outputs)."""

    def differentiate(self, predictions: Floats, targets: Floats, out: Floats) -> None:
        """Write dJ/dZ (n_examples, n_units) of these examples' own mean loss; predictions are weighted."""

    def total(self, predictions: Floats, targets: Floats) -> float:
        """Return the sum of the examples' losses, in float64; predictions are weighted."""


class SoftmaxCrossEntropy:
    """For classes: p = softmax(Z), q = softmax(Z + log w), J = -mean sum T log q, dJ/dZ = (t q - T) / n.

    w are the class weights, and t the row sums of T. A row of T is w * ((1 - s) * [own class] + s * r), with
    s the label smoothing, and r the classes' shares of the train set, weighted. As if a share s of the labels
    were drawn from the train set anew, a rare class keeps its mean probability (Pereyra et al. 2017,
    "Regularizing neural networks by penalizing confident output distributions", section 3.2). Were they drawn
    evenly (Szegedy et al. 2016, "Rethinking the Inception Architecture", section 7), it would gain some.

    J is divided by the number of examples, where PyTorch divides by the sum of their weights: a mini-batch
    with more of a rare class is to move the network further, not equally far.

    The biases begin at -log w, so that q is even where Z is 0 without them.

    Parameters
    ----------
    class_shares
        Of the train set (n_classes,).
    class_weights
        (n_classes,), above 0; their mean over the train set is 1.
    label_smoothing
        s, in [0, 1).
    dtype
        What is computed in.
    """

    def __init__(
        self,
        class_shares: NDArray[np.float64],
        class_weights: NDArray[np.float64],
        label_smoothing: float,
        *,
        dtype: type[np.floating],
    ) -> None:
        n_classes = len(class_weights)
        self.n_units = n_classes
        rows = (1 - label_smoothing) * np.eye(n_classes) + label_smoothing * (class_shares * class_weights)
        self._rows = (class_weights[:, np.newaxis] * rows).astype(dtype)
        self._is_weighted = bool(np.any(class_weights != 1))
        self._log_weights = np.log(class_weights).astype(dtype)
        self.initial_bias = np.log(1 / class_weights)
        self._ones = np.ones((n_classes, 1), dtype)
        self._factor = np.empty((), dtype)  # an array, as the numbers in `optimizers` are
        self._scratch: dict[int, tuple[Floats, Floats]] = {}

    def predict(self, Z: Floats, out: Floats) -> None:
        """Write exp(Z) / sum exp(Z) over each row. A row's maximum is subtracted first: exp cannot overflow.

        It is computed transposed: a few classes are too short an axis to go along. A single example gets a
        second beside it, as NumPy adds up a single column in another order.
        """
        n_examples = len(Z)
        if n_examples not in self._scratch:  # few sizes ever come: mini-batch, last mini-batch, dev set
            n_columns = max(n_examples, 2)
            self._scratch[n_examples] = (
                np.zeros((self.n_units, n_columns), Z.dtype),
                np.empty(n_columns, Z.dtype),
            )
        columns, row = self._scratch[n_examples]
        own = columns[:, :n_examples]
        own.T[...] = Z
        np.maximum.reduce(columns, axis=0, out=row)
        columns -= row
        np.exp(columns, out=columns)
        np.add.reduce(columns, axis=0, out=row)
        np.divide(own, row[:n_examples], out=out.T)

    def predict_weighted(self, Z: Floats, out: Floats) -> None:
        """Write q; Z (n_examples, n_units) is overwritten."""
        if self._is_weighted:
            Z += self._log_weights
        self.predict(Z, out)

    def encode(self, y: NDArray[Any], out: Floats) -> None:
        """Write the rows of T of class indices y (n_examples,)."""
        np.take(self._rows, y, axis=0, out=out, mode="clip")  # "raise" would fill a copy first

    def differentiate(self, predictions: Floats, targets: Floats, out: Floats) -> None:
        """Write (t * q - T) / n_examples."""
        if self._is_weighted:
            np.multiply(predictions, targets.dot(self._ones), out=out)
            predictions = out
        np.subtract(predictions, targets, out=out)
        self._factor[()] = 1 / len(out)
        out *= self._factor

    def total(self, predictions: Floats, targets: Floats) -> float:
        """Return -sum T log q; a q below the smallest normal float32 counts as that, as in the log loss."""
        return _cross_entropy(predictions, targets)


class BinaryCrossEntropy:
    """For two classes by one output unit: p = sigmoid(z) of class 1; J and T as in `SoftmaxCrossEntropy`.

    q = sigmoid(z + log(w_1 / w_0)) of class 1, and dJ/dz = ((T_0 + T_1) q - T_1) / n. One output unit says
    what softmax needs two for.

    Parameters
    ----------
    class_shares, class_weights, label_smoothing, dtype
        As for `SoftmaxCrossEntropy`, of two classes.
    """

    n_units = 1

    def __init__(
        self,
        class_shares: NDArray[np.float64],
        class_weights: NDArray[np.float64],
        label_smoothing: float,
        *,
        dtype: type[np.floating],
    ) -> None:
        self._softmax = SoftmaxCrossEntropy(class_shares, class_weights, label_smoothing, dtype=dtype)
        log_odds = np.log(class_weights[1:] / class_weights[:1])
        self._log_odds = log_odds.astype(dtype) if np.any(class_weights != 1) else None
        self.initial_bias = np.log(class_weights[:1] / class_weights[1:])
        self._factor = np.empty((), dtype)

    def predict(self, Z: Floats, out: Floats) -> None:
        """Write sigmoid(-z) and sigmoid(z): neither is a difference, so small ones keep their digits."""
        expit(Z, out=out[:, 1:])
        np.negative(Z, out=Z)
        expit(Z, out=out[:, :1])

    def predict_weighted(self, Z: Floats, out: Floats) -> None:
        """Write 1 - q and q; Z (n_examples, 1) is overwritten."""
        if self._log_odds is not None:
            Z += self._log_odds
        self.predict(Z, out)

    def encode(self, y: NDArray[Any], out: Floats) -> None:
        """Write the rows of T of class indices y (n_examples,)."""
        self._softmax.encode(y, out)

    def differentiate(self, predictions: Floats, targets: Floats, out: Floats) -> None:
        """Write ((T_0 + T_1) * q_1 - T_1) / n_examples, (n_examples, 1)."""
        np.add(targets[:, :1], targets[:, 1:], out=out)
        out *= predictions[:, 1:]
        out -= targets[:, 1:]
        self._factor[()] = 1 / len(out)
        out *= self._factor

    def total(self, predictions: Floats, targets: Floats) -> float:
        """Return -sum T log q."""
        return _cross_entropy(predictions, targets)


class SquaredError:
    """For numbers: J = mean (p - T)**2 over examples and targets, dJ/dZ = 2 (p - T) / (n * n_outputs)."""

    def __init__(self, n_outputs: int, *, dtype: type[np.floating]) -> None:
        self.n_units = n_outputs
        self.initial_bias = np.zeros(n_outputs)
        self._factor = np.empty((), dtype)

    def predict(self, Z: Floats, out: Floats) -> None:
        """Write Z."""
        np.copyto(out, Z)

    predict_weighted = predict

    def encode(self, y: NDArray[Any], out: Floats) -> None:
        """Write y."""
        np.copyto(out, y, casting="same_kind")

    def differentiate(self, predictions: Floats, targets: Floats, out: Floats) -> None:
        """Write 2 * (p - T) / (n_examples * n_outputs)."""
        np.subtract(predictions, targets, out=out)
        self._factor[()] = 2 / out.size
        out *= self._factor

    def total(self, predictions: Floats, targets: Floats) -> float:
        """Return the sum over examples of the mean of (p - T)**2 over the targets."""
        residuals = np.subtract(predictions, targets, dtype=np.float64).ravel()
        return float(np.dot(residuals, residuals)) / self.n_units


class Huber:
    """For numbers with outliers: r**2 of a residual r within delta, and delta * (2 |r| - delta) beyond.

    Twice the usual form (Huber 1964, "Robust Estimation of a Location Parameter"; PyTorch's has the half), so
    that it is the squared error where no residual reaches delta, and lambda means the same beside both.

    Parameters
    ----------
    n_outputs
        Number of targets.
    delta
        In deviations of the target.
    dtype
        What is computed in.
    """

    def __init__(self, n_outputs: int, delta: float, *, dtype: type[np.floating]) -> None:
        self.n_units = n_outputs
        self.initial_bias = np.zeros(n_outputs)
        self._delta = delta
        self._factor = np.empty((), dtype)

    def predict(self, Z: Floats, out: Floats) -> None:
        """Write Z."""
        np.copyto(out, Z)

    predict_weighted = predict

    def encode(self, y: NDArray[Any], out: Floats) -> None:
        """Write y."""
        np.copyto(out, y, casting="same_kind")

    def differentiate(self, predictions: Floats, targets: Floats, out: Floats) -> None:
        """Write 2 * clip(p - T, -delta, delta) / (n_examples * n_outputs)."""
        np.subtract(predictions, targets, out=out)
        np.clip(out, -self._delta, self._delta, out=out)
        self._factor[()] = 2 / out.size
        out *= self._factor

    def total(self, predictions: Floats, targets: Floats) -> float:
        """Return the sum over examples of their targets' mean loss."""
        residuals = np.abs(np.subtract(predictions, targets, dtype=np.float64))
        within = np.minimum(residuals, self._delta)
        return float(np.sum(within * (2 * residuals - within))) / self.n_units


def make_loss(
    hyperparameters: NetworkPoint,
    *,
    task: Task,
    n_outputs: int,
    class_counts: NDArray[np.int64] | None = None,
    dtype: type[np.floating] = np.float32,
) -> Loss:
    """Return the loss that the hyperparameters name.

    Parameters
    ----------
    hyperparameters
        Loss, label smoothing, class balance and Huber's delta are read.
    task, n_outputs
        What is predicted; the number of classes, or of targets.
    class_counts
        Examples of each class in the train set (n_classes,); needed for training, with a class balance or
        label smoothing, not for predictions.
    dtype
        What is computed in.

    Raises
    ------
    ValueError
        The loss does not suit the task, or is `binary` for other than two classes.
    """
    name = resolved_loss(hyperparameters, task=task, n_outputs=n_outputs)
    if name is LossName.SQUARED_ERROR:
        return SquaredError(n_outputs, dtype=dtype)
    if name is LossName.HUBER:
        return Huber(n_outputs, hyperparameters.huber_delta, dtype=dtype)
    counts = np.ones(n_outputs, np.int64) if class_counts is None else class_counts
    make = BinaryCrossEntropy if name is LossName.BINARY else SoftmaxCrossEntropy
    return make(
        counts / counts.sum(),
        class_weights(counts, hyperparameters.class_balance),
        hyperparameters.label_smoothing,
        dtype=dtype,
    )


def resolved_loss(hyperparameters: NetworkPoint, *, task: Task, n_outputs: int) -> LossName:
    """Return the loss that is used: what `auto` stands for, or the one that is named.

    Raises
    ------
    ValueError
        The loss does not suit the task, or is `binary` for other than two classes.
    """
    name = hyperparameters.loss
    for_classes = (LossName.CROSS_ENTROPY, LossName.BINARY)
    if name is LossName.AUTO:
        return LossName.CROSS_ENTROPY if task is Task.CLASSIFICATION else LossName.SQUARED_ERROR
    if (name in for_classes) != (task is Task.CLASSIFICATION):
        raise ValueError(f"the loss {name} is not for {task}")
    if name is LossName.BINARY and n_outputs != 2:
        raise ValueError(f"the loss {name} is for 2 classes, and there are {n_outputs}")
    return name


def _cross_entropy(predictions: Floats, targets: Floats) -> float:
    logs = np.log(np.maximum(predictions, SMALLEST_PROBABILITY))
    return -float(np.sum(np.multiply(targets, logs), dtype=np.float64))
