"""A search begins without Ray, goes on with it where that pays, and leaves nothing of a start given up."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from service.study.storage.kept_trials import record_of
from service.study.storage.study_store import StudyStore
from tests.chaos.disturbances.full_disk import fill
from tests.end_to_end.commands import (
    database,
    descendants,
    environment,
    on_ray,
    proctor,
    start_on_ray,
    trials_of,
    wait_for_trials,
)
from tests.end_to_end.test_disasters import elsewhere
from tests.end_to_end.test_same_study import outcome
from tests.house.checkout import ROOT
from tests.mounts import small, within
from workers.pools.private_directory import PREFIX
from workers.pools.thread_directory import threads_may_have_own

STUDY = (
    *("run", "digits", "--space", "small", "--trials", "12", "--seed", "5", "--max-epochs", "300"),
    *("--patience", "300", "--confirm", "2", "--confirm-seeds", "1", "--no-baselines", "--no-report"),
)
"""It takes longer than Ray's start."""

LONG = ("run", "digits", "--space", "small", "--trials", "4000", "--no-baselines", "--no-report")
SHORT = ("run", "iris", "--trials", "3", "--max-epochs", "3", "--confirm", "0", "--no-baselines")
RESUME = "continue with: proctor resume digits"

pytestmark = pytest.mark.skipif(not threads_may_have_own(), reason="Ray comes first here")
__all__ = ["elsewhere"]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Run the study without Ray; return its directory and its report."""
    directory = tmp_path_factory.mktemp("alone")
    run = proctor(*STUDY, "--json", "--workers", "0", cwd=directory)
    assert run.returncode == 0, run.stderr
    return directory, run.stdout


def workers_of(directory: Path, study: str) -> set[str]:
    """Return the names of the workers that trials were run by."""
    store = StudyStore(database(directory), create=False)
    trials = store.trials(study)
    store.close()
    return {record_of(trial).worker or "" for trial in trials}


def cluster_directory(process: "subprocess.Popen[str]") -> Path:
    """Wait until a running command starts Ray, and return the directory of its cluster."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, process.communicate()
        for words in descendants(process.pid).values():
            for word in words.replace("=", " ").replace(":", " ").split():
                if f"/{PREFIX}" in word and word.startswith("/"):
                    place, _, rest = word.partition(f"/{PREFIX}")
                    return Path(place, PREFIX + rest.partition("/")[0])
        time.sleep(0.02)
    raise AssertionError("Ray was not started")


def is_mentioned(directory: Path) -> bool:
    """Tell whether a process has a directory among its words."""
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return str(directory) in listed.stdout


def test_a_short_search_does_without_ray(tmp_path: Path) -> None:
    words = [*SHORT, "--workers", "2", "--quiet"]
    script = (
        "import sys; from service.cli import run_command;"
        f"run_command({words}); sys.exit('ray' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment(PYTHONPATH=f"{ROOT}"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "Test error" in done.stdout
    assert len(workers_of(tmp_path, "iris")) == 1


def test_a_search_that_moves_to_ray_is_the_same_study(tmp_path: Path, alone: tuple[Path, str]) -> None:
    running = start_on_ray("early", *STUDY, "--json", "--workers", "2", cwd=tmp_path)
    directory = cluster_directory(running)
    out, err = running.communicate(timeout=180)

    assert running.returncode == 0, err
    assert len(workers_of(tmp_path, "digits")) >= 2, "Ray's workers took part"
    assert trials_of(tmp_path, "digits") == trials_of(alone[0], "digits")
    assert outcome(out) == outcome(alone[1])
    assert not directory.exists()
    assert not is_mentioned(directory)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_ray_starts_stops_in_order_and_leaves_nothing(
    number: signal.Signals, tmp_path: Path
) -> None:
    running = start_on_ray("early", *LONG, "--workers", "2", cwd=tmp_path)
    wait_for_trials(running, tmp_path, "digits", 1)
    directory = cluster_directory(running)
    os.kill(running.pid, number)
    out, err = running.communicate(timeout=60)

    assert running.returncode == 130, (out, err)
    assert RESUME in err.strip().splitlines()[-1]
    assert not directory.exists()
    assert not is_mentioned(directory)


def test_a_search_that_ends_while_ray_starts_leaves_nothing_of_it(tmp_path: Path) -> None:
    running = start_on_ray("early", *SHORT, "--workers", "2", cwd=tmp_path, TMPDIR=f"{tmp_path}")
    out, err = running.communicate(timeout=60)

    assert running.returncode == 0, err
    assert "Ray" not in err
    assert "Test error" in out
    assert not list(tmp_path.glob("proctor-*"))
    assert not is_mentioned(tmp_path)


@pytest.mark.waits
def test_a_head_that_dies_while_it_starts_costs_no_trial(tmp_path: Path, alone: tuple[Path, str]) -> None:
    running = start_on_ray("early", *STUDY, "--json", "--workers", "2", cwd=tmp_path)
    os.kill(starting_part_of_ray("gcs_server", running), signal.SIGKILL)
    out, err = running.communicate(timeout=180)

    assert running.returncode == 0, err
    assert trials_of(tmp_path, "digits") == trials_of(alone[0], "digits")
    assert outcome(out) == outcome(alone[1])
    assert len(workers_of(tmp_path, "digits")) == 1


def starting_part_of_ray(part: str, process: "subprocess.Popen[str]") -> int:
    """Wait until a running command starts a part of Ray, and return that one's number."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, process.communicate()
        for pid, name in descendants(process.pid).items():
            if name.split(" ")[0].endswith(f"/{part}"):
                return pid
        time.sleep(0.02)
    raise AssertionError(f"{part} was not started")


def test_a_tmp_that_fills_up_while_ray_starts_loses_no_trial(
    elsewhere: Path,
    alone: tuple[Path, str],
) -> None:
    places = ("/tmp", "/dev/shm")  # noqa: S108 (mounted for it)
    words = within(
        on_ray("early", *STUDY, "--workers", "2"), mounts=[small(place, "300m") for place in places]
    )
    running = subprocess.Popen(
        words,
        cwd=elsewhere,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    cluster_directory(running)
    for place in places:
        fill(Path(f"/proc/{running.pid}/root{place}/filler"))
    _, err = running.communicate(timeout=180)
    if running.returncode != 0:
        assert running.returncode == 1, err
        assert RESUME in err.strip().splitlines()[-1]
        assert proctor("resume", "digits", "--workers", "0", "--no-report", cwd=elsewhere).returncode == 0

    assert trials_of(elsewhere, "digits") == trials_of(alone[0], "digits")
