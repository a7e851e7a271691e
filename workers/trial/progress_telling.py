"""Which of a trial's events are worth a message to the coordinator."""

from workers.messages import Event, TrialAdvanced, TrialRequest
from workers.trial.earliest_end import earliest_end


class ProgressTelling:
    """Decides of each event of one trial whether it is reported: start and end are, advances now and then.

    The virtual clock goes by how long a trial is certain to run. It is reported in time: when half of what
    the coordinator knows to be left is used up, and more is certain by now. People who watch are told
    besides, where nothing was told for a while.

    Parameters
    ----------
    request
        The trial; what is certain of it before it runs, the coordinator knows.
    silence_seconds
        How long nothing may be reported (seconds).
    now
        When the trial started (seconds).
    """

    def __init__(self, request: TrialRequest, *, silence_seconds: float, now: float) -> None:
        self._silence_seconds = silence_seconds
        self._told_at = now
        self._at_least = earliest_end(request, 0)

    def is_due(self, event: Event, now: float) -> bool:
        """Return whether an event, at an instant (seconds), is worth a message; it then counts as sent."""
        if not isinstance(event, TrialAdvanced):
            return True
        known, certain = self._at_least - event.epochs, event.at_least - event.epochs
        if now - self._told_at < self._silence_seconds and 2 * known > certain:
            return False
        self._told_at, self._at_least = now, event.at_least
        return True
