"""One network as it learns, an epoch at a time: a pure function of (data, point, seed)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_spaces.network.point import NetworkPoint
from workers.failures import insist_on_finite
from workers.messages import State, TrainingRules
from workers.model_kind import Advance
from workers.network.architecture import architecture_of, embeds_numbers
from workers.network.augmentation.augmentation import Augmentation, is_augmented
from workers.network.gradient_descent import GradientDescent
from workers.network.losses import make_loss
from workers.network.mini_batches import MiniBatches
from workers.network.network import Network
from workers.network.prediction import predict_into
from workers.network.prediction_pass import PredictionPass
from workers.network.regularization import zero_share
from workers.network.schedules import learning_rate_factor, regularization_factor
from workers.network.start import start_network
from workers.network.target_range import TARGET_RANGE, clip_into, clips_predictions, range_of
from workers.network.watching import (
    activation_spreads,
    gradient_spreads,
    insist_on_life,
    insist_on_movement,
)
from workers.train_dev_data import TrainDevData

PARAMETERS = "parameters"
"""Name of the one array that every network's state has: weights, biases and the rest (n_parameters,)."""

NUMERIC_FEATURES = "numeric_features"
"""Name of the array beside it where numbers are embedded: their positions among the features (n_numeric,)."""


class NetworkLearner:
    """A network, what trains it, and the parameters that were kept.

    Buffers are made here; a step makes none that grows with the data or the parameters. The data are only
    read, so they may lie in memory that cannot be written, and are not copied: mini-batches are gathered from
    them, some at a time.

    Parameters
    ----------
    data
        Train and dev set.
    hyperparameters
        The point to train.
    seed
        Source of initialization, shuffling, dropout, augmentation and what parameters are fitted to at the
        start, a stream for each: with another keep-prob the weights still start, and the examples still come,
        the same.
    rules
        The learning-rate schedule spans all epochs allowed.

    Raises
    ------
    ValueError
        A loss that is not for this task, or an augmentation of images where the features are none.
    """

    def __init__(
        self,
        data: TrainDevData,
        hyperparameters: NetworkPoint,
        *,
        seed: int,
        rules: TrainingRules,
    ) -> None:
        self._data, self._hyperparameters, self._max_epochs = data, hyperparameters, rules.max_epochs
        init, shuffle, dropout, augmentation, fit = np.random.SeedSequence(seed).spawn(5)

        n_train, n_features = data.X_train.shape
        self._loss = make_loss(
            hyperparameters, task=data.task, n_outputs=data.n_outputs, class_counts=data.class_counts
        )
        architecture = architecture_of(
            hyperparameters,
            n_features=n_features,
            n_units=self._loss.n_units,
            numeric_features=data.numeric_features,
        )
        batch_size = min(hyperparameters.batch_size, n_train)
        self._network = Network.untrained(architecture, largest_batch=batch_size)
        self._parameters = self._network.parameters.flat
        start_network(
            self._network,
            hyperparameters,
            data.X_train,
            initial_bias=self._loss.initial_bias,
            draws=np.random.default_rng(init),
            fit=np.random.default_rng(fit),
        )
        self._kept_parameters = self._parameters.copy()
        self._descent = GradientDescent(
            self._network, self._loss, hyperparameters, n_train=n_train, dropout_seed=dropout
        )
        self._prediction_pass = PredictionPass(architecture, self._parameters, n_examples=len(data.X_dev))
        self._batches = MiniBatches(data.X_train, data.y_train, batch_size=batch_size, seed=shuffle)
        self._augmentation = None
        if is_augmented(hyperparameters):
            self._augmentation = Augmentation(
                hyperparameters,
                n_features=n_features,
                image_shape=data.image_shape,
                largest_batch=batch_size,
                seed=augmentation,
            )
        self._target_range: NDArray[np.float32] | None = None
        if clips_predictions(hyperparameters, data.task):
            self._target_range = range_of(data.y_train.astype(np.float32, copy=False))
        self._targets = np.empty((self._batches.n_gathered, data.n_outputs), np.float32)
        self._predictions = np.empty_like(self._targets)
        self._epochs = 0

    @property
    def penalty(self) -> float:
        """What regularization adds to the loss as the weights are now."""
        return self._descent.penalty

    def advance(self) -> Advance:
        """Show the network every train example once.

        Losses and parameters may have left the finite numbers: `check` says so.
        """
        train_loss = self._train()
        self._epochs += 1
        return Advance(
            train_loss=train_loss,
            train_cost=train_loss + self.penalty,
            details={
                "gradient_norm": self._descent.gradient_norm,
                "activation_spreads": activation_spreads(self._network, self._n_last),
                "gradient_spreads": gradient_spreads(self._network, self._n_last),
            },
        )

    def predict_dev(self, out: NDArray[np.float32]) -> None:
        """Write the dev set's predictions, without dropout, into `out` (n_dev, n_outputs)."""
        predict_into(self._prediction_pass, self._loss, self._data.X_dev, out)
        if self._target_range is not None:
            clip_into(out, self._target_range)

    def check(self, figures: Mapping[str, float]) -> None:
        """Refuse to go on after an epoch of which nothing good can come.

        Raises
        ------
        DivergedError
            A figure, the gradient or a parameter is NaN or infinite.
        DeadError
            The network no longer learns, and cannot.
        """
        epoch, parameters = self._epochs, self._parameters
        figures = {
            **figures,
            "the gradient's length": self._descent.gradient_norm,
            "a parameter": float(max(parameters.max(), -parameters.min())),
        }
        insist_on_finite(
            figures, epoch=epoch, setting=f"learning rate {self._hyperparameters.learning_rate:.4g}"
        )
        insist_on_life(self._network, n_last=self._n_last, X=self._data.X_train, epoch=epoch)
        if epoch == 1:
            n_trainable = self._network.architecture.n_trainable
            insist_on_movement(parameters[:n_trainable], initial=self._kept_parameters[:n_trainable])

    def keep(self) -> None:
        """Remember the parameters as they are."""
        np.copyto(self._kept_parameters, self._parameters)

    @property
    def kept_state(self) -> State:
        """A copy of the parameters that were kept, initial ones before any were; and what else predicts."""
        state: dict[str, NDArray[Any]] = {PARAMETERS: self._kept_parameters.copy()}
        if embeds_numbers(self._hyperparameters):
            state[NUMERIC_FEATURES] = np.array(self._network.architecture.embedded, np.int64)
        if self._target_range is not None:
            state[TARGET_RANGE] = self._target_range.copy()
        return state

    @property
    def kept_figures(self) -> Mapping[str, float]:
        """Share of the kept weights that are exactly 0, where any are."""
        share = zero_share(self._kept_parameters[: self._network.architecture.n_weights])
        return {"zero_share": share} if share else {}

    def _train(self) -> float:
        """Run the epoch's steps; return the train loss."""
        point, batch_size = self._hyperparameters, self._batches.batch_size
        n_steps = len(self._batches) * self._max_epochs
        step = len(self._batches) * self._epochs
        total = 0.0
        for X, y in self._batches.gathered():
            targets, predictions = self._targets[: len(X)], self._predictions[: len(X)]
            self._loss.encode(y, targets)
            for start in range(0, len(X), batch_size):
                batch = slice(start, start + batch_size)
                if self._augmentation is not None:
                    self._augmentation.apply(X[batch], targets[batch])
                progress = (step + 0.5) / n_steps
                factor = learning_rate_factor(
                    point.learning_rate_schedule,
                    progress=progress,
                    warmup_fraction=point.warmup_fraction,
                )
                self._descent.step(
                    X[batch],
                    targets[batch],
                    learning_rate=point.learning_rate * factor,
                    predictions=predictions[batch],
                    strength=regularization_factor(point.regularization_schedule, progress=progress),
                )
                step += 1
            total += self._loss.total(predictions, targets)
        return total / len(self._data.X_train)

    @property
    def _n_last(self) -> int:
        """Examples of an epoch's last mini-batch."""
        return (len(self._data.X_train) - 1) % self._batches.batch_size + 1
