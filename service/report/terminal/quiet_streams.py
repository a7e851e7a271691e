"""Other people's noise into a log file: what libraries write to standard output and error."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO


@dataclass(frozen=True, slots=True)
class Streams:
    """The real standard output and error, for what the user is to see."""

    out: TextIO
    err: TextIO


@contextmanager
def quiet_streams(log: Path) -> Iterator[Streams]:
    """Send file descriptors 1 and 2 to a log file, and yield the real ones.

    Ray's processes write to the descriptors that they inherit, past Python's own streams.

    Parameters
    ----------
    log
        Written to at its end.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    real = [os.dup(1), os.dup(2)]
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    with (
        os.fdopen(os.dup(real[0]), "w", encoding="utf-8", buffering=1) as out,
        os.fdopen(os.dup(real[1]), "w", encoding="utf-8", buffering=1) as err,
    ):
        try:
            yield Streams(out, err)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for descriptor, saved in enumerate(real, start=1):
                os.dup2(saved, descriptor)
                os.close(saved)
