"""One fold of a trial: a training to its own end, to a threshold, or to where it breaks off."""

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np

from workers.failures import TrainingFailedError
from workers.messages import Ending, EpochMetrics, FoldEnded, TrialAdvanced, TrialRequest
from workers.run_clock import Stopwatch
from workers.train_dev_data import TrainDevData
from workers.trial.training import Training


@dataclass(frozen=True, slots=True)
class FoldOutcome:
    """What came of a fold.

    Attributes
    ----------
    ending
        Complete where it was trained to its own end.
    fold
        What is reported of it.
    epochs
        Epochs begun.
    reason
        In words, where it failed.
    certain_epochs
        Epochs of the trial that had become certain before.
    """

    ending: Ending
    fold: FoldEnded
    epochs: int
    reason: str = ""
    certain_epochs: int = 0


def request_of_fold(request: TrialRequest, *, fold: int, n_folds: int) -> TrialRequest:
    """Return a trial's request as it is for one of its folds, counted from 1.

    Each fold has a seed made of the trial's and its own number, and the first alone has thresholds by epoch.
    Where there is one fold, the request is the trial's own.
    """
    if n_folds == 1:
        return request
    seed = int(np.random.SeedSequence((request.seed, fold)).generate_state(1)[0])
    return replace(request, seed=seed, thresholds=request.thresholds if fold == 1 else ())


def run_fold(
    data: TrainDevData,
    request: TrialRequest,
    *,
    epochs_before: int,
    watch: Stopwatch,
    worker: str,
) -> Generator[TrialAdvanced, None, FoldOutcome]:
    """Train one model, and report each epoch but the last.

    Parameters
    ----------
    data
        The fold's train and dev set.
    request
        The trial, as it is for this fold.
    epochs_before
        Epochs that the trial has run in earlier folds.
    watch
        Measures the trial's time, from its beginning.
    worker
        Name of the worker, for the events.

    Yields
    ------
    TrialAdvanced
        After each epoch but the last.

    Returns
    -------
    FoldOutcome
        How it ended.
    """
    training = Training(data, request.hyperparameters, seed=request.seed, rules=request.rules)
    thresholds = {threshold.epoch: threshold.value for threshold in request.thresholds}
    curve: list[EpochMetrics] = []

    def at_least() -> int:
        """Return the fewest epochs that the trial will run unless it fails."""
        ahead = [epoch for epoch in thresholds if epoch > training.epochs]
        return epochs_before + min([*ahead, training.earliest_stop])

    def outcome(ending: Ending, epochs: int, reason: str = "") -> FoldOutcome:
        fold = FoldEnded(
            curve=tuple(curve),
            best_epoch=training.best_epoch,
            dev_metrics={metric.value: value for metric, value in training.best_dev_metrics.items()},
            model_figures=training.best_model_figures,
            is_whole=ending is Ending.COMPLETE,
            dev_predictions=training.best_dev_predictions if request.keep_predictions else None,
            state=training.best_state if request.keep_state and curve else None,
        )
        return FoldOutcome(ending, fold, epochs, reason, certain_epochs=certain)

    while True:
        certain = at_least()
        try:
            curve.append(training.run_epoch())
        except TrainingFailedError as error:
            return outcome(Ending.FAILED, training.epochs + 1, str(error))
        if training.should_stop:
            return outcome(Ending.COMPLETE, training.epochs)
        if training.best_badness > thresholds.get(training.epochs, float("inf")):
            return outcome(Ending.PRUNED, training.epochs)
        if request.limits.is_out_of_time(watch.seconds):
            return outcome(Ending.FAILED, training.epochs, request.limits.out_of_time)
        with watch.stopped():
            yield TrialAdvanced(request.number, worker, epochs_before + training.epochs, at_least())
