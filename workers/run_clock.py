"""A clock that counts the time in which this process ran: what limits in seconds are measured by.

Any other clock goes on while a process is stopped (Ctrl-Z, a container that is frozen, a debugger), and some
while the machine sleeps. So a thread looks at one a few times a second: where two looks lie far apart, nobody
ran in between, and that time does not count.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, Thread

LONGEST_GAP_SECONDS = 3.0
"""Two looks further apart than this (seconds) have a pause between them: a busy machine delays them less."""

SECONDS_BETWEEN_LOOKS = 0.25


def _awake_or_not() -> float:
    """Return the time on a clock that does not jump, and goes on while the machine sleeps (seconds)."""
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


class RunClock:
    """Adds up the time between looks, and leaves pauses out.

    Parameters
    ----------
    clock
        A clock that does not jump, and goes on while the machine sleeps (seconds).
    """

    def __init__(self, clock: Callable[[], float] = _awake_or_not) -> None:
        self._clock = clock
        self._lock = Lock()
        self._last = clock()
        self._ran = self._paused = 0.0

    def look(self) -> tuple[float, float]:
        """Return for how long the process ran until now, and for how long it was paused (seconds)."""
        with self._lock:
            now = self._clock()
            gap, self._last = now - self._last, now
            if gap > LONGEST_GAP_SECONDS:
                self._paused += gap
            else:
                self._ran += gap
            return self._ran, self._paused


class _TickingClock:
    """The process's own clock, with the thread that looks at it; begun anew in a process that was forked."""

    def __init__(self) -> None:
        self._clock = RunClock()
        self._thread: Thread | None = None
        self._lock = Lock()

    def look(self) -> tuple[float, float]:
        """Look at the clock; it begins at the first look."""
        if self._thread is None or not self._thread.is_alive():
            self._begin()
        return self._clock.look()

    def _begin(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._clock = RunClock()
                self._thread = Thread(target=_tick, args=(self._clock,), name="run clock", daemon=True)
                self._thread.start()


def _tick(clock: RunClock) -> None:
    while True:
        time.sleep(SECONDS_BETWEEN_LOOKS)
        clock.look()


_THIS_PROCESS = _TickingClock()


def run_seconds() -> float:
    """Return the time that this process has run since it first asked, less what it was paused (seconds)."""
    return _THIS_PROCESS.look()[0]


def paused_seconds() -> float:
    """Return the time that this process was paused since it first asked for the time (seconds)."""
    return _THIS_PROCESS.look()[1]


class Stopwatch:
    """Measures how long this process runs something, from when it is made on."""

    def __init__(self) -> None:
        self._began = run_seconds()

    @property
    def seconds(self) -> float:
        """Time that it ran until now (seconds)."""
        return run_seconds() - self._began

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Leave out the time that the block takes: others run then."""
        began = run_seconds()
        try:
            yield
        finally:
            self._began += run_seconds() - began
