"""What to see before trusting a training: the cost falls, and a few examples can be learned by heart.

Both are done with what would hide a fault turned off: dropout, augmentation, the choice of the best epoch.
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from search_spaces.network.point import Flip, LayerRates, NetworkPoint, Optimizer, Schedule
from workers.failures import TrainingFailedError
from workers.judged_epoch import judged_epoch
from workers.messages import EpochMetrics, TrainingRules
from workers.metrics.metric import Metric, decision_rule
from workers.network.learner import NetworkLearner
from workers.train_dev_data import Task, TrainDevData

N_DESCENT_EXAMPLES = 500
"""The most train examples for the descent of the cost."""

N_DESCENT_STEPS = 20
"""Steps of full-batch descent in which the cost must fall."""

DESCENT_RATES = (1e-2, 1e-3, 1e-4)
"""Rates that are tried, the first that serves: where the cost curves sharply only a smaller one is small."""

N_LEARNED_BY_HEART = 20
"""Examples that a network must be able to learn by heart."""

LOOKED_THROUGH = 20
"""Times as many examples as are wanted, among which different ones are looked for."""

MOST_EPOCHS_BY_HEART = 1000
"""Epochs allowed for that: as many steps, or a few times as many where mini-batches are small."""

_UNDISTURBED = {
    "keep_prob": 1.0,
    "input_keep_prob": 1.0,
    "noise_deviation": 0.0,
    "mixup_alpha": 0.0,
    "shift_fraction": 0.0,
    "rotation_degrees": 0.0,
    "zoom_fraction": 0.0,
    "crop_fraction": 0.0,
    "flip": Flip.OFF,
    "warmup_fraction": 0.0,
    "learning_rate_schedule": Schedule.CONSTANT,
}

_ONE_RATE = {
    "layer_rates": LayerRates.EQUAL,
    "bias_rate": 1.0,
    "feature_scale_rate": 1.0,
    "activation_mix_rate": 1.0,
}

_UNREGULARIZED = {
    "l1_lambda": 0.0,
    "l2_lambda": 0.0,
    "weight_decay": 0.0,
    "max_norm": None,
    "label_smoothing": 0.0,
}


@dataclass(frozen=True, slots=True)
class Descent:
    """How the cost went in full-batch descent.

    Attributes
    ----------
    learning_rate
        The last rate tried.
    costs
        Before each step.
    failure
        Why training failed, where it did; else empty.
    """

    learning_rate: float
    costs: tuple[float, ...]
    failure: str = ""

    @property
    def falls(self) -> bool:
        """Whether every step lowered the cost."""
        falling = all(later < earlier for earlier, later in pairwise(self.costs))
        return not self.failure and falling and all(map(math.isfinite, self.costs))


@dataclass(frozen=True, slots=True)
class ByHeart:
    """How far a few examples were learned by heart.

    Attributes
    ----------
    n_examples
        How many.
    n_epochs
        Epochs run.
    error
        Fraction of them still wrong; in regression, the root of the share of variance that is left.
    failure
        Why training failed, where it did; else empty.
    """

    n_examples: int
    n_epochs: int
    error: float
    failure: str = ""

    @property
    def is_learned(self) -> bool:
        """Whether none is wrong; in regression, whether under 1 % of the variance is left."""
        return not self.failure and self.error < 0.1


def descend(data: TrainDevData, hyperparameters: NetworkPoint, *, seed: int) -> Descent:
    """Take `N_DESCENT_STEPS` of plain full-batch gradient descent at a small rate, with dropout off.

    With the whole batch, no noise and a small enough rate each step lowers the cost; where one does not, the
    gradient is not the cost's. Regularization is left on.

    Parameters
    ----------
    data
        Of its train set the first `N_DESCENT_EXAMPLES` are used.
    hyperparameters
        The network, the loss and its regularization.
    seed
        Source of the initialization.
    """
    few = first_examples(data, N_DESCENT_EXAMPLES)
    descent = Descent(DESCENT_RATES[0], ())
    for learning_rate in DESCENT_RATES:
        point = hyperparameters.model_copy(
            update={
                **_UNDISTURBED,
                "optimizer": Optimizer.SGD,
                "learning_rate": learning_rate,
                **_ONE_RATE,
                "clip_norm": None,
                "max_norm": None,  # no part of the cost
                "batch_size": len(few.X_train),
            }
        )
        descent = _descent(few, point, seed=seed)
        if descent.falls:
            break
    return descent


def learn_by_heart(data: TrainDevData, hyperparameters: NetworkPoint, *, seed: int) -> ByHeart:
    """Train on `N_LEARNED_BY_HEART` examples without regularization until they are known.

    A network that cannot do this has too few units, a rate far off, or a fault.

    Parameters
    ----------
    data
        Of its train set the first are used, of each class in turn.
    hyperparameters
        The network, and optimizer and rate that it is to be trained with.
    seed
        Source of initialization and shuffling.
    """
    few = replace(first_examples(data, N_LEARNED_BY_HEART), target_deviation=1.0, log_target_mean=None)
    point = hyperparameters.model_copy(update={**_UNDISTURBED, **_UNREGULARIZED})
    metric = Metric.ERROR if data.task is Task.CLASSIFICATION else Metric.RMSE
    rules = TrainingRules(MOST_EPOCHS_BY_HEART, MOST_EPOCHS_BY_HEART, metric, metric)
    scale = 1.0 if data.task is Task.CLASSIFICATION else float(np.std(few.y_train)) or 1.0
    best, n_epochs = math.inf, 0
    learner = NetworkLearner(few, point, seed=seed, rules=rules)
    is_known = 1e-12 if data.task is Task.CLASSIFICATION else 0.1
    try:
        while n_epochs < MOST_EPOCHS_BY_HEART and best >= is_known:
            metrics = _run_epoch(learner, few, rules)
            best, n_epochs = min(best, metrics.dev_metric / scale), n_epochs + 1
    except TrainingFailedError as error:
        return ByHeart(len(few.X_train), n_epochs, best, str(error))
    return ByHeart(len(few.X_train), n_epochs, best)


def _descent(data: TrainDevData, point: NetworkPoint, *, seed: int) -> Descent:
    metric = Metric.LOG_LOSS if data.task is Task.CLASSIFICATION else Metric.RMSE
    rules = TrainingRules(N_DESCENT_STEPS, N_DESCENT_STEPS, metric, metric)
    costs: list[float] = []
    learner = NetworkLearner(data, point, seed=seed, rules=rules)
    try:
        for _ in range(N_DESCENT_STEPS):
            penalty = learner.penalty
            costs.append(_run_epoch(learner, data, rules).train_loss + penalty)
    except TrainingFailedError as error:
        return Descent(point.learning_rate, tuple(costs), str(error))
    return Descent(point.learning_rate, tuple(costs))


def _run_epoch(learner: NetworkLearner, data: TrainDevData, rules: TrainingRules) -> EpochMetrics:
    """Let a network learn for an epoch as in a trial."""
    predictions = np.empty((len(data.X_dev), data.n_outputs), np.float32)
    rule = decision_rule(rules.metric, data.class_counts)
    return judged_epoch(learner, data, predictions, rules=rules, rule=rule)


def first_examples(data: TrainDevData, n_examples: int) -> TrainDevData:
    """Keep the first train examples as train and dev set: different ones, and of every class in turn.

    Examples that are alike but for their targets cannot be learned by heart.
    """
    if data.task is Task.CLASSIFICATION:
        nth_of_class = np.empty(len(data.y_train), np.int64)
        for label in range(data.n_outputs):
            of_class = data.y_train == label
            nth_of_class[of_class] = np.arange(int(of_class.sum()))
        rows = np.argsort(nth_of_class, kind="stable")[: LOOKED_THROUGH * n_examples]
    else:
        rows = np.arange(min(LOOKED_THROUGH * n_examples, len(data.X_train)))
    _, different = np.unique(data.X_train[rows], axis=0, return_index=True)
    rows = rows[np.sort(different)[:n_examples]]
    X, y = data.X_train[rows], data.y_train[rows]
    return replace(data, X_train=X, y_train=y, X_dev=X, y_dev=y)
