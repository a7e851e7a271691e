"""Real processes that hold the lease on a study, and write to it when they are told to."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

PROGRAM = """
import sys
from service.study.storage.kept_trials import AskedTrial
from service.study.storage.lease import Lease
from service.study.storage.study_store import StudyStore

store = StudyStore(sys.argv[1], create=False)
try:
    lease = Lease.take(store.engine, "study", lapse_seconds=float(sys.argv[2]))
    print("holds", flush=True)
    for number in map(int, sys.stdin):
        store.record("study", ended=[], asked=[AskedTrial(number, {}, {}, {})], lease=lease)
        print("wrote", flush=True)
except Exception as error:
    print(type(error).__name__, error, flush=True)
"""


class HolderProcess:
    """A process that has tried to take the lease; `said` is what came of it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said = self._line()

    def write(self, number: int) -> str:
        """Let it begin a trial; return what came of it."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{number}\n")
        self.process.stdin.flush()
        return self._line()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@contextmanager
def holder(url: str, *, lapse_seconds: float) -> Iterator[HolderProcess]:
    """Run a process that tries to take the lease on `study`, never gives it back, and is killed."""
    command = [sys.executable, "-c", PROGRAM, url, str(lapse_seconds)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield HolderProcess(process)
        finally:
            process.kill()
