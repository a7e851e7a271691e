"""A limit on how much memory this process may add, kept by the kernel while a trial runs.

Linux counts a process's private writable memory, and refuses what goes beyond `RLIMIT_DATA`: an allocation
fails there, which NumPy and Python report as `MemoryError`, instead of taking memory from other processes.
Memory that the process shares, such as arrays in an object store, is not counted. Memory that earlier trials
freed and the allocator kept is counted already, and may be used once more. Other systems have no limit that
they keep: there nothing is limited.
"""

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STATUS = Path("/proc/self/status")


@contextmanager
def memory_limit(n_bytes: int | None) -> Iterator[None]:
    """Allow this process so much more memory than it has now (bytes), until the block is left.

    Parameters
    ----------
    n_bytes
        None limits nothing.
    """
    if n_bytes is None or sys.platform != "linux":
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = _private_bytes() + n_bytes
    allowed = min((limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY), default=wanted)
    resource.setrlimit(resource.RLIMIT_DATA, (min(wanted, allowed), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _private_bytes() -> int:
    """Return the private writable memory of this process, as the kernel counts it (bytes)."""
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmData:"))
    return int(line.split()[1]) * 1024
