"""A short directory of this process's own, and what becomes of those whose processes have died.

Ray puts Unix sockets below its directory, whose whole paths may have 107 bytes (macOS: 103). A process that
is killed leaves its directory behind: whoever makes the next one removes it.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PREFIX = "proctor-ray-"

LONGEST_PATH_BYTES = 38
"""Ray adds `/session_2026-11-30_21-03-42_420734_1234567/sockets/plasma_store`."""

_LOCK = "in-use"
"""A file that is locked for as long as the directory's process lives, by the kernel."""

_YOUNG_SECONDS = 60.0
"""A directory so young may be without its lock yet."""


class NoRoomError(OSError):
    """No directory is short, can be written, and has room."""


class PrivateDirectory:
    """A directory that nobody else can read, on a disk that has room; `close` removes it.

    Those that dead processes of the same user left behind are removed on the way.

    Parameters
    ----------
    least_free_bytes
        Room that there must be (bytes).

    Raises
    ------
    NoRoomError
        With what is wrong with each place.
    """

    def __init__(self, least_free_bytes: int = 0) -> None:
        remove_abandoned()
        refused: list[str] = []
        for place in _places():
            reason = self._refusal(place, least_free_bytes)
            if reason is None:
                return
            refused.append(f"{place} {reason}")
        raise NoRoomError("; ".join(refused))

    def _refusal(self, place: Path, least_free_bytes: int) -> str | None:
        """Make the directory in a place; return what is wrong with the place where that cannot be."""
        if len(os.fsencode(place)) + 1 + len(PREFIX) + 8 > LONGEST_PATH_BYTES:
            return "is too long a path"
        try:
            free = shutil.disk_usage(place).free
            if free < least_free_bytes:
                return f"has {free / 1e6:.0f} MB free, {least_free_bytes / 1e6:.0f} are needed"
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        except OSError as error:
            return f"cannot be written ({error.strerror})"
        try:
            self._lock = _locked_file(self.path)
        except OSError as error:
            shutil.rmtree(self.path, ignore_errors=True)
            return f"cannot be written ({error.strerror})"
        return None

    def close(self) -> None:
        """Remove it, with all that is in it. May be called twice."""
        if self._lock >= 0:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._lock)
            self._lock = -1


def _locked_file(directory: Path) -> int:
    """Make the file that is locked; return its descriptor. It has its name once it is locked, not before."""
    unnamed = directory / f"{_LOCK}.new"
    lock = os.open(unnamed, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        unnamed.rename(directory / _LOCK)
    except OSError:
        os.close(lock)
        raise
    return lock


def remove_abandoned() -> None:
    """Remove the directories of this user's dead processes; one that cannot be removed is left."""
    for place in _places():
        for directory in _owned(place):
            with suppress(OSError):
                if _is_abandoned(directory):
                    shutil.rmtree(directory)


def _places() -> Iterator[Path]:
    """Yield where a directory may lie, the system's own choice first."""
    places = [os.environ.get("TMPDIR"), "/tmp", "/var/tmp", os.environ.get("XDG_RUNTIME_DIR"), "/dev/shm"]  # noqa: S108 (made by mkdtemp)
    seen = dict.fromkeys(Path(place).absolute() for place in places if place)
    return (place for place in seen if place.is_dir())


def _owned(place: Path) -> list[Path]:
    try:
        found = [entry for entry in os.scandir(place) if entry.name.startswith(PREFIX)]
        return [
            Path(entry.path)
            for entry in found
            if entry.is_dir(follow_symlinks=False)
            and entry.stat(follow_symlinks=False).st_uid == os.geteuid()
        ]
    except OSError:
        return []


def _is_abandoned(directory: Path) -> bool:
    """Tell whether no process holds the directory's lock; a young one without a lock is being made."""
    try:
        lock = os.open(directory / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return time.time() - directory.lstat().st_mtime > _YOUNG_SECONDS
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
