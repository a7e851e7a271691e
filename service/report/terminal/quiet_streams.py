"""Other people's noise into a log file: what libraries write to standard output and error."""

import fcntl
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedWriter, FileIO, TextIOWrapper
from pathlib import Path
from typing import Any, TextIO

from service.configuration.study_config import plain_name

_PREFIX, _SUFFIX = "proctor-", ".log"
_YOUNG_SECONDS = 60.0
"""A log so young may not be locked yet."""


@dataclass(frozen=True, slots=True)
class Streams:
    """The real standard output and error, for what the user is to see, and the log where it is kept besides.

    What cannot be written any more, because a terminal or a pipe is closed or a disk is full, is dropped: a
    study does not end for want of somebody who reads.
    """

    out: TextIO
    err: TextIO
    log: TextIO | None = None


class _LastingFile(FileIO):
    """A file that takes what is written, also when nobody reads it any more."""

    def write(self, content: Any, /) -> int:  # noqa: ANN401 (any buffer)
        """Write what can be written; what cannot counts as written."""
        try:
            return super().write(content)
        except BlockingIOError:
            raise
        except OSError:
            return memoryview(content).nbytes


def _lasting(descriptor: int) -> TextIO:
    file = BufferedWriter(_LastingFile(os.dup(descriptor), "wb"))
    return TextIOWrapper(file, encoding="utf-8", line_buffering=True)


@contextmanager
def quiet_streams(log: Path) -> Iterator[Streams]:
    """Send file descriptors 1 and 2 to a log file, and yield the real ones.

    Ray's processes write to the descriptors that they inherit, past Python's own streams. The log is locked
    for as long as any process has it.

    Parameters
    ----------
    log
        Written to at its end.
    """
    _flush()
    real = [os.dup(1), os.dup(2)]
    with log.open("ab") as file:
        with suppress(OSError):  # not every file system has locks, nor the null device
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    with _lasting(real[0]) as out, _lasting(real[1]) as err, _lasting(2) as into_log:
        try:
            yield Streams(out, err, into_log)
        finally:
            _flush()
            for descriptor, saved in enumerate(real, start=1):
                os.dup2(saved, descriptor)
                os.close(saved)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # nobody reads it any more, or the log's disk is full
            stream.flush()


@contextmanager
def log_file(name: str) -> Iterator[Path]:
    """Have a log file of a command's own, which is removed at the end if nothing was written to it.

    Empty ones that this user's killed commands left behind are removed on the way.

    Parameters
    ----------
    name
        Of the study; the file's name has what comes closest to it.
    """
    try:
        directory = Path(tempfile.gettempdir())
        _remove_abandoned(directory)
        descriptor, path = tempfile.mkstemp(
            prefix=f"{_PREFIX}{plain_name(name)}-", suffix=_SUFFIX, dir=directory
        )
    except OSError:  # no directory for such files can be written
        yield Path(os.devnull)
        return
    os.close(descriptor)
    log = Path(path)
    try:
        yield log
    finally:
        with suppress(OSError):
            if log.stat().st_size == 0:
                log.unlink()


def _remove_abandoned(directory: Path) -> None:
    for log in directory.glob(f"{_PREFIX}*{_SUFFIX}"):
        with suppress(OSError):  # another command removes it just now
            facts = log.lstat()
            is_old = time.time() - facts.st_mtime > _YOUNG_SECONDS
            if facts.st_size > 0 or facts.st_uid != os.geteuid() or not is_old or log.is_symlink():
                continue
            with log.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                log.unlink()
