"""Ctrl-C, and the signal that ends services: once to stop in order, twice to stop at once."""

import os
import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self

INTERRUPTED_STATUS = 130
"""Exit status of a command that was interrupted: 128 + SIGINT."""

_SHOW_CURSOR = b"\x1b[?25h"


class Interruption:
    """Remembers the first signal; the second ends the process on the spot.

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
        """Take over SIGINT and SIGTERM."""
        for number in (signal.SIGINT, signal.SIGTERM):
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

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        if self._was_interrupted:
            if self._terminal is not None:
                os.write(self._terminal, _SHOW_CURSOR)
            # Everything finished is in the database; worker processes die with this one.
            os._exit(INTERRUPTED_STATUS)
        self._was_interrupted = True
