"""One network's training, an epoch at a time: a pure function of (data, hyperparameters, seed)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_spaces.hyperparameters import Hyperparameters
from workers.messages import EpochMetrics, TrainingRules
from workers.metrics.classification_metrics import log_loss
from workers.metrics.dev_figures import all_dev_figures, dev_figure
from workers.metrics.metric import Metric, decision_rule
from workers.metrics.regression_metrics import mean_squared_error
from workers.network.architecture import architecture_of
from workers.network.augmentation.augmentation import Augmentation, is_augmented
from workers.network.denormals import denormals_as_zero
from workers.network.early_stopping import EarlyStopping
from workers.network.gradient_descent import GradientDescent
from workers.network.initialization import draw_weights
from workers.network.losses import make_loss
from workers.network.mini_batches import MiniBatches
from workers.network.network import Network
from workers.network.prediction import predict_into
from workers.network.prediction_pass import PredictionPass
from workers.network.regularization import zero_share
from workers.network.schedules import learning_rate_factor
from workers.network.watching import (
    activation_spreads,
    gradient_spreads,
    insist_on_finite,
    insist_on_life,
    insist_on_movement,
)
from workers.train_dev_data import Task, TrainDevData


class Training:
    """A network, what trains it, and the best epoch so far.

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
        Source of initialization, shuffling, dropout and augmentation, a stream for each: with another
        keep-prob the weights still start, and the examples still come, the same.
    rules
        How long it trains, and what it is judged by; the learning-rate schedule spans all epochs allowed.

    Raises
    ------
    ValueError
        A loss that is not for this task, or an augmentation of images where the features are none.
    """

    def __init__(
        self,
        data: TrainDevData,
        hyperparameters: Hyperparameters,
        *,
        seed: int,
        rules: TrainingRules,
    ) -> None:
        self._data, self._hyperparameters, self._rules = data, hyperparameters, rules
        self._stopping = EarlyStopping(rules.patience, rules.min_gain)
        class_counts = data.class_counts
        self._rule = decision_rule(rules.metric, class_counts)
        init, shuffle, dropout, augmentation = np.random.SeedSequence(seed).spawn(4)

        n_train, n_features = data.X_train.shape
        self._loss = make_loss(
            hyperparameters, task=data.task, n_outputs=data.n_outputs, class_counts=class_counts
        )
        architecture = architecture_of(hyperparameters, n_features=n_features, n_units=self._loss.n_units)
        batch_size = min(hyperparameters.batch_size, n_train)
        self._network = Network.untrained(architecture, largest_batch=batch_size)
        self._parameters = self._network.parameters.flat
        with np.errstate(over="ignore"):  # an absurd deviation is reported as divergence
            draw_weights(self._network.parameters.weights, hyperparameters, rng=np.random.default_rng(init))
        np.copyto(self._network.parameters.biases[-1], self._loss.initial_bias, casting="same_kind")
        self._best_parameters = self._parameters.copy()
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
        self._targets = np.empty((self._batches.n_gathered, data.n_outputs), np.float32)
        self._predictions = np.empty_like(self._targets)
        self._dev_predictions = np.empty((len(data.X_dev), data.n_outputs), np.float32)
        self._best_dev_predictions = np.empty_like(self._dev_predictions)
        self._n_unjudged = 0

    @property
    def epochs(self) -> int:
        """Epochs run to their end."""
        return self._stopping.epochs + self._n_unjudged

    @property
    def best_epoch(self) -> int:
        """Epoch with the best watched metric on the dev set, counted from 1; 0 before the first."""
        return self._stopping.best_epoch

    @property
    def best_badness(self) -> float:
        """The watched metric's badness after the best epoch; infinite before the first."""
        return self._stopping.best_badness

    @property
    def best_parameters(self) -> NDArray[np.float32]:
        """A copy of the best epoch's parameters (n_parameters,); before the first, the initial."""
        return self._best_parameters.copy()

    @property
    def best_dev_metrics(self) -> dict[Metric, float]:
        """Every metric of the task on the dev set, after the best epoch; empty before the first."""
        if self.best_epoch == 0:
            return {}
        return all_dev_figures(self._best_dev_predictions, self._data, rule=self._rule)

    @property
    def best_dev_predictions(self) -> NDArray[np.float32] | None:
        """A copy of the best epoch's predictions (n_dev, n_outputs); None before the first."""
        return self._best_dev_predictions.copy() if self.best_epoch > 0 else None

    @property
    def best_zero_share(self) -> float:
        """Share of the best epoch's weights that are exactly 0."""
        return zero_share(self._best_parameters[: self._network.architecture.n_weights])

    @property
    def penalty(self) -> float:
        """What regularization adds to the loss as the weights are now."""
        return self._descent.penalty

    @property
    def earliest_stop(self) -> int:
        """The fewest epochs after which it may stop by itself."""
        return min(self._stopping.earliest_stop, self._rules.max_epochs)

    @property
    def should_stop(self) -> bool:
        """Whether patience is used up or `max_epochs` is reached."""
        return self._stopping.patience_is_used_up or self.epochs >= self._rules.max_epochs

    def run_epoch(self) -> EpochMetrics:
        """Show the network every train example once, then judge it on the dev set.

        Raises
        ------
        DivergedError
            A loss, a metric or a parameter is NaN or infinite; the epoch does not count as run. (A gradient
            that is not finite leaves parameters that are not.)
        DeadError
            The network no longer learns, and cannot; the epoch does not count as run.
        RuntimeError
            All `max_epochs` have been run.
        """
        self._insist_on_epochs_left()
        # What is not finite is looked for at the epoch's end.
        with denormals_as_zero(), np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            train_loss = self._train()
            metrics = self._judge(train_loss)
            self._insist_on_learning(
                {
                    "the train loss": metrics.train_loss,
                    "the dev loss": metrics.dev_loss,
                    "the dev metric": metrics.dev_metric,
                    "the watched metric": metrics.dev_watched,
                }
            )
        is_best = self._stopping.observe(
            badness=self._rules.watch.badness(metrics.dev_watched), loss=metrics.dev_loss
        )
        if is_best:
            np.copyto(self._best_parameters, self._parameters)
            np.copyto(self._best_dev_predictions, self._dev_predictions)
        return metrics

    def run_unjudged_epoch(self) -> float:
        """Show the network every train example once, look at no dev set, and return the train loss.

        For a refit: nothing chooses between its epochs, so that the last one's parameters count as the best.

        Raises
        ------
        DivergedError, DeadError, RuntimeError
            As for `run_epoch`.
        """
        self._insist_on_epochs_left()
        # Likewise.
        with denormals_as_zero(), np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            train_loss = self._train()
            self._insist_on_learning({"the train loss": train_loss})
        self._n_unjudged += 1
        np.copyto(self._best_parameters, self._parameters)
        return train_loss

    def _insist_on_epochs_left(self) -> None:
        if self.epochs >= self._rules.max_epochs:
            raise RuntimeError(f"all of max_epochs = {self._rules.max_epochs} epochs have been run")

    def _train(self) -> float:
        """Run the epoch's steps; return the train loss."""
        point, batch_size = self._hyperparameters, self._batches.batch_size
        n_steps = len(self._batches) * self._rules.max_epochs
        step = len(self._batches) * self.epochs
        total = 0.0
        for X, y in self._batches.gathered():
            targets, predictions = self._targets[: len(X)], self._predictions[: len(X)]
            self._loss.encode(y, targets)
            for start in range(0, len(X), batch_size):
                batch = slice(start, start + batch_size)
                if self._augmentation is not None:
                    self._augmentation.apply(X[batch], targets[batch])
                factor = learning_rate_factor(
                    point.learning_rate_schedule,
                    progress=(step + 0.5) / n_steps,
                    warmup_fraction=point.warmup_fraction,
                )
                self._descent.step(
                    X[batch],
                    targets[batch],
                    learning_rate=point.learning_rate * factor,
                    predictions=predictions[batch],
                )
                step += 1
            total += self._loss.total(predictions, targets)
        return total / len(self._data.X_train)

    def _judge(self, train_loss: float) -> EpochMetrics:
        data = self._data
        predict_into(self._prediction_pass, self._loss, data.X_dev, self._dev_predictions)
        dev_metric = self._measured(self._rules.metric)
        return EpochMetrics(
            train_loss=train_loss,
            train_cost=train_loss + self._descent.penalty,
            dev_loss=_dev_loss(data.task, self._dev_predictions, data.y_dev),
            dev_metric=dev_metric,
            dev_watched=dev_metric
            if self._rules.watch is self._rules.metric
            else self._measured(self._rules.watch),
            gradient_norm=self._descent.gradient_norm,
            activation_spreads=activation_spreads(self._network, self._n_last),
            gradient_spreads=gradient_spreads(self._network, self._n_last),
        )

    def _measured(self, metric: Metric) -> float:
        return dev_figure(metric, self._dev_predictions, self._data, rule=self._rule)

    @property
    def _n_last(self) -> int:
        """Examples of an epoch's last mini-batch."""
        return (len(self._data.X_train) - 1) % self._batches.batch_size + 1

    def _insist_on_learning(self, shown: Mapping[str, float]) -> None:
        epoch = self.epochs + 1
        parameters = self._parameters
        figures = {
            **shown,
            "the gradient's length": self._descent.gradient_norm,
            "a parameter": float(max(parameters.max(), -parameters.min())),
        }
        insist_on_finite(figures, epoch=epoch, learning_rate=self._hyperparameters.learning_rate)
        insist_on_life(self._network, n_last=self._n_last, X=self._data.X_train, epoch=epoch)
        if epoch == 1:
            n_trainable = self._network.architecture.n_trainable
            insist_on_movement(parameters[:n_trainable], initial=self._best_parameters[:n_trainable])


def _dev_loss(task: Task, predictions: NDArray[np.float32], y: NDArray[Any]) -> float:
    return log_loss(predictions, y) if task is Task.CLASSIFICATION else mean_squared_error(predictions, y)
