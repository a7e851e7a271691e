"""The identity of a process, so that another can find out later whether it still lives."""

import os
import socket
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path

_STATE, _START = 0, 19
"""Fields of /proc/PID/stat, counted from the one after the command's name."""


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """One process on one machine.

    Attributes
    ----------
    host, pid, user
        Where it runs, its number there, and whose it is.
    start
        When it started, in the kernel's clock ticks since boot: tells it from a later process of the same
        number. Empty where the system does not say (macOS), where the number alone must do.
    """

    host: str
    pid: int
    user: str
    start: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, user {self.user}"

    def is_gone(self) -> bool:
        """Whether the process has ended for all that can be known from here.

        A process on another host counts as gone: nobody could ask it, and whoever asks for it must not wait
        for ever.
        """
        if self.host != socket.gethostname():
            return True
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:  # it lives, as another user's
            pass
        return _start(self.pid) != self.start


def current_process() -> ProcessIdentity:
    """Return the identity of the process that asks."""
    return ProcessIdentity(socket.gethostname(), os.getpid(), _user(), _start(os.getpid()))


def _user() -> str:
    try:
        return getuser()
    except KeyError:  # a container's user number may have no name
        return str(os.getuid())


def _start(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "ended" if fields[_STATE] in {"Z", "X"} else fields[_START]  # a zombie waits for its parent only
