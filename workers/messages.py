"""What the coordinator and the pool say to each other: plain values that cross processes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from search_spaces.hyperparameters import Hyperparameters
from workers.training_rules import TrainingRules


class Ending(StrEnum):
    """How a trial that ran came to its end."""

    COMPLETE = "complete"
    PRUNED = "pruned"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Threshold:
    """After `epoch` epochs, a trial whose best badness so far is above `value` is pruned."""

    epoch: int
    value: float


@dataclass(frozen=True, slots=True)
class TrialRequest:
    """All that decides a trial's result, beside the data: the same request gives the same outcome anywhere.

    Attributes
    ----------
    number
        The trial's number in its study.
    hyperparameters
        The point to train.
    seed
        Source of all the trial's randomness: initialization, shuffling, dropout, augmentation.
    rules
        How long to train, and what the trial is judged by.
    thresholds
        Where the trial is pruned, by ascending epoch.
    keep_parameters
        Whether the outcome carries the best epoch's weights and biases.
    """

    number: int
    hyperparameters: Hyperparameters
    seed: int
    rules: TrainingRules
    thresholds: tuple[Threshold, ...] = ()
    keep_parameters: bool = False


@dataclass(frozen=True, slots=True)
class EpochMetrics:
    """What one epoch showed.

    Attributes
    ----------
    train_loss
        What is minimized, the mean over the epoch's mini-batches as they were trained on: augmented, with
        dropout, label smoothing and class weights.
    train_cost
        The same with the penalties of regularization at the epoch's end.
    dev_loss
        Log loss (nats), or the standardised targets' mean squared error, of the dev set at the epoch's end.
    dev_metric, dev_watched
        The study's metric of the dev set, and the one that early stopping and pruning follow.
    gradient_norm
        Length of the gradient of the epoch's last mini-batch, before clipping.
    activation_spreads, gradient_spreads
        For each hidden layer, the standard deviation over the last mini-batch of its activations, and of the
        loss's gradient by its pre-activations.
    """

    train_loss: float
    train_cost: float
    dev_loss: float
    dev_metric: float
    dev_watched: float
    gradient_norm: float
    activation_spreads: tuple[float, ...]
    gradient_spreads: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TrialStarted:
    """A worker has begun to run the trial."""

    number: int
    worker: str


@dataclass(frozen=True, slots=True)
class TrialAdvanced:
    """The trial has finished `epochs` epochs and goes on to another: it will run at least `epochs + 1`."""

    number: int
    worker: str
    epochs: int


@dataclass(frozen=True, slots=True)
class TrialEnded:
    """The trial's outcome.

    Attributes
    ----------
    number, worker
        The trial and who ran it.
    ending
        Complete, pruned, or failed; `reason` says why where it failed.
    curve
        One entry an epoch that was run to its end.
    epochs
        Epochs begun: those in `curve`, and the one in which training failed.
    best_epoch
        Epoch whose weights are the trial's, counted from 1; 0 where no epoch was run to its end.
    seconds
        Wall-clock duration on the worker (seconds).
    dev_metrics
        Every metric of the task on the dev set at the best epoch, by name; empty where no epoch ended.
    zero_share
        Share of the best epoch's weights that are exactly 0.
    reason
        In words, for people; empty unless failed.
    parameters
        The best epoch's weights and biases (n_parameters,), where the request asked for them.
    """

    number: int
    worker: str
    ending: Ending
    curve: tuple[EpochMetrics, ...]
    epochs: int
    best_epoch: int
    seconds: float
    dev_metrics: Mapping[str, float] = field(default_factory=dict)
    zero_share: float = 0.0
    reason: str = ""
    parameters: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class TrialLost:
    """The trial's worker died under it; nothing of the run is left."""

    number: int
    worker: str
    reason: str


Event = TrialStarted | TrialAdvanced | TrialEnded | TrialLost
