"""A cluster starts in odd circumstances, or one line says what to change: it neither hangs nor raves."""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.end_to_end.commands import environment
from tests.mounts import full, read_only, tiny, within
from workers.pools.private_directory import PREFIX

ROOT = Path(__file__).parents[3]
LEFT = "or train in this process, without Ray: --workers 0"


def started(
    *,
    prefix: Sequence[str] = (),
    mounts: Sequence[str] = (),
    seconds: float = 90,
    times: int = 1,
    **env: str,
) -> str:
    """Start a cluster, or some in turn, and return what is said of each; it must be one line."""
    words = [*prefix, sys.executable, "-m", "tests.workers.pools.ray_start", f"{seconds}", f"{times}"]
    if mounts:
        words = within(words, mounts=mounts)
    done = subprocess.run(
        words, cwd=ROOT, env=environment(**env), capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    return line


def own_directories() -> set[Path]:
    places = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 (where they are made)
    return {path for place in places for path in Path(place).glob(f"{PREFIX}*") if not is_in_use(path)}


def is_in_use(directory: Path) -> bool:
    """Tell whether a living process holds a directory: tests beside this one start clusters, too."""
    try:
        with (directory / "in-use").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # it is being made, or removed
        return True
    return False


def test_a_long_directory_no_home_and_an_optimizing_python_are_no_hindrance(tmp_path: Path) -> None:
    place = tmp_path / ("long" * 25)
    place.mkdir()
    before = own_directories()
    assert started(TMPDIR=f"{place}", HOME="/proc", PYTHONOPTIMIZE="1") == "trained"
    assert list(place.iterdir()) == []
    assert own_directories() <= before


def test_a_process_without_a_token_in_its_home_has_one_cluster_after_the_other() -> None:
    assert started(times=2, HOME="/proc") == "trained"


def test_a_read_only_tmp_and_a_tiny_shared_memory_are_no_hindrance() -> None:
    assert started(mounts=[read_only("/tmp"), tiny("/dev/shm")]) == "trained"  # noqa: S108 (mounted for it)


def test_a_full_tmp_is_no_hindrance() -> None:
    assert started(mounts=[full("/tmp")]) == "trained"  # noqa: S108 (mounted for it)


def test_where_there_is_no_room_at_all_one_line_says_so() -> None:
    mounts = [full("/tmp"), read_only("/var/tmp"), full("/dev/shm")]  # noqa: S108 (mounted for it)
    line = started(mounts=mounts, XDG_RUNTIME_DIR="")
    assert line.startswith("Ray needs a directory for its files: /tmp has 0 MB free, ")
    assert "tmp cannot be written (Read-only file system); /dev/shm has 0 MB free" in line
    assert line.endswith(f"make room there, or set TMPDIR to a short path that has room, {LEFT}")


def test_a_start_that_takes_too_long_is_given_up_and_leaves_nothing() -> None:
    before, began = own_directories(), time.monotonic()
    line = started(seconds=0.3)
    assert line == f"Ray has not started within 0.3 seconds: try again while the machine is less busy, {LEFT}"
    assert time.monotonic() - began < 60
    assert own_directories() <= before


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can be somebody else")
@pytest.mark.parametrize("most", [40, 150])
def test_a_limit_on_processes_is_told_before_ray_dies_of_it(most: int) -> None:
    able = "+dac_override,+dac_read_search"  # the checkout may lie in root's home
    somebody = ["setpriv", "--reuid", "65534", "--clear-groups", "--inh-caps", able, "--ambient-caps", able]
    line = started(prefix=[*somebody, "prlimit", f"--nproc={most}"], HOME="/proc")
    assert line.startswith("Ray needs about 205 more processes and threads, the limit on them leaves ")
    assert line.endswith(f": raise it (ulimit -u, or the container's), {LEFT}")
