"""What the coordinator and the pool say to each other: plain values that cross processes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from statistics import fmean, median_low
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_spaces.point import Point
from workers.metrics.metric import Metric

LEAST_MEMORY_BYTES = 10_000_000
"""A worker's own messages take a megabyte or so, and it dies where that is refused."""


State = Mapping[str, NDArray[Any]]
"""What a model has learned, as named arrays: of a network, all its parameters as one."""

Details = Mapping[str, float | tuple[float, ...]]
"""What a kind of model shows of an epoch, by name: one number, or one a layer.

Of a network: `gradient_norm`, the length of the gradient of the epoch's last mini-batch, before clipping; and
for each hidden layer, `activation_spreads` and `gradient_spreads`, the standard deviation over that batch of
its activations, and of the loss's gradient by its pre-activations.
"""


@dataclass(frozen=True, slots=True)
class TrialLimits:
    """Limits of a trial; None limits nothing.

    A trial that is ended for them has failed. How far it came depends on the machine and what else it did:
    the promise of one outcome for one request does not hold for trials that meet a limit.

    Attributes
    ----------
    seconds
        Time that the worker ran the trial (seconds), looked at after each epoch: while the worker is stopped
        or its machine sleeps, none passes. On Ray a trial that does not come to the end of an epoch is ended
        with its worker, some seconds later.
    memory_bytes
        What a trial may add to the memory of its worker's process (bytes). Only on Ray, and only on Linux,
        where the kernel refuses what is more: macOS has no such limit on a process.

    Raises
    ------
    ValueError
        `seconds` that are not above 0, or `memory_bytes` below `LEAST_MEMORY_BYTES`.
    """

    seconds: float | None = None
    memory_bytes: int | None = None

    def __post_init__(self) -> None:
        if self.seconds is not None and not self.seconds > 0:
            raise ValueError(f"a trial's limit in seconds needs to be above 0, got {self.seconds}")
        if self.memory_bytes is not None and self.memory_bytes < LEAST_MEMORY_BYTES:
            raise ValueError(
                f"a trial's limit in bytes needs at least {LEAST_MEMORY_BYTES}, got {self.memory_bytes}"
            )

    def is_out_of_time(self, elapsed_seconds: float) -> bool:
        """Return whether a trial has run for longer than it may (seconds)."""
        return self.seconds is not None and elapsed_seconds > self.seconds

    @property
    def out_of_time(self) -> str:
        """Why a trial failed that ran for longer; there must be a limit."""
        return f"ran for more than {self.seconds:g} seconds"

    @property
    def out_of_memory(self) -> str:
        """Why a trial failed that memory was refused to, by the limit or by the machine itself."""
        if self.memory_bytes is None:
            return "needed more memory than its worker has"
        return f"needed more than {self.memory_bytes / 1e6:g} MB"


