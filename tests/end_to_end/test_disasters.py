"""What befalls the machine under a running study: it goes on, or ends in a line and a resume goes on."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.disturbances.full_disk import fill
from tests.end_to_end.commands import (
    PROCTOR,
    descendants,
    environment,
    proctor,
    start_proctor,
    trials_of,
    wait_for_trials,
)
from tests.mounts import within

STUDY = (
    "run",
    "iris",
    "--trials",
    "8",
    "--max-epochs",
    "40",
    "--no-baselines",
    "--confirm",
    "0",
    "--no-report",
)
LONG = ("run", "digits", "--space", "small", "--trials", "400", "--no-baselines", "--no-report")
RESUME = "what is done is kept, go on with: proctor resume digits"
ON_LINUX = pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are found in /proc")


@ON_LINUX
@pytest.mark.parametrize("part", ["gcs_server", "raylet"])
def test_a_study_whose_ray_dies_ends_in_one_line_that_goes_on(part: str, tmp_path: Path) -> None:
    process = start_proctor(*LONG, "--workers", "1", cwd=tmp_path)
    wait_for_trials(process, tmp_path, "digits", 1)
    (head,) = (
        pid for pid, name in descendants(process.pid).items() if name.split(" ")[0].endswith(f"/{part}")
    )
    os.kill(head, signal.SIGKILL)
    _, err = process.communicate(timeout=120)

    assert process.returncode == 1, err
    last = err.strip().splitlines()[-1]
    assert last.startswith(f"proctor: Ray's {part} has died (killed, or out of memory)"), err
    assert RESUME in last
    trials = trials_of(tmp_path, "digits")
    assert sum(trial["state"].is_finished() for trial in trials) >= 1


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """Give a directory that is not in /tmp, which is mounted over."""
    directory = Path(tempfile.mkdtemp(dir="/var/tmp"))
    yield directory
    shutil.rmtree(directory)


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_tmp_and_a_shared_memory_that_fill_up_end_no_study(workers: str, elsewhere: Path) -> None:
    places = ("/tmp", "/dev/shm")  # noqa: S108 (mounted for it)
    words = within(
        (f"{PROCTOR}", *STUDY, "--workers", workers),
        mounts=[f"mount -t tmpfs -o size=300m none {place}" for place in places],
    )
    process = subprocess.Popen(
        words, cwd=elsewhere, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_for_trials(process, elsewhere, "iris", 1)
    for place in places:
        fill(Path(f"/proc/{process.pid}/root{place}/filler"))
    _, err = process.communicate(timeout=120)

    assert process.returncode == 0, err
    alone = elsewhere / "alone"
    alone.mkdir()
    assert proctor(*STUDY, "--workers", "0", cwd=alone).returncode == 0
    assert trials_of(elsewhere, "iris") == trials_of(alone, "iris")


def test_a_full_disk_ends_a_study_in_one_line_that_goes_on(elsewhere: Path) -> None:
    disk = elsewhere / "disk"
    disk.mkdir()
    words = within(
        (
            f"{PROCTOR}",
            *LONG,
            "--workers",
            "0",
            "--storage-patience",
            "3",
            "--storage",
            f"sqlite:///{disk}/d.db",
        ),
        mounts=[f"mount -t tmpfs -o size=20m none {disk}", f"cd {elsewhere}"],
    )
    process = subprocess.Popen(
        words, cwd=elsewhere, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    seen = Path(f"/proc/{process.pid}/root{disk}")
    while not (seen / "d.db").exists() or (seen / "d.db").stat().st_size < 2**17:
        assert process.poll() is None, process.communicate()
    fill(seen / "filler")
    # The disk is gone with the process: a copy of the file is what would be left on it.
    _, err = process.communicate(timeout=120)

    assert process.returncode == 2, err
    last = err.strip().splitlines()[-1]
    assert "database or disk is full" in last
    assert "what is done is kept, go on with: proctor resume digits --storage" in last
