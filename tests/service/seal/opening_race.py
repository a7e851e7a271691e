"""Real processes that open one test set at the same moment, and live until they are told to end."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

PROGRAM = """
import os, sys
from sqlalchemy import create_engine
from service.seal.identity import StudyIdentity
from service.seal.ledger import AlreadyOpenedError, Ledger

url, studies = sys.argv[1], sys.argv[2:]
ready, go = os.pipe()
for study in studies:
    if os.fork() == 0:  # each makes a connection of its own
        os.close(go)
        os.read(ready, 1)  # returns to all at once, when the last holder of the other end closes it
        ledger = Ledger(create_engine(url), lambda: [])
        try:
            ledger.create_table()
            words = "resumed" if ledger.open(StudyIdentity(study, study, 1), "ab" * 32, 7).resumed else "won"
        except AlreadyOpenedError as refusal:
            words = f"refused: {refusal}"
        os.write(1, f"{os.getpid()} {words}\\n".encode())  # in one piece: the racers share the pipe
        sys.stdin.read()
        os._exit(0)
os.close(go)
for _ in studies:
    os.wait()
"""


@contextmanager
def opening_race(url: str, studies: Sequence[str]) -> Iterator[dict[int, str]]:
    """Run a racer for each study named; yields what each says of its opening, by its process number."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, url, *studies],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as launcher:
        assert launcher.stdout is not None
        said = [launcher.stdout.readline().split(maxsplit=1) for _ in studies]
        yield {int(pid): words.strip() for pid, words in said}
