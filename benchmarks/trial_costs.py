"""What a trial costs beside its steps: the end of an epoch, large data, and its beginning.

Times are on the processor, as in `step_speed`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np

from benchmarks.contestants import N_CLASSES, digits
from search_spaces.network.point import NetworkPoint
from workers.messages import TrainingRules, TrialAdvanced, TrialRequest
from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.metric import Metric, measure
from workers.network.architecture import architecture_of
from workers.network.gradient_descent import GradientDescent
from workers.network.initialization import draw_weights
from workers.network.losses import make_loss
from workers.network.mini_batches import MiniBatches
from workers.network.network import Network
from workers.network.prediction import predict_into
from workers.network.prediction_pass import N_READ, PredictionPass
from workers.train_dev_data import Task, TrainDevData
from workers.trial.training import Training
from workers.trial.trial_runner import run_trial
from workers.trial_data import TrialData

N_LARGE, N_SMALL, N_FEATURES = 1_000_000, 2_000, 100
"""Examples of a train set that no cache holds (400 MB), and of one that the second-level cache does."""


@dataclass(frozen=True, slots=True)
class EpochParts:
    """An epoch at 60/20/20 (seconds): all of it, its steps, and the dev set's predictions and metrics."""

    epoch: float
    steps: float
    dev_set: float


def rules(max_epochs: int) -> TrainingRules:
    """Return rules without early stopping."""
    return TrainingRules(max_epochs, patience=max_epochs, metric=Metric.ERROR, watch=Metric.LOG_LOSS)


def digits_data() -> TrainDevData:
    """Return the digits at 60/20/20, the last part left out."""
    X, y = digits()
    n_train, n_dev = round(0.6 * len(X)), round(0.2 * len(X))
    dev = slice(n_train, n_train + n_dev)
    return TrainDevData(Task.CLASSIFICATION, X[:n_train], y[:n_train], X[dev], y[dev], N_CLASSES)


def normal_data(n_examples: int) -> TrainDevData:
    """Return features of noise and classes at random, read only; the dev set is as small as can be."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_examples, N_FEATURES), np.float32)
    y = rng.integers(N_CLASSES, size=n_examples)
    X.flags.writeable = False
    return TrainDevData(Task.CLASSIFICATION, X, y, X[:N_READ], y[:N_READ], N_CLASSES)


class Steps:
    """The steps of an epoch without its end, on any data."""

    def __init__(self, data: TrainDevData, point: NetworkPoint) -> None:
        self._point = point
        self._loss = make_loss(point, task=data.task, n_outputs=data.n_outputs)
        n_train, n_features = data.X_train.shape
        architecture = architecture_of(point, n_features=n_features, n_units=self._loss.n_units)
        network = Network.untrained(architecture, largest_batch=point.batch_size)
        draw_weights(network.parameters.weights, point, rng=np.random.default_rng(0))
        seed = np.random.SeedSequence(0)
        self._descent = GradientDescent(network, self._loss, point, n_train=n_train, dropout_seed=seed)
        self._batches = MiniBatches(data.X_train, data.y_train, batch_size=point.batch_size, seed=seed)
        self._targets = np.empty((self._batches.n_gathered, data.n_outputs), np.float32)
        self._predictions = np.empty_like(self._targets)

    def run(self) -> None:
        """Show the network every example once, in a new order."""
        size = self._point.batch_size
        for X, y in self._batches.gathered():
            targets, predictions = self._targets[: len(X)], self._predictions[: len(X)]
            self._loss.encode(y, targets)
            for start in range(0, len(X), size):
                batch = slice(start, start + size)
                rate = self._point.learning_rate
                self._descent.step(
                    X[batch], targets[batch], learning_rate=rate, predictions=predictions[batch]
                )
            self._loss.total(predictions, targets)


def epoch_parts(point: NetworkPoint, *, n_rounds: int) -> EpochParts:
    """Time an epoch and its parts, turn by turn."""
    data = digits_data()
    training = Training(data, point, seed=0, rules=rules(100 * n_rounds))
    steps = Steps(data, point)
    loss = make_loss(point, task=data.task, n_outputs=data.n_outputs)
    architecture = architecture_of(point, n_features=data.X_dev.shape[1], n_units=loss.n_units)
    evaluation = PredictionPass(architecture, training.best_state["parameters"], n_examples=len(data.X_dev))
    predictions = np.empty((len(data.X_dev), data.n_outputs), np.float32)

    def judge() -> None:
        predict_into(evaluation, loss, data.X_dev, predictions)
        for metric in (Metric.ERROR, Metric.LOG_LOSS, Metric.LOG_LOSS):  # metric, watched metric, dev loss
            measure(metric, predictions, data.y_dev, target_deviation=1.0, rule=MOST_PROBABLE)

    parts = _turn_by_turn([training.run_epoch, steps.run, judge], n_rounds=n_rounds, n_calls=10)
    return EpochParts(*parts)


def large_data_ratio(point: NetworkPoint, *, n_rounds: int) -> float:
    """Return the time an example of the large train set takes, over that of the small one."""
    large, small = Steps(normal_data(N_LARGE), point), Steps(normal_data(N_SMALL), point)

    def as_many_of_the_small() -> None:
        for _ in range(N_LARGE // N_SMALL):
            small.run()

    of_large, of_small = _turn_by_turn([large.run, as_many_of_the_small], n_rounds=n_rounds, n_calls=1)
    return of_large / of_small


def cold_start(point: NetworkPoint, *, n_rounds: int) -> float:
    """Return the time from a trial's request to its first epoch's end, less a second epoch's (seconds)."""
    data = digits_data()
    request = TrialRequest(number=0, hyperparameters=point, seed=0, rules=rules(3))
    starts = []
    for _ in range(n_rounds):
        began = time.process_time()
        events = run_trial(TrialData.single(data), request, worker="benchmark")
        first, second = (time.process_time() for event in events if isinstance(event, TrialAdvanced))
        starts.append((first - began) - (second - first))
    return median(starts)


def _turn_by_turn(parts: list[Callable[[], object]], *, n_rounds: int, n_calls: int) -> list[float]:
    """Return each part's median time of a call (seconds)."""
    times: list[list[float]] = [[] for _ in parts]
    for _ in range(n_rounds):
        for part, taken in zip(parts, times, strict=True):
            part()  # not timed: caches are filled
            began = time.process_time()
            for _ in range(n_calls):
                part()
            taken.append((time.process_time() - began) / n_calls)
    return [median(taken) for taken in times]
