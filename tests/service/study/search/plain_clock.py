"""The virtual clock's rules as they read, each looked up among all running trials: a plain oracle."""


class PlainClock:
    """What `VirtualClock` promises, without anything that makes it fast."""

    def __init__(self, concurrency: int) -> None:
        self.concurrency = concurrency
        self.now = 0.0
        self.starts: dict[int, tuple[float, float]] = {}
        self.at_least: dict[int, float] = {}
        self.ends: dict[int, float] = {}

    def next_start(self) -> float | None:
        """Return the earliest known end, if no other trial may end by then; now, if a place is free."""
        if len(self.at_least) + len(self.ends) < self.concurrency:
            return self.now
        instant = min(self.ends.values(), default=None)
        if instant is not None and all(bound > instant for bound in self.at_least.values()):
            return instant
        return None

    def awaited(self) -> set[int]:
        """Return the trials that might end by the earliest known end, where no place is free."""
        instant = min(self.ends.values(), default=None)
        if instant is None or len(self.at_least) + len(self.ends) < self.concurrency:
            return set()
        return {number for number, bound in self.at_least.items() if bound <= instant}

    def settle(self, instant: float) -> list[int]:
        """Return what has ended by an instant, by time and number, and forget it."""
        ended = sorted((end, number) for number, end in self.ends.items() if end <= instant)
        for _, number in ended:
            del self.ends[number]
        self.now = instant
        return [number for _, number in ended]

    def start(self, number: int, epoch_cost: float) -> float:
        """Start a trial, which runs an epoch at least."""
        self.starts[number] = (self.now, epoch_cost)
        self.at_least[number] = self.now + epoch_cost
        return self.now

    def advance(self, number: int, epochs: int) -> None:
        """Note that a trial goes on to its next epoch."""
        start, cost = self.starts[number]
        self.at_least[number] = max(self.at_least[number], start + (epochs + 1) * cost)

    def end(self, number: int, epochs: int) -> float:
        """Note a trial's end."""
        start, cost = self.starts[number]
        del self.at_least[number]
        self.ends[number] = start + max(epochs, 1) * cost
        return self.ends[number]
