"""The pool as the coordinator sees it: trials go in, events come out."""

from typing import Protocol

from workers.messages import Event, TrialRequest

_ADVANCES_A_SECOND = 50
_SHORTEST_SILENCE_SECONDS = 0.02


def silence_seconds(n_workers: int) -> float:
    """Return how long a worker stays silent after its last report of progress (seconds).

    These reports are for people who watch: what the coordinator waits for is told besides. It hears all
    workers in one thread, about half a millisecond a message on Ray: together they tell of at most
    `_ADVANCES_A_SECOND` epochs a second, so that there is time for starts and ends.
    """
    return max(_SHORTEST_SILENCE_SECONDS, n_workers / _ADVANCES_A_SECOND)


class PoolUnreachableError(ConnectionError):
    """No worker can be had: no cluster answers, or none of its workers can be started."""


class WorkerPool(Protocol):
    """Runs trials somewhere. Deciding is the coordinator's, executing the pool's.

    A pool is handed the `TrialData` when it is made, and gives every worker the same bits. For each request
    there come: at most one `TrialStarted` a run, any number of `TrialAdvanced` with ascending epochs
    (a pool may leave some out), and then one `TrialEnded` or one `TrialLost`. A lost trial is not run again
    unless it is submitted again; trials that merely waited at a dead worker are handed to another.
    """

    @property
    def n_workers(self) -> int:
        """How many trials the pool runs at once."""
        ...

    def submit(self, request: TrialRequest) -> None:
        """Queue a trial; trials are begun in the order of submission."""
        ...

    def follow(self, number: int) -> None:
        """Hear how far a submitted trial is certain to come, soon, and from now on before it comes so far.

        Of a trial that is lost, or has ended, nothing more is heard.
        """
        ...

    def events(self, timeout_seconds: float) -> list[Event]:
        """Return what has happened since the last call, waiting for something at most so long (seconds)."""
        ...

    def close(self) -> None:
        """End all workers at once; trials still running are dropped. May be called twice."""
        ...
