"""A disk that is full for a while, under a SQLite file: a real one of megabytes, and a limit on files."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

from tests.chaos.disturbances.disturbance import Disturbance
from tests.chaos.scene import Scene

DISK_MEGABYTES = 64


@contextmanager
def small_disk(directory: Path) -> Iterator[bool]:
    """Make a directory a disk of its own for a while; tell whether it could be: only root may."""
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", str(directory)]
    is_mounted = sys.platform == "linux" and os.geteuid() == 0
    is_mounted = is_mounted and subprocess.run(words, check=False, capture_output=True).returncode == 0
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(directory)], check=False)


def fill(filler: Path) -> None:
    """Write a file until its disk is full to the last byte."""
    with filler.open("wb", buffering=0) as file:
        for block in (b"\0" * 2**16, b"\0"):
            with suppress(OSError):
                while file.write(block):
                    pass


def disk_full(disk: Path) -> Disturbance:
    """Return the disturbance of a disk that is filled to its last byte."""

    def fill_for_a_while(scene: Scene, rng: Random) -> bool:
        if not scene.is_under_way():
            return False
        filler = disk / "filler"
        fill(filler)
        time.sleep(rng.uniform(1, 6))
        filler.unlink()
        scene.mark()
        return True

    return Disturbance("the disk full", fill_for_a_while)


def _limit_files(scene: Scene, rng: Random) -> bool:
    """Let no file of the coordinator grow beyond what the database has long outgrown."""
    if not scene.is_under_way():
        return False
    with suppress(ProcessLookupError):
        _, most = resource.prlimit(scene.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(scene.pid, resource.RLIMIT_FSIZE, (2**16, most))
        time.sleep(rng.uniform(1, 6))
        resource.prlimit(scene.pid, resource.RLIMIT_FSIZE, (most, most))
    scene.mark()
    return True


FILES_LIMITED = Disturbance("files may not grow", _limit_files)
