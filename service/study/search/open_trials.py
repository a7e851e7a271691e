"""The trials that have not ended: each with its place in the lifecycle, and how often it was run."""

from collections.abc import Iterator
from dataclasses import dataclass

from service.study.search.trial_lifecycle import MAX_RUNS, Event, State, move
from workers.messages import Ending, TrialAdvanced, TrialEnded, TrialLost, TrialRequest, TrialStarted
from workers.messages import Event as PoolEvent

_ENDING_EVENTS = {
    Ending.COMPLETE: Event.COMPLETED,
    Ending.PRUNED: Event.PRUNED,
    Ending.FAILED: Event.BROKE_OFF,
}


@dataclass(slots=True)
class _OpenTrial:
    request: TrialRequest
    state: State = State.WAITING
    runs: int = 0


@dataclass(frozen=True, slots=True)
class Moved:
    """Where an event took a trial, and how often the trial had been run by then."""

    state: State
    runs: int


class OpenTrials:
    """Moves trials along their lifecycle as the pool reports, and forgets them when they have ended."""

    def __init__(self) -> None:
        self._open: dict[int, _OpenTrial] = {}

    def __len__(self) -> int:
        """Return how many have not ended."""
        return len(self._open)

    def __contains__(self, number: int) -> bool:
        """Tell whether a trial has not ended."""
        return number in self._open

    @property
    def any_is_running(self) -> bool:
        """Whether a worker is known to be at one of them."""
        return any(trial.state is State.RUNNING for trial in self._open.values())

    def requests(self) -> Iterator[TrialRequest]:
        """Yield what workers need to know of each, in the order in which they were added."""
        return (trial.request for trial in self._open.values())

    def request(self, number: int) -> TrialRequest:
        """Return what a worker needs to know of a trial that has not ended."""
        return self._open[number].request

    def add(self, request: TrialRequest) -> None:
        """Take in a trial that waits to be run."""
        self._open[request.number] = _OpenTrial(request)

    def take_in(self, event: PoolEvent) -> Moved:
        """Move the event's trial along.

        Raises
        ------
        IllegalMoveError
            When that cannot happen to it where it is.
        """
        trial = self._open[event.number]
        is_run = isinstance(event, TrialStarted)
        # Its worker died before it was seen to start: a run all the same.
        is_run |= isinstance(event, TrialLost) and trial.state is State.WAITING
        trial.runs += is_run
        trial.state = move(trial.state, _what_happened(event, trial.runs), number=event.number)
        if trial.state.is_ended:
            del self._open[event.number]
        return Moved(trial.state, trial.runs)


def _what_happened(event: PoolEvent, runs: int) -> Event:
    match event:
        case TrialStarted():
            return Event.STARTED
        case TrialAdvanced():
            return Event.ADVANCED
        case TrialEnded():
            return _ENDING_EVENTS[event.ending]
        case TrialLost():
            return Event.LOST if runs < MAX_RUNS else Event.LOST_FOR_GOOD
