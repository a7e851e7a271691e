"""What a Ray cluster of this process's own needs of the machine, asked without importing Ray."""

import shutil
from pathlib import Path

from workers.pools.pool import PoolUnreachableError
from workers.pools.private_directory import NoRoomError, PrivateDirectory
from workers.pools.task_limit import tasks_left
from workers.trial_data import TrialData

HEAD_TASKS, WORKER_TASKS = 180, 25
"""Processes and threads of a cluster's own, and of each worker: what was counted, and a tenth more."""

WITHOUT_RAY = "or train in this process, without Ray: --workers 0"

_LOG_BYTES = 32 * 2**20
"""Room for what Ray's processes write."""


def store_bytes(data: TrialData) -> int:
    """Return how much memory Ray's objects are given (bytes)."""
    return 100 * 2**20 + 2 * data.n_bytes


def least_free_bytes(data: TrialData) -> int:
    """Return how much room a cluster's directory needs (bytes)."""
    n_bytes = store_bytes(data)
    return _LOG_BYTES + (0 if _has_shared_memory(n_bytes) else n_bytes)


def roomy_directory(least_free: int) -> PrivateDirectory:
    """Make the directory of a cluster, with so much room (bytes).

    Raises
    ------
    PoolUnreachableError
        No place has it.
    """
    try:
        return PrivateDirectory(least_free)
    except NoRoomError as error:
        raise PoolUnreachableError(
            f"Ray needs a directory for its files: {error}; make room there, or set TMPDIR to a short"
            f" path that has room, {WITHOUT_RAY}"
        ) from error


def check_tasks(n_workers: int) -> None:
    """Check that the limits on processes and threads let a cluster start.

    Raises
    ------
    PoolUnreachableError
        They do not.
    """
    needed, left = HEAD_TASKS + WORKER_TASKS * n_workers, tasks_left()
    if left is not None and left < needed:
        raise PoolUnreachableError(
            f"Ray needs about {needed} more processes and threads, the limit on them leaves {left}: raise it"
            f" (ulimit -u, or the container's), {WITHOUT_RAY}"
        )


def check_needs(data: TrialData, *, n_workers: int) -> None:
    """Check what can be checked before a cluster is started.

    Raises
    ------
    PoolUnreachableError
        It would lack something.
    """
    roomy_directory(least_free_bytes(data)).close()
    check_tasks(n_workers)


def _has_shared_memory(n_bytes: int) -> bool:
    """Tell whether Ray will have its objects in memory: else they lie in its directory."""
    memory = Path("/dev/shm")  # noqa: S108 (Ray's place on Linux, which it asks for likewise)
    return memory.is_dir() and shutil.disk_usage(memory).free >= n_bytes
