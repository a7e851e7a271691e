"""A trial's life as one table: from which state which event leads where."""

from enum import StrEnum

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
