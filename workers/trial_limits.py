"""The most that one trial may take of its worker, and the words for one that took more."""

from dataclasses import dataclass

LEAST_MEMORY_BYTES = 10_000_000
"""A worker's own messages take a megabyte or so, and it dies where that is refused."""


@dataclass(frozen=True, slots=True)
class TrialLimits:
    """Limits of a trial; None limits nothing.

    A trial that is ended for them has failed. How far it came depends on the machine and what else it did:
    the promise of one outcome for one request does not hold for trials that meet a limit.

    Attributes
    ----------
    seconds
        Wall-clock time on the worker (seconds), looked at after each epoch. On Ray a trial that does not come
        to the end of an epoch is ended with its worker, some seconds later.
    memory_bytes
        What a trial may add to the memory of its worker's process (bytes). Only on Ray, and only on Linux,
        where the kernel refuses what is more: macOS has no such limit on a process.

    Raises
    ------
    ValueError
        `seconds` that are not above 0, or `memory_bytes` below `LEAST_MEMORY_BYTES`.
    """

    seconds: float | None = None
    memory_bytes: int | None = None

    def __post_init__(self) -> None:
        if self.seconds is not None and not self.seconds > 0:
            raise ValueError(f"a trial's limit in seconds needs to be above 0, got {self.seconds}")
        if self.memory_bytes is not None and self.memory_bytes < LEAST_MEMORY_BYTES:
            raise ValueError(
                f"a trial's limit in bytes needs at least {LEAST_MEMORY_BYTES}, got {self.memory_bytes}"
            )

    def is_out_of_time(self, elapsed_seconds: float) -> bool:
        """Tell whether a trial has run for longer than it may (seconds)."""
        return self.seconds is not None and elapsed_seconds > self.seconds

    @property
    def out_of_time(self) -> str:
        """Why a trial failed that ran for longer; there must be a limit."""
        return f"ran for more than {self.seconds:g} seconds"

    @property
    def out_of_memory(self) -> str:
        """Why a trial failed that memory was refused to, by the limit or by the machine itself."""
        if self.memory_bytes is None:
            return "needed more memory than its worker has"
        return f"needed more than {self.memory_bytes / 1e6:g} MB"
