"""A process that is timed: by the wall, its own processor time, and that of all below it."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Timing:
    """Of one process (seconds).

    Attributes
    ----------
    began
        When it was started (Unix seconds).
    wall
        From its start to its end.
    own_processor
        Processor time of the process itself.
    tree_processor
        The same with its children that it waited for.
    """

    began: float
    wall: float
    own_processor: float
    tree_processor: float


def run(words: Sequence[str | Path], *, cwd: Path, variables: Mapping[str, str]) -> Timing:
    """Run a command to its end, its output in a file, and time it.

    Raises
    ------
    RuntimeError
        It fails; with its last words.
    """
    output = cwd / "output.txt"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    with output.open("w") as file:
        began = time.time()
        process = subprocess.Popen(  # noqa: S603 (words of this benchmark's own)
            words, cwd=cwd, env={**environment, **ONE_THREAD, **variables}, stdout=file, stderr=file
        )
        own = 0.0
        while True:
            own = _own_processor_seconds(process.pid) or own
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            time.sleep(0.02)
    wall = time.time() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))} failed:\n{output.read_text()[-3000:]}")
    return Timing(began, wall, own, usage.ru_utime + usage.ru_stime)


def python(*words: str | Path) -> list[str | Path]:
    """Return the words that run Python's `-m ...` in this environment."""
    return [sys.executable, "-m", *words]


def _own_processor_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # no such file system
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS_A_SECOND
