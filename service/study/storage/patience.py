"""How long a study waits for its database: ever longer between tries, and not for ever.

Nothing here waits or reads a clock: whoever runs a study goes on with its trials meanwhile.
"""

from dataclasses import dataclass, replace

ANSWERS_AGAIN = "the database answers again"
"""What is said when it does."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How a database that is away is tried again.

    Attributes
    ----------
    first_wait_seconds
        From the first failure to the next try (seconds); each further wait is twice as long.
    longest_wait_seconds
        The longest wait between two tries (seconds).
    give_up_seconds
        From the first failure to giving up (seconds); a last try is made then.
    """

    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 10.0
    give_up_seconds: float = 600.0

    def wait_seconds(self, n_failures: int) -> float:
        """Return how long to wait after so many failures, 1 or more (seconds)."""
        doublings = min(n_failures - 1, 60)  # a float's exponent has an end, an outage need not have one
        return float(min(self.first_wait_seconds * 2**doublings, self.longest_wait_seconds))

    def outage(self, error: Exception, *, now: float) -> "Outage":
        """Return an outage that begins with a first failure.

        Parameters
        ----------
        error
            What failed.
        now
            The time, on a clock that does not jump (seconds).
        """
        return Outage(self, began_at=now, n_failures=0, next_try_at=now, error=error).failed(error, now=now)


@dataclass(frozen=True, slots=True)
class Outage:
    """A database that is away, from the first failure on.

    Attributes
    ----------
    patience
        How it is tried again.
    began_at
        When the first try failed, on a clock that does not jump (seconds).
    n_failures
        How many tries have failed.
    next_try_at
        When it is tried again, on the same clock (seconds).
    error
        What the last try failed with.
    """

    patience: Patience
    began_at: float
    n_failures: int
    next_try_at: float
    error: Exception

    @property
    def gives_up_at(self) -> float:
        """When the last try is made (seconds)."""
        return self.began_at + self.patience.give_up_seconds

    def is_due(self, now: float) -> bool:
        """Whether it is time to try again."""
        return now >= self.next_try_at

    def is_hopeless(self, now: float) -> bool:
        """Whether the last try has been made: a failure at this time is final."""
        return now >= self.gives_up_at

    def failed(self, error: Exception, *, now: float) -> "Outage":
        """Return the outage after another failure."""
        n_failures = self.n_failures + 1
        next_try_at = min(now + self.patience.wait_seconds(n_failures), max(self.gives_up_at, now))
        return replace(self, n_failures=n_failures, next_try_at=next_try_at, error=error)

    def told(self, now: float, *, meanwhile: str) -> str:
        """Return a line for the screen, which also says what becomes of the study meanwhile."""
        return (
            f"{self.error}; away for {now - self.began_at:.0f} s, {meanwhile}; tried again in"
            f" {max(self.next_try_at - now, 0.0):.0f} s, given up in {max(self.gives_up_at - now, 0.0):.0f} s"
        )