@dataclass(frozen=True, slots=True)
class TrainingRules:
    """Rules of a training.

    Attributes
    ----------
    max_epochs
        The most epochs to run.
    patience
        Epochs without improvement on the dev set before stopping early.
    metric
        What the dev set is judged by after each epoch, and the trial in the end.
    watch
        What early stopping and pruning follow: it decides the best epoch.
    min_gain
        How much the watched metric must improve for an epoch to count against patience.

    Raises
    ------
    ValueError
        `max_epochs` or `patience` below 1, or `min_gain` below 0.
    """

    max_epochs: int
    patience: int
    metric: Metric
    watch: Metric
    min_gain: float = 0.0

    def __post_init__(self) -> None:
        for name, value in (("max_epochs", self.max_epochs), ("patience", self.patience)):
            if value < 1:
                raise ValueError(f"{name} needs at least 1 epoch, got {value}")
        if not self.min_gain >= 0:
            raise ValueError(f"min_gain needs at least 0, got {self.min_gain}")


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
class FoldThreshold:
    """After `n_folds` whole folds, a trial whose best badness is above `value`, their mean, is pruned."""

    n_folds: int
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
        Where the trial is pruned, by ascending epoch, in its first fold.
    fold_thresholds
        Where it is pruned between folds, by ascending number of folds.
    keep_state
        Whether the outcome carries what the model, or each fold's, had learned after the best epoch.
    refit_epochs
        Where given, the trial is a refit: one training for exactly so many epochs, without a dev set.
    keep_predictions
        Whether the outcome carries each fold's predictions for its dev set, of the best epoch.
    limits
        The most that the trial may take: it fails when it takes more.
    only_fold
        Where given, the trial is a training in this one of the data's folds, counted from 1, as if there were
        no other: with the trial's own seed.
    """

    number: int
    hyperparameters: Point
    seed: int
    rules: TrainingRules
    thresholds: tuple[Threshold, ...] = ()
    fold_thresholds: tuple[FoldThreshold, ...] = ()
    keep_state: bool = False
    refit_epochs: int | None = None
    keep_predictions: bool = False
    limits: TrialLimits = field(default_factory=TrialLimits)
    only_fold: int | None = None

    def n_trainings(self, n_folds: int) -> int:
        """Return how many trainings a complete trial is, on data of so many folds."""
        return n_folds if self.only_fold is None else 1


@dataclass(frozen=True, slots=True)
class EpochMetrics:
    """What one epoch showed.

    Attributes
    ----------
    train_loss
        What is minimized, a mean over the train set as it was learned from: of a network, over the epoch's
        mini-batches, augmented, with dropout, label smoothing and class weights.
    train_cost
        The same with the penalties of regularization at the epoch's end.
    dev_loss
        Log loss (nats), or the standardised targets' mean squared error, of the dev set at the epoch's end.
    dev_metric, dev_watched
        The study's metric of the dev set, and the one that early stopping and pruning follow.
    details
        What the kind of model shows besides: see `Details`.
    """

    train_loss: float
    train_cost: float
    dev_loss: float
    dev_metric: float
    dev_watched: float
    details: Details = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrialStarted:
    """A worker has begun to run the trial."""

    number: int
    worker: str


@dataclass(frozen=True, slots=True)
class TrialAdvanced:
    """The trial has finished `epochs` epochs and goes on to another.

    Epochs are counted through all folds, the first fold's first.

    Attributes
    ----------
    certain_epochs
        Epochs that it will run unless it fails, by its rules and how far it has come; 0 where nobody has
        looked at more than the next one.
    """

    number: int
    worker: str
    epochs: int
    certain_epochs: int = 0

    @property
    def at_least(self) -> int:
        """The fewest epochs that it will run unless it fails."""
        return max(self.certain_epochs, self.epochs + 1)


@dataclass(frozen=True, slots=True)
class FoldEnded:
    """How one fold's training went; a trial with one dev set is one fold.

    Attributes
    ----------
    curve
        One entry an epoch that was run to its end.
    best_epoch
        Epoch whose model is the training's, counted from 1 in this fold; 0 where no epoch was run to its
        end.
    dev_metrics
        Every metric of the task on the fold's dev set at the best epoch, by name; empty where no epoch ended.
    model_figures
        What the best epoch's model shows of itself, by name: of a network, `zero_share`, the share of its
        weights that are exactly 0, if any are.
    is_whole
        Whether it was trained to its own end: neither pruned nor broken off.
    dev_predictions
        Where they were asked for, the best epoch's predictions for the fold's dev set (n_dev, n_outputs):
        probabilities, or numbers as targets are standardised; None where no epoch ended.
    state
        Where it was asked for, what the best epoch's model had learned; None where no epoch ended.
    """

    curve: tuple[EpochMetrics, ...]
    best_epoch: int
    dev_metrics: Mapping[str, float] = field(default_factory=dict)
    model_figures: Mapping[str, float] = field(default_factory=dict)
    is_whole: bool = True
    dev_predictions: NDArray[np.float32] | None = field(default=None, compare=False)
    state: State | None = field(default=None, compare=False, repr=False)

    @property
    def best(self) -> EpochMetrics:
        """What the best epoch showed; there must be one."""
        return self.curve[self.best_epoch - 1]


@dataclass(frozen=True, slots=True)
class TrialEnded:
    """The trial's outcome.

    Its figures are means over its complete folds; before the first is complete, that fold's figures.

    Attributes
    ----------
    number, worker
        The trial and who ran it.
    ending
        Complete, pruned, or failed; `reason` says why where it failed.
    folds
        The folds that were begun, in order: the last may not be whole. There are none where the trial was
        ended from outside, or had no memory left to tell of them.
    epochs
        Epochs begun in all folds: those in the curves, and the one in which training failed.
    seconds
        Time that the worker ran it (seconds), without pauses.
    n_folds
        Folds that a complete trial has.
    reason
        In words, for people; empty unless failed.
    certain_epochs
        What had become certain of its length before it ended: more than `epochs` only where it failed.
    """

    number: int
    worker: str
    ending: Ending
    folds: tuple[FoldEnded, ...]
    epochs: int
    seconds: float
    n_folds: int = 1
    reason: str = ""
    certain_epochs: int = 0

    @property
    def state(self) -> State | None:
        """What the best epoch's model had learned, where the request asked for it; None over folds."""
        return self.folds[0].state if self.n_folds == 1 and self.folds else None

    @property
    def virtual_epochs(self) -> int:
        """Epochs that it counts for on the virtual clock: what is certain of all is so of those that fail."""
        return max(self.epochs, self.certain_epochs)

    @property
    def whole_folds(self) -> tuple[FoldEnded, ...]:
        """The folds that were trained to their own end."""
        return tuple(fold for fold in self.folds if fold.is_whole)

    @property
    def judged_folds(self) -> tuple[FoldEnded, ...]:
        """The folds that the trial's figures are means of."""
        return self.whole_folds or self.folds[:1]

    @property
    def curve(self) -> tuple[EpochMetrics, ...]:
        """One entry an epoch that was run to its end, the first fold's first."""
        return tuple(chain.from_iterable(fold.curve for fold in self.folds))

    @property
    def best_epoch(self) -> int:
        """Lower median of the folds' best epochs; 0 where there are none."""
        return median_low([fold.best_epoch for fold in self.judged_folds] or [0])

    @property
    def dev_metric(self) -> float:
        """Mean of the study's metric at the folds' best epochs."""
        return fmean(fold.best.dev_metric for fold in self.judged_folds)

    @property
    def dev_loss(self) -> float:
        """Mean of the dev loss at the folds' best epochs."""
        return fmean(fold.best.dev_loss for fold in self.judged_folds)

    @property
    def dev_metrics(self) -> dict[str, float]:
        """Mean of every metric of the task at the folds' best epochs, by name; empty where no epoch ended."""
        return _means([fold.dev_metrics for fold in self.judged_folds])

    @property
    def model_figures(self) -> dict[str, float]:
        """Mean of what the folds' models show of themselves, by name; one that a model has not is 0."""
        return _means([fold.model_figures for fold in self.judged_folds])

    @property
    def dev_predictions(self) -> NDArray[np.float32] | None:
        """The dev set's predictions where they were asked for, one fold's after the other's."""
        of_folds = [fold.dev_predictions for fold in self.folds if fold.dev_predictions is not None]
        return np.concatenate(of_folds) if of_folds else None


def _means(of_folds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = dict.fromkeys(chain.from_iterable(of_folds))
    return {name: fmean(figures.get(name, 0.0) for figures in of_folds) for name in names}


@dataclass(frozen=True, slots=True)
class TrialLost:
    """The trial's worker died under it; nothing of the run is left."""

    number: int
    worker: str
    reason: str


Event = TrialStarted | TrialAdvanced | TrialEnded | TrialLost
