"""A trial's life as one table: from which state which event leads where; and the trials that have not ended.

Each of those has its place in the lifecycle, and how often it was run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from workers.messages import Ending, TrialAdvanced, TrialEnded, TrialLost, TrialRequest, TrialStarted
from workers.messages import Event as PoolEvent

MAX_RUNS = 3
"""How often a trial may be run before the death of its workers is held against it."""


class State(StrEnum):
    """Where a trial is. What is durable: its row from WAITING on, its whole result from an ended state on."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"
    FAILED = "failed"

    @property
    def is_ended(self) -> bool:
        """Whether nothing can happen to the trial any more."""
        return self not in (State.WAITING, State.RUNNING)


class Event(StrEnum):
    """What can happen to a trial."""

    STARTED = "started"
    ADVANCED = "advanced"
    COMPLETED = "completed"
    PRUNED = "pruned"
    BROKE_OFF = "broke off"
    LOST = "lost"
    LOST_FOR_GOOD = "lost for good"


TRANSITIONS = {
    (State.WAITING, Event.STARTED): State.RUNNING,
    (State.WAITING, Event.LOST): State.WAITING,  # its worker died before it was seen to start
    (State.WAITING, Event.LOST_FOR_GOOD): State.FAILED,
    (State.RUNNING, Event.ADVANCED): State.RUNNING,
    (State.RUNNING, Event.COMPLETED): State.COMPLETE,
    (State.RUNNING, Event.PRUNED): State.PRUNED,
    (State.RUNNING, Event.BROKE_OFF): State.FAILED,
    (State.RUNNING, Event.LOST): State.WAITING,
    (State.RUNNING, Event.LOST_FOR_GOOD): State.FAILED,
}


class IllegalMoveError(RuntimeError):
    """An event that cannot happen in the state that a trial is in: a fault in coordinator or pool."""


def move(state: State, event: Event, *, number: int) -> State:
    """Return the state that `event` leads to.

    Raises
    ------
    IllegalMoveError
        When the table has no such move.
    """
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalMoveError(f"trial {number} is {state}: it cannot be {event}") from None


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
        """Return whether a trial has not ended."""
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
