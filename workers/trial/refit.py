"""A cross-validated winner's last training, on train and dev set together: none is left to judge it."""

from collections.abc import Iterator

from workers.failures import TrainingFailedError
from workers.messages import Ending, FoldEnded, TrialAdvanced, TrialEnded, TrialRequest
from workers.run_clock import Stopwatch
from workers.train_dev_data import TrainDevData
from workers.trial.training import Training


def run_refit(
    data: TrainDevData, request: TrialRequest, *, epochs: int, worker: str
) -> Iterator[TrialAdvanced | TrialEnded]:
    """Train one model for a number of epochs that was chosen before, and report how it goes.

    The learning-rate schedule of a network spans `max_epochs` as in the folds, so that each epoch has the
    rates that its number had there. What is given of early stopping and thresholds is not looked at.

    Parameters
    ----------
    data
        Its train set is trained on; its dev set is not looked at, and may be empty.
    request
        The trial.
    epochs
        Epochs to run, from 1 to `max_epochs`.
    worker
        Name of the worker, for the events.

    Yields
    ------
    TrialAdvanced or TrialEnded
        An advance after each epoch but the last, one end, without a curve.

    Raises
    ------
    ValueError
        `epochs` is out of its range.
    """
    if not 1 <= epochs <= request.rules.max_epochs:
        raise ValueError(f"a refit needs 1 to max_epochs = {request.rules.max_epochs} epochs, got {epochs}")
    watch = Stopwatch()
    training = Training(data, request.hyperparameters, seed=request.seed, rules=request.rules)
    reason = ""
    for begun in range(1, epochs + 1):
        try:
            training.run_unjudged_epoch()
        except TrainingFailedError as error:
            reason = str(error)
            break
        if begun == epochs:
            break
        if request.limits.is_out_of_time(watch.seconds):
            reason = request.limits.out_of_time
            break
        with watch.stopped():
            yield TrialAdvanced(request.number, worker, begun)
    fold = FoldEnded(
        (),
        training.epochs,
        model_figures=training.best_model_figures,
        is_whole=not reason,
        state=training.best_state if request.keep_state and not reason else None,
    )
    yield TrialEnded(
        number=request.number,
        worker=worker,
        ending=Ending.FAILED if reason else Ending.COMPLETE,
        folds=(fold,),
        epochs=begun,
        seconds=watch.seconds,
        reason=reason,
    )
