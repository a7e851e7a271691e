"""Signals that ask the command to stop: in order, with the line that goes on, whoever is there to read it."""

import os
import pty
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.end_to_end.commands import (
    PROCTOR,
    environment,
    installed_proctor,
    on_ray,
    proctor,
    start_proctor,
    trials_of,
    wait_for_trials,
)

STUDY = (
    "run",
    "digits",
    "--space",
    "small",
    "--trials",
    "8",
    "--max-epochs",
    "20",
    "--no-baselines",
    "--no-report",
)
LONG = ("run", "digits", "--space", "small", "--trials", "4000", "--max-epochs", "30", "--no-baselines")
HERE = ("--workers", "0")
RESUME = "continue with: proctor resume digits"


def logs(directory: Path) -> str:
    """Return what the commands' logs say that have their temporary files in a directory."""
    return "".join(log.read_text() for log in directory.glob("proctor-*.log"))


def is_stopped_in_order(process: "subprocess.Popen[str]", directory: Path, name: str = "digits") -> bool:
    trials = trials_of(directory, name)
    return process.returncode == 130 and sum(trial["state"].is_finished() for trial in trials) > 0


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_in_order_and_the_line_that_goes_on_is_in_the_log(
    number: signal.Signals, tmp_path: Path
) -> None:
    process = start_proctor(*LONG, *HERE, cwd=tmp_path, TMPDIR=f"{tmp_path}")
    wait_for_trials(process, tmp_path, "digits", 1)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)

    assert is_stopped_in_order(process, tmp_path)
    assert RESUME in err
    assert RESUME in logs(tmp_path)


def test_a_study_that_was_hung_up_is_resumed_to_the_same(tmp_path: Path) -> None:
    alone, struck = tmp_path / "alone", tmp_path / "struck"
    alone.mkdir()
    struck.mkdir()
    assert proctor(*STUDY, *HERE, cwd=alone).returncode == 0
    process = start_proctor(*STUDY, *HERE, cwd=struck)
    wait_for_trials(process, struck, "digits", 3)
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=60)
    assert process.returncode in {0, 130}
    assert proctor("resume", "digits", *HERE, cwd=struck).returncode == 0

    assert trials_of(struck, "digits") == trials_of(alone, "digits")


def test_a_closed_terminal_stops_in_order_with_ray_too(tmp_path: Path) -> None:
    """The kernel tells the whole foreground group, and nothing can be written any more."""
    pid, terminal = pty.fork()
    if pid == 0:  # the terminal's own session, of which the command is the leader
        os.chdir(tmp_path)
        words = on_ray("first", *LONG, "--workers", "2")
        os.execve(words[0], words, environment(TMPDIR=f"{tmp_path}"))  # noqa: S606 (a shell does so)
    give_up = time.monotonic() + 120
    while b"trials done" not in os.read(terminal, 4096):
        assert time.monotonic() < give_up
    time.sleep(1)
    os.close(terminal)
    _, status = os.waitpid(pid, 0)

    assert os.waitstatus_to_exitcode(status) == 130
    assert RESUME in logs(tmp_path)


def test_what_nohup_ignores_stays_ignored(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as out:
        process = subprocess.Popen(
            ["nohup", PROCTOR, *STUDY, *HERE],
            cwd=tmp_path,
            env=environment(),
            stdout=out,
            stderr=out,
            text=True,
        )
    wait_for_trials(process, tmp_path, "digits", 1)
    for _ in range(3):
        process.send_signal(signal.SIGHUP)
        time.sleep(0.1)
    assert process.wait(timeout=120) == 0


def test_a_reader_that_leaves_ends_no_study(tmp_path: Path) -> None:
    process = start_proctor(*STUDY, *HERE, cwd=tmp_path)
    for stream in (process.stdout, process.stderr):
        assert stream is not None
        stream.close()
    assert process.wait(timeout=120) == 0
    assert "complete" in proctor("list", cwd=tmp_path).stdout


def wait_until_heard(pid: int, number: signal.Signals) -> None:
    """Wait until a process has a handler for a signal, or as long as that may take where nobody can tell."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        time.sleep(6)
        return
    for _ in range(600):
        caught = next(line for line in status.read_text().splitlines() if line.startswith("SigCgt:"))
        if int(caught.split()[1], 16) >> (number - 1) & 1:
            return
        time.sleep(0.1)
    raise AssertionError(f"the process does not hear {number.name}")


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_commands_without_a_study_are_interrupted_in_one_line(number: signal.Signals, tmp_path: Path) -> None:
    process = start_proctor("check", "digits", cwd=tmp_path)
    wait_until_heard(process.pid, number)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)

    assert (process.returncode, out, err.strip()) == (130, "", "proctor: interrupted")


def test_a_command_that_ended_leaves_nothing_behind(tmp_path: Path) -> None:
    place = tmp_path / "t"
    place.mkdir()
    assert (
        installed_proctor("run", "iris", "--trials", "4", *HERE, cwd=tmp_path, TMPDIR=f"{place}").returncode
        == 0
    )
    assert list(place.iterdir()) == []
