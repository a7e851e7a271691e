"""Which study this is, whatever it is called, and which process, so that others can later ask if it lives.

Names of studies change, and a copy is another study.
"""

import os
import socket
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from getpass import getuser
from pathlib import Path
from typing import Any

IDENTITY = "identity"
"""The attribute that tells studies apart: a random `key`, and the `study_id` at which the study was made."""

Place = tuple[str, int]
"""A key, and a place in the database."""


@dataclass(frozen=True, slots=True)
class StudyIdentity:
    """A study of a database, as the ledger knows it.

    Attributes
    ----------
    name
        What it is called in the database now.
    key
        Drawn when it was made, and shared by the copies that other tools make.
    study_id
        Its place in the database, which a copy has not.
    former
        Places that it had before: optuna-dashboard renames a study by copying and deleting it.
    ancestors
        What it was copied from, by whichever tool, and what that was copied from.
    is_copy
        Whether another tool made it as a copy, and Proctor has not written to it since.
    is_renamed
        Whether another tool renamed it so, and Proctor has not written to it since.
    copy_of
        The name of the study that it was copied from, while that is there.
    """

    name: str
    key: str
    study_id: int
    former: tuple[int, ...] = ()
    ancestors: tuple[Place, ...] = ()
    is_copy: bool = False
    is_renamed: bool = False
    copy_of: str | None = None

    @property
    def places(self) -> tuple[Place, ...]:
        """Where it is and was, the newest first."""
        return tuple((self.key, place) for place in (self.study_id, *self.former))

    def owns(self, key: str, study_id: int) -> bool:
        """Whether what was written down for a key and a place is this study's own."""
        return (key, study_id) in self.places

    def descends_from(self, key: str, study_id: int) -> bool:
        """Whether that was a study that this one was copied from."""
        return (key, study_id) in self.ancestors


def identities_of(stored: Sequence[tuple[str, int, Any]]) -> dict[str, StudyIdentity]:
    """Return the identities of all studies of a database, by name; what is damaged has none.

    Parameters
    ----------
    stored
        Name, place in the database, and the attribute `IDENTITY` of each.
    """
    sound = [(name, study_id, written) for name, study_id, written in stored if _is_sound(written)]
    n_with_key = Counter(written["key"] for _, _, written in sound)
    found = [_identity(name, study_id, written, n_with_key) for name, study_id, written in sound]
    owners = {place: each.name for each in found for place in each.places}
    return {
        each.name: replace(each, copy_of=owners.get(each.ancestors[0])) if each.ancestors else each
        for each in found
    }


def _is_sound(written: Any) -> bool:  # noqa: ANN401 (whatever a database holds)
    return (
        isinstance(written, dict)
        and isinstance(written.get("key"), str)
        and isinstance(written.get("study_id"), int)
    )


def _identity(
    name: str, study_id: int, written: Mapping[str, Any], n_with_key: Mapping[str, int]
) -> StudyIdentity:
    key, made_as = written["key"], written["study_id"]
    former = tuple(written.get("former", ()))
    ancestors = tuple((place["key"], place["study_id"]) for place in written.get("copied_from", ()))
    if study_id == made_as:
        return StudyIdentity(name, key, study_id, former, ancestors)
    if n_with_key[key] == 1:  # the study that it was copied from is gone: it took its place
        return StudyIdentity(name, key, study_id, (made_as, *former), ancestors, is_renamed=True)
    of_original = tuple((key, place) for place in (made_as, *former))
    return StudyIdentity(name, key, study_id, (), (*of_original, *ancestors), is_copy=True)


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
        When it started, in the kernel's clock ticks since boot: no later process has both it and the
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
