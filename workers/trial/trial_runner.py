"""One trial from request to outcome, as a stream of events; a failure of the training becomes data here."""

from collections.abc import Iterator, Sequence
from statistics import fmean

from workers.kinds import model_kind
from workers.messages import Ending, FoldEnded, TrialAdvanced, TrialEnded, TrialRequest, TrialStarted
from workers.run_clock import Stopwatch
from workers.train_dev_data import TrainDevData
from workers.trial.fold_runner import request_of_fold, run_fold
from workers.trial.refit import run_refit
from workers.trial_data import TrialData


def run_trial(
    data: TrialData, request: TrialRequest, *, worker: str
) -> Iterator[TrialStarted | TrialAdvanced | TrialEnded]:
    """Train one model, or one a fold, epoch by epoch, and report how it goes.

    A pure function of (`data`, `request`), but for the seconds and the worker's name in its events: the same
    trial gives the same bits wherever it runs, given one BLAS thread. Folds are trained one after the other,
    each from a seed of its own and with its own early stopping. Thresholds by epoch hold for the first fold;
    from then on the trial is pruned between folds, by what the whole ones reached on average. A trial that
    memory is refused to, by its limit or by the machine, has failed, and its curve is not reported.

    Parameters
    ----------
    data
        What the study's trials are trained on.
    request
        The trial.
    worker
        Name of the worker, for the events.

    Yields
    ------
    TrialStarted, TrialAdvanced or TrialEnded
        One start, an advance after each epoch but the last, one end.

    Raises
    ------
    ValueError
        A refit is asked for and the data have several folds, or for a number of epochs that is not allowed;
        or a fold is asked for that the data do not have.
    UnpreparedInputsError
        The point chooses inputs that were not prepared.
    """
    model_kind(request.hyperparameters.kind).prepare_training()
    yield TrialStarted(request.number, worker)
    watch = Stopwatch()
    epochs = certain_epochs = 0
    try:
        for event in _run(data, request, worker=worker):
            if isinstance(event, TrialAdvanced):
                epochs, certain_epochs = event.epochs, event.at_least
            yield event
    except MemoryError:
        yield TrialEnded(
            number=request.number,
            worker=worker,
            ending=Ending.FAILED,
            folds=(),
            epochs=epochs + 1,
            seconds=watch.seconds,
            n_folds=request.n_trainings(data.n_folds),
            reason=request.limits.out_of_memory,
            certain_epochs=certain_epochs,
        )


def _run(data: TrialData, request: TrialRequest, *, worker: str) -> Iterator[TrialAdvanced | TrialEnded]:
    if request.refit_epochs is None:
        return _run_folds(data, request, worker=worker)
    if data.n_folds > 1:
        raise ValueError(f"a refit is one training, got data of {data.n_folds} folds")
    (together,) = data.folds(request.hyperparameters)
    return run_refit(together, request, epochs=request.refit_epochs, worker=worker)


def _run_folds(
    data: TrialData, request: TrialRequest, *, worker: str
) -> Iterator[TrialAdvanced | TrialEnded]:
    watch = Stopwatch()
    folds = _asked_folds(data, request)
    n_folds = len(folds)
    ended: list[FoldEnded] = []
    epochs = 0
    for number, fold in enumerate(folds, start=1):
        outcome = yield from run_fold(
            fold,
            request_of_fold(request, fold=number, n_folds=n_folds),
            epochs_before=epochs,
            watch=watch,
            worker=worker,
        )
        ending, epochs = outcome.ending, epochs + outcome.epochs
        ended.append(outcome.fold)
        if ending is Ending.COMPLETE and number < n_folds and _is_above_threshold(ended, request):
            ending = Ending.PRUNED
        if ending is not Ending.COMPLETE or number == n_folds:
            break
        without_thresholds = min(1 + request.rules.patience, request.rules.max_epochs)
        with watch.stopped():
            yield TrialAdvanced(request.number, worker, epochs, epochs + without_thresholds)
    place = f"fold {number} of {n_folds}: " if outcome.reason and n_folds > 1 else ""
    yield TrialEnded(
        number=request.number,
        worker=worker,
        ending=ending,
        folds=tuple(ended),
        epochs=epochs,
        seconds=watch.seconds,
        n_folds=n_folds,
        reason=place + outcome.reason,
        certain_epochs=outcome.certain_epochs,
    )


def _asked_folds(data: TrialData, request: TrialRequest) -> tuple[TrainDevData, ...]:
    folds, only = data.folds(request.hyperparameters), request.only_fold
    if only is None:
        return folds
    if not 1 <= only <= len(folds):
        raise ValueError(f"a training in fold {only} was asked of data with {len(folds)} folds")
    return (folds[only - 1],)


def _is_above_threshold(ended: Sequence[FoldEnded], request: TrialRequest) -> bool:
    """Tell whether whole folds are worse on average than is kept after so many."""
    value = next((t.value for t in request.fold_thresholds if t.n_folds == len(ended)), float("inf"))
    return fmean(request.rules.watch.badness(fold.best.dev_watched) for fold in ended) > value
