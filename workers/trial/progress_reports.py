"""Which of a trial's events are worth a message to the coordinator."""

from workers.messages import Event, TrialAdvanced, TrialRequest
from workers.trial.earliest_end import earliest_end


class ProgressReports:
    """Decides of each event of one trial whether it is reported: start and end are, advances now and then.

    People who watch get one where there was none for a while. The virtual clock goes by how long a trial
    is certain to run, and seldom waits for that. Of a trial that it does wait for, which is followed, it is
    reported in time: when half of what the coordinator knows to be left is used up, and more is certain.

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
        self._reported_at = now
        self._at_least = earliest_end(request, 0)
        self._is_followed = False
        self._latest: TrialAdvanced | None = None

    def follow(self) -> TrialAdvanced | None:
        """Return how far the trial has come, None where it has not, and report more from now on.

        May be called by another thread.
        """
        self._is_followed, latest = True, self._latest
        if latest is not None:
            self._at_least = max(self._at_least, latest.at_least)
        return latest

    def is_due(self, event: Event, now: float) -> bool:
        """Return whether an event, at an instant (seconds), is worth a message; it then counts as sent."""
        if not isinstance(event, TrialAdvanced):
            return True
        self._latest = event
        known, certain = self._at_least - event.epochs, event.at_least - event.epochs
        is_awaited = self._is_followed and 2 * known <= certain
        if now - self._reported_at < self._silence_seconds and not is_awaited:
            return False
        self._reported_at, self._at_least = now, event.at_least
        return True
