"""What befalls a machine under a running study: it goes on, or ends in one line and goes on when resumed."""

import os
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from service.study.storage.lease import LAPSE_SECONDS
from tests.chaos.disturbances.full_disk import fill
from tests.end_to_end.commands import (
    PROCTOR,
    descendants,
    environment,
    on_ray,
    proctor,
    start_on_ray,
    start_proctor,
    trials_of,
    wait_for_trials,
)
from tests.mounts import small, within
from tests.ray_cluster import cluster_apart

SHORT = ("--trials", "8", "--max-epochs", "20", "--no-baselines", "--confirm", "0", "--no-report")
STUDY = ("run", "digits", "--space", "small", *SHORT)
LONG = ("run", "digits", "--space", "small", "--trials", "4000", "--no-baselines", "--no-report")
RESUME = "finished work is kept; continue with: proctor resume digits"
ON_LINUX = pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are found in /proc")


@ON_LINUX
@pytest.mark.parametrize("part", ["gcs_server", "raylet"])
def test_a_study_whose_ray_dies_ends_in_one_line_that_goes_on(part: str, tmp_path: Path) -> None:
    process = start_on_ray("first", *LONG, "--workers", "1", cwd=tmp_path)
    wait_for_trials(process, tmp_path, "digits", 1)
    os.kill(process_of_ray(part, below=process.pid), signal.SIGKILL)
    _, err = process.communicate(timeout=120)

    assert process.returncode == 1, err
    last = err.strip().splitlines()[-1]
    assert last.startswith(f"proctor: Ray's {part} has died (killed, or out of memory)"), err
    assert RESUME in last
    trials = trials_of(tmp_path, "digits")
    assert sum(trial["state"].is_finished() for trial in trials) >= 1


@ON_LINUX
@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("raylet", "Ray's raylet on this machine has died; "),
        pytest.param(
            "gcs_server",
            r"the cluster's head at \S+ has not answered for 20 seconds \(.*\); ",
            marks=pytest.mark.waits,
        ),
    ],
)
def test_a_study_whose_cluster_dies_ends_in_one_line_that_goes_on(
    part: str, said: str, tmp_path: Path
) -> None:
    """Ray itself would end the command without a word, sooner or later."""
    with cluster_apart() as cluster:
        process = start_proctor(*LONG, "--workers", "1", "--address", cluster.address, cwd=tmp_path)
        wait_for_trials(process, tmp_path, "digits", 1)
        os.kill(process_of_ray(part, below=cluster.pid), signal.SIGKILL)
        _, err = process.communicate(timeout=50)  # Ray waits for 60 seconds

    assert process.returncode == 1, err
    assert re.match(f"proctor: {said}{RESUME}", err.strip().splitlines()[-1]), err


def process_of_ray(part: str, *, below: int) -> int:
    """Return the number of the one process of a part of Ray's that is below another process."""
    (found,) = (pid for pid, name in descendants(below).items() if name.split(" ")[0].endswith(f"/{part}"))
    return found


def started(words: Sequence[str], cwd: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        words, cwd=cwd, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """Give a directory that is not in /tmp, which is mounted over."""
    directory = Path(tempfile.mkdtemp(dir="/var/tmp"))
    yield directory
    shutil.rmtree(directory)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Run the study alone; return its trials."""
    alone = tmp_path_factory.mktemp("alone")
    assert proctor(*STUDY, "--workers", "0", cwd=alone).returncode == 0
    return trials_of(alone, "digits")


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_tmp_and_a_shared_memory_that_fill_up_lose_no_trial(
    workers: str, elsewhere: Path, undisturbed: list[dict[str, Any]]
) -> None:
    """Without Ray the study goes on; Ray may die of it, which ends the study in one line."""
    places = ("/tmp", "/dev/shm")  # noqa: S108 (mounted for it)
    words = within(
        on_ray("first", *STUDY, "--workers", workers),
        mounts=[small(place, "300m") for place in places],
    )
    with started(words, elsewhere) as process:
        wait_for_trials(process, elsewhere, "digits", 1)
        for place in places:
            fill(Path(f"/proc/{process.pid}/root{place}/filler"))
        _, err = process.communicate(timeout=120)
    if process.returncode != 0:
        assert (workers, process.returncode) == ("1", 1), err
        assert RESUME in err.strip().splitlines()[-1]
        assert proctor("resume", "digits", "--workers", "0", "--no-report", cwd=elsewhere).returncode == 0

    assert trials_of(elsewhere, "digits") == undisturbed


def test_a_full_disk_ends_a_study_in_one_line_that_goes_on(
    elsewhere: Path, undisturbed: list[dict[str, Any]]
) -> None:
    disk, kept = elsewhere / "disk", elsewhere / "kept"
    disk.mkdir()
    kept.mkdir()
    begin = shlex.join([f"{PROCTOR}", *STUDY, "--workers", "0", "--storage-patience", "3"])
    go_on = shlex.join([f"{PROCTOR}", "resume", "digits", "--workers", "0", "--no-report"])
    script = f"cd {disk}; {begin}; echo status $? >&2; rm filler; {go_on} && cp proctor.db* {kept}"
    words = within(("sh", "-c", script), mounts=[f"mount -t tmpfs -o size=20m none {disk}"])
    with started(words, elsewhere) as process:
        assert process.stdout is not None
        while not process.stdout.readline().startswith("trial "):
            assert process.poll() is None, process.communicate()
        fill(Path(f"/proc/{process.pid}/root{disk}/filler"))
        _, err = process.communicate(timeout=180)

    assert process.returncode == 0, err
    line = next(line for line in err.splitlines() if line.startswith("proctor: storage "))
    assert "database or disk is full" in line
    assert RESUME in line
    assert "status 2" in err
    assert trials_of(kept, "digits") == undisturbed


def test_a_suspended_coordinator_that_was_taken_over_ends_in_one_line(
    tmp_path: Path, undisturbed: list[dict[str, Any]]
) -> None:
    first = start_proctor(*STUDY, "--workers", "0", cwd=tmp_path)
    wait_for_trials(first, tmp_path, "digits", 1)
    _suspend_between_writes(first, tmp_path / "proctor.db")
    held = proctor("resume", "digits", "--workers", "0", "--no-report", cwd=tmp_path)
    assert held.returncode == 2
    assert f"study 'digits' is running: process {first.pid}" in held.stderr
    with closing(sqlite3.connect(tmp_path / "proctor.db")) as connection, connection:  # as if time had passed
        connection.execute("UPDATE proctor_leases SET renewed_at = renewed_at - ?", (LAPSE_SECONDS,))
    assert proctor("resume", "digits", "--workers", "0", "--no-report", cwd=tmp_path).returncode == 0
    first.send_signal(signal.SIGCONT)
    _, err = first.communicate(timeout=60)

    assert first.returncode == 1
    assert "this process was paused or cut off for too long" in err.strip().splitlines()[-1]
    assert trials_of(tmp_path, "digits") == undisturbed


def _suspend_between_writes(process: subprocess.Popen[str], database: Path) -> None:
    """Suspend a process that holds no lock on the database: one that does keeps everybody out, as it must."""
    for _ in range(100):
        process.send_signal(signal.SIGSTOP)
        with closing(sqlite3.connect(database, timeout=0.1)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                process.send_signal(signal.SIGCONT)
            else:
                return
        time.sleep(0.01)
    raise AssertionError("expected the process to let go of the database within 100 tries")
