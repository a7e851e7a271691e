"""How many more processes and threads this process may have started, as far as Linux shows.

Ray's libraries end the process on the spot where the kernel refuses them a thread: so it is asked before.
"""

import os
import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PROCESSES = Path("/proc")
_GROUPS = Path("/sys/fs/cgroup")


def tasks_left() -> int | None:
    """Return how many more processes and threads there may be; None where nothing limits them."""
    left = [*_left_of_user(), *_left_of_groups()]
    return max(min(left), 0) if left else None


def _left_of_user() -> Iterator[int]:
    """Yield what `ulimit -u` leaves, which counts all that the user runs; it does not hold for root."""
    most, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    if most != resource.RLIM_INFINITY and os.getuid() != 0 and _PROCESSES.is_dir():
        yield most - sum(_n_threads(entry) for entry in _PROCESSES.iterdir() if entry.name.isdigit())


def _n_threads(process: Path) -> int:
    with suppress(OSError, KeyError, ValueError):  # it has just ended
        lines = (process / "status").read_text().splitlines()
        facts = dict(line.split(":", 1) for line in lines if ":" in line)
        if int(facts["Uid"].split()[0]) == os.getuid():
            return int(facts["Threads"])
    return 0


def _left_of_groups() -> Iterator[int]:
    """Yield what the control groups leave that the process is in, as those of containers are."""
    with suppress(OSError):
        for line in (_PROCESSES / "self" / "cgroup").read_text().splitlines():
            _, controllers, name = line.split(":", 2)
            if controllers not in {"", "pids"}:
                continue
            top = _GROUPS if controllers == "" else _GROUPS / "pids"
            group = top / name.lstrip("/")
            for place in (group, *group.parents):
                with suppress(OSError, ValueError):  # `max`, or not available here
                    most = int((place / "pids.max").read_text())
                    yield most - int((place / "pids.current").read_text())
                if place == top:
                    break
