"""Ctrl-C, the signal that ends services, and a terminal that closes: once to stop in order, twice at once."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Self

INTERRUPTED_STATUS = 130
"""Exit status of a command that was interrupted by any of the signals: 128 + SIGINT."""

_SHOW_CURSOR = b"\x1b[?25h"


def stopping_signals() -> list[signal.Signals]:
    """Return the signals that ask this process to stop, and that Python may take over and give back.

    Those that `nohup` has it ignore stay ignored. A program that has Python in it and handles a signal itself
    goes on to do so.
    """
    asked = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    return [number for number in asked if signal.getsignal(number) not in (signal.SIG_IGN, None)]


class Interruption:
    """Remembers the first signal; the second ends the process on the spot.

    A terminal that closes is told to a process by its shell and by the kernel, and services are sent SIGHUP
    after SIGTERM: so a SIGHUP is never a second signal.

    Parameters
    ----------
    on_first
        Called once, when the first signal is first seen: never inside the handler, where writing to a stream
        that is being written to is an error.
    terminal
        File descriptor of the terminal whose cursor may be hidden; None where there is none.
    """

    def __init__(self, on_first: Callable[[], None], *, terminal: int | None) -> None:
        self._on_first = on_first
        self._terminal = terminal
        self._was_interrupted = False
        self._was_told = False
        self._before: dict[signal.Signals, object] = {}

    def __call__(self) -> bool:
        """Whether a signal has come."""
        if self._was_interrupted and not self._was_told:
            self._was_told = True
            self._on_first()
        return self._was_interrupted

    def __enter__(self) -> Self:
        """Take over SIGINT, SIGTERM and SIGHUP, but those that are ignored."""
        for number in stopping_signals():
            self._before[number] = signal.signal(number, self._receive)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give them back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal itself returned

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        if self._was_interrupted and number != signal.SIGHUP:
            if self._terminal is not None:
                with suppress(OSError):  # it has been closed
                    os.write(self._terminal, _SHOW_CURSOR)
            # Everything finished is in the database; worker processes die with this one.
            os._exit(INTERRUPTED_STATUS)
        self._was_interrupted = True
