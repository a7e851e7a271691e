"""One trial from request to outcome, as a stream of events; a failure of the training becomes data here."""

import time
from collections.abc import Iterator

from workers.failures import TrainingFailedError
from workers.messages import (
    Ending,
    EpochMetrics,
    TrialAdvanced,
    TrialEnded,
    TrialRequest,
    TrialStarted,
)
from workers.train_dev_data import TrainDevData
from workers.training import Training


def run_trial(
    data: TrainDevData, request: TrialRequest, *, worker: str
) -> Iterator[TrialStarted | TrialAdvanced | TrialEnded]:
    """Train one network, epoch by epoch, and tell how it goes.

    A pure function of (`data`, `request`), but for the seconds and the worker's name in its events: the same
    trial gives the same bits wherever it runs, given one BLAS thread.

    Parameters
    ----------
    data
        Train and dev set.
    request
        The trial.
    worker
        Name of the worker, for the events.

    Yields
    ------
    TrialStarted, TrialAdvanced or TrialEnded
        One start, an advance after each epoch but the last, one end.
    """
    yield TrialStarted(request.number, worker)
    started = time.perf_counter()
    thresholds = {threshold.epoch: threshold.value for threshold in request.thresholds}
    training = Training(
        data,
        request.hyperparameters,
        seed=request.seed,
        rules=request.rules,
    )
    curve: list[EpochMetrics] = []

    def ended(ending: Ending, epochs: int, reason: str = "") -> TrialEnded:
        return TrialEnded(
            number=request.number,
            worker=worker,
            ending=ending,
            curve=tuple(curve),
            epochs=epochs,
            best_epoch=training.best_epoch,
            seconds=time.perf_counter() - started,
            dev_metrics={metric.value: value for metric, value in training.best_dev_metrics.items()},
            zero_share=training.best_zero_share,
            reason=reason,
            parameters=training.best_parameters if request.keep_parameters and curve else None,
        )

    while True:
        try:
            curve.append(training.run_epoch())
        except TrainingFailedError as error:
            yield ended(Ending.FAILED, training.epochs + 1, str(error))
            return
        if training.should_stop:
            yield ended(Ending.COMPLETE, training.epochs)
            return
        if training.best_badness > thresholds.get(training.epochs, float("inf")):
            yield ended(Ending.PRUNED, training.epochs)
            return
        yield TrialAdvanced(request.number, worker, training.epochs)
