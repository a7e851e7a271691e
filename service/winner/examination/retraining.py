"""Trainings that a study has had, once more for what they learned, side by side in a pool."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from optuna.trial import FrozenTrial

from service.errors import ProctorError
from service.study.search.trial_lifecycle import MAX_RUNS
from service.study.search.trial_records import running_means
from service.study.storage.kept_trials import record_of
from workers.messages import State, TrialEnded, TrialLost, TrialRequest
from workers.pools.pool import WorkerPool


def ends_of(requests: Sequence[TrialRequest], pool: WorkerPool) -> Iterator[list[TrialEnded | TrialLost]]:
    """Yield how each training ended; nothing now and then, so that who listens may give up.

    Parameters
    ----------
    requests
        What is trained, each under a number of its own.
    pool
        Who trains. A training whose worker dies is begun anew, as often as a trial is; then it is lost.
    """
    by_number = {request.number: request for request in requests}
    losses: Counter[int] = Counter()
    for request in requests:
        pool.submit(request)
    n_left = len(by_number)
    while n_left:
        happened: list[TrialEnded | TrialLost] = []
        for event in pool.events(0.2):
            if isinstance(event, TrialEnded):
                happened.append(event)
            elif isinstance(event, TrialLost):
                losses[event.number] += 1
                if losses[event.number] == MAX_RUNS:
                    happened.append(event)
                else:
                    pool.submit(by_number[event.number])
        n_left -= len(happened)
        yield happened


class Retraining(NamedTuple):
    """A trial, from storage, and the same as a request: without thresholds, with `keep_state`."""

    trial: FrozenTrial
    request: TrialRequest


def train_again(winner: int, requests: Sequence[TrialRequest], pool: WorkerPool) -> list[TrialEnded]:
    """Train the winner, and whatever is averaged, side by side; return their ends in that order.

    Parameters
    ----------
    winner
        Its number.
    requests
        What is trained.
    pool
        Who trains. A training whose worker dies is begun anew.

    Raises
    ------
    ProctorError
        One's workers died as often as a trial's may.
    """
    ended: dict[int, TrialEnded] = {}
    for event in chain.from_iterable(ends_of(requests, pool)):
        if isinstance(event, TrialLost):
            role = _role(event.number, winner)
            raise ProctorError(f"{role}, but its worker died {MAX_RUNS} times as it trained again")
        ended[event.number] = event
    return [ended[request.number] for request in requests]


def states_of(winner: int, ended: TrialEnded) -> list[State]:
    """Return what a training ended with, each fold's model by itself.

    Raises
    ------
    ProctorError
        One has nothing, with the reason.
    """
    states = [fold.state for fold in ended.folds if fold.state is not None]
    if len(states) < ended.n_folds:
        raise ProctorError(f"{_role(ended.number, winner)}, but could not be trained again: {ended.reason}")
    return states


def comes_out_as_stored(trial: FrozenTrial, ended: TrialEnded) -> bool:
    """Tell whether training a trial again gave the very dev figures, epoch by epoch, that are stored."""
    watched = [value for _, value in sorted(trial.intermediate_values.items())]
    stored = list(zip(record_of(trial).learning_curve["dev_metric"], watched, strict=True))
    figures = zip((epoch.dev_metric for epoch in ended.curve), running_means(ended), strict=True)
    return list(figures) == stored


def _role(number: int, winner: int) -> str:
    return (
        f"trial {number} won"
        if number == winner
        else f"trial {number} is averaged for trial {winner}, the winner"
    )
