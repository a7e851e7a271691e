"""Trainings that decide nothing of each other, run by a pool: side by side, each to its one end."""

from collections import Counter
from collections.abc import Iterator, Sequence

from service.study.search.trial_lifecycle import MAX_RUNS
from workers.messages import TrialEnded, TrialLost, TrialRequest
from workers.pool import WorkerPool


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
