"""A power cut under a SQLite database: its files as they are in mid-write, the last write torn."""

import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path
from random import Random

from tests.chaos.disturbances.disturbance import Disturbance
from tests.chaos.scene import Scene

_TORN_BYTES = 2000
"""Of a page of 4096 that was being written to the log."""


def copy_in_mid_write(database: Path, to: Path, *, pid: int, rng: Random) -> None:
    """Copy a database's files while the process that writes them stands still, with a torn write at the end.

    Commits are on the disk when they are told of (`synchronous = FULL`): what a power cut may take or tear is
    the write behind the last commit. SQLite's index in shared memory is lost with the power.

    Parameters
    ----------
    database
        The database file.
    to
        Where the copy goes; its log is put beside it.
    pid
        The process that writes.
    rng
        What the torn write is drawn from.
    """
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
        try:
            shutil.copy(database, to)
            log = _log_of(database)
            if log.exists():
                torn = rng.randbytes(rng.randrange(_TORN_BYTES))
                _log_of(to).write_bytes(log.read_bytes() + torn)
        finally:
            os.kill(pid, signal.SIGCONT)


def power_lost(database: Path) -> Disturbance:
    """Return the disturbance of a power cut under a database file."""

    def cut(scene: Scene, rng: Random) -> bool:
        if not scene.is_under_way():
            return False
        copy = database.with_suffix(".copy")
        copy_in_mid_write(database, copy, pid=scene.pid, rng=rng)
        scene.end()
        for path in (database, _log_of(database), database.with_name(f"{database.name}-shm")):
            path.unlink(missing_ok=True)
        copy.rename(database)
        if _log_of(copy).exists():
            _log_of(copy).rename(_log_of(database))
        return True

    return Disturbance("the power cut", cut, is_survived=False)


def _log_of(database: Path) -> Path:
    return database.with_name(f"{database.name}-wal")
