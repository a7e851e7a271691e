"""One network's training, an epoch at a time: a pure function of (data, hyperparameters, seed)."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_spaces.hyperparameters import Hyperparameters
from workers.activations import ACTIVATION_FUNCTIONS
from workers.early_stopping import EarlyStopping
from workers.gradient_descent import GradientDescent
from workers.initialization import draw_weights
from workers.losses import LOSSES
from workers.messages import EpochMetrics
from workers.metrics import error
from workers.network import Network, layer_sizes, parameter_count
from workers.prediction import BLOCK_SIZE, predict_in_blocks
from workers.schedules import learning_rate_factor
from workers.train_dev_data import Task, TrainDevData


class DivergedError(ArithmeticError):
    """Training left the finite numbers: this trial has failed, with the reason in the message."""


class Training:
    """A network, what trains it, and the best epoch so far. Buffers are made here; a step allocates none.

    The data are only read, so they may lie in memory that cannot be written. The train set is copied once,
    into a buffer that each epoch fills in a new order: a mini-batch then is a plain slice.

    Parameters
    ----------
    data
        Train and dev set.
    hyperparameters
        The point to train.
    seed
        Source of initialization, shuffling and dropout, a stream for each: with another keep-prob the
        weights still start, and the examples still come, the same.
    max_epochs
        The most epochs to run; the learning-rate schedule spans them.
    patience
        Epochs without improvement on the dev set before `should_stop`.

    Raises
    ------
    ValueError
        `max_epochs` or `patience` below 1.
    """

    def __init__(
        self,
        data: TrainDevData,
        hyperparameters: Hyperparameters,
        *,
        seed: int,
        max_epochs: int,
        patience: int,
    ) -> None:
        if max_epochs < 1:
            raise ValueError(f"max_epochs needs at least 1 epoch, got {max_epochs}")
        self._data, self._hyperparameters = data, hyperparameters
        self._max_epochs = max_epochs
        self._stopping = EarlyStopping(patience)
        init, shuffle, dropout = np.random.SeedSequence(seed).spawn(3)

        n_train, n_features = data.X_train.shape
        sizes = layer_sizes(hyperparameters, n_features=n_features, n_outputs=data.n_outputs)
        activation = ACTIVATION_FUNCTIONS[hyperparameters.activation]
        self._parameters = np.zeros(parameter_count(sizes), np.float32)
        self._batch_size = min(hyperparameters.batch_size, n_train)
        network = Network(sizes, activation, self._parameters, largest_batch=self._batch_size)
        with np.errstate(over="ignore"):  # an absurd deviation is told as divergence
            draw_weights(
                network.weights,
                hyperparameters.init_scheme,
                init_deviation=hyperparameters.init_deviation,
                rng=np.random.default_rng(init),
            )
        self._best_parameters = self._parameters.copy()
        self._loss = LOSSES[data.task]
        self._descent = GradientDescent(
            network,
            self._loss,
            hyperparameters,
            n_train=n_train,
            bits=np.random.SFC64(dropout),  # the fastest that NumPy has
        )
        self._evaluation = Network(sizes, activation, self._parameters, largest_batch=BLOCK_SIZE)

        self._shuffling = np.random.default_rng(shuffle)
        self._order = np.arange(n_train)
        self._X = np.empty_like(data.X_train, order="C")
        self._y = np.empty_like(data.y_train)
        self._targets = np.empty((n_train, data.n_outputs), np.float32)
        self._predictions = np.empty((n_train, data.n_outputs), np.float32)
        self._dev_predictions = np.empty((len(data.X_dev), data.n_outputs), np.float32)

    @property
    def epochs(self) -> int:
        """Epochs run to their end."""
        return self._stopping.epochs

    @property
    def best_epoch(self) -> int:
        """Epoch with the lowest dev metric, counted from 1; 0 before the first."""
        return self._stopping.best_epoch

    @property
    def best_metric(self) -> float:
        """The dev metric after the best epoch; infinite before the first."""
        return self._stopping.best_metric

    @property
    def best_parameters(self) -> NDArray[np.float32]:
        """A copy of the best epoch's weights and biases (n_parameters,); before the first, the initial."""
        return self._best_parameters.copy()

    @property
    def should_stop(self) -> bool:
        """Whether patience is used up or `max_epochs` is reached."""
        return self._stopping.patience_is_used_up or self.epochs >= self._max_epochs

    def run_epoch(self) -> EpochMetrics:
        """Show the network every train example once, then judge it on the dev set.

        Raises
        ------
        DivergedError
            A loss, a metric or a parameter is NaN or infinite; the epoch does not count as run. (A gradient
            that is not finite leaves parameters that are not.)
        RuntimeError
            All `max_epochs` have been run.
        """
        if self.epochs >= self._max_epochs:
            raise RuntimeError(f"all of max_epochs = {self._max_epochs} epochs have been run")
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # looked for at the epoch's end
            self._shuffle()
            self._train()
            predict_in_blocks(self._evaluation, self._loss, self._data.X_dev, self._dev_predictions)
            metrics = EpochMetrics(
                *self._figures(self._predictions, self._y),
                *self._figures(self._dev_predictions, self._data.y_dev),
            )
            self._insist_on_finite(metrics)
        if self._stopping.observe(metric=metrics.dev_metric, loss=metrics.dev_loss):
            np.copyto(self._best_parameters, self._parameters)
        return metrics

    def _shuffle(self) -> None:
        self._shuffling.shuffle(self._order)
        # The mode "clip" changes no valid index; under "raise" NumPy would fill a copy first.
        np.take(self._data.X_train, self._order, axis=0, out=self._X, mode="clip")
        np.take(self._data.y_train, self._order, out=self._y, mode="clip")
        self._loss.encode(self._y, self._targets)

    def _train(self) -> None:
        learning_rate = self._hyperparameters.learning_rate * learning_rate_factor(
            self._hyperparameters.learning_rate_schedule,
            epoch=self.epochs + 1,
            max_epochs=self._max_epochs,
        )
        for start in range(0, len(self._X), self._batch_size):
            batch = slice(start, start + self._batch_size)
            self._descent.step(
                self._X[batch],
                self._targets[batch],
                learning_rate=learning_rate,
                predictions=self._predictions[batch],
            )

    def _figures(self, predictions: NDArray[np.float32], y: NDArray[Any]) -> tuple[float, float]:
        loss = self._loss.mean(predictions, y)
        if self._data.task is Task.REGRESSION:
            return loss, math.sqrt(loss) * self._data.target_deviation
        return loss, error(predictions, y)

    def _insist_on_finite(self, metrics: EpochMetrics) -> None:
        figures = {
            "the train loss": metrics.train_loss,
            "the train metric": metrics.train_metric,
            "the dev loss": metrics.dev_loss,
            "the dev metric": metrics.dev_metric,
            "a weight": float(max(np.max(self._parameters), -np.min(self._parameters))),
        }
        for name, value in figures.items():
            if not math.isfinite(value):
                raise DivergedError(
                    f"diverged in epoch {self.epochs + 1}: {name} became {value} "
                    f"(learning rate {self._hyperparameters.learning_rate})"
                )
