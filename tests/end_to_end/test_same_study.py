"""Same seed, same study: on three workers or none, with workers or the coordinator killed, to the last bit.

No flag keeps the study from following the machine.
"""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.commands import proctor, ray_workers, start_on_ray, trials_of, wait_for_trials

N_TRIALS = 24
STUDY = (
    *("run", "digits", "--space", "small", "--trials", f"{N_TRIALS}", "--seed", "5"),
    *("--max-epochs", "60", "--patience", "60"),  # long enough to be struck in the middle
    *("--confirm", "2", "--confirm-seeds", "1", "--no-baselines"),  # tests/chaos has them
    "--json",
)
MOVING = {"storage", "search_seconds", "training_seconds", "looks"}
"""What a report may say differently each time."""


def outcome(report: str) -> dict[str, Any]:
    """Return what a report says of the study itself."""
    values: dict[str, Any] = json.loads(report)
    del values["confirmation"]["training_seconds"]
    return {name: value for name, value in values.items() if name not in MOVING}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Run the study in the process itself, without Ray."""
    directory = tmp_path_factory.mktemp("undisturbed")
    run = proctor(*STUDY, "--workers", "0", cwd=directory)
    assert run.returncode == 0, run.stderr
    return outcome(run.stdout), trials_of(directory, "digits")


def test_three_workers_of_which_one_is_killed_give_the_study_of_none(
    tmp_path: Path, undisturbed: tuple[dict[str, Any], list[dict[str, Any]]]
) -> None:
    running = start_on_ray("first", *STUDY, "--workers", "3", cwd=tmp_path)
    wait_for_trials(running, tmp_path, "digits", 3)
    victims = ray_workers(running.pid)
    os.kill(victims[0], signal.SIGKILL)
    out, err = running.communicate(timeout=180)

    assert running.returncode == 0, err
    assert trials_of(tmp_path, "digits") == undisturbed[1]
    assert outcome(out) == undisturbed[0]


def test_a_killed_coordinator_is_resumed_to_the_same_study(
    tmp_path: Path, undisturbed: tuple[dict[str, Any], list[dict[str, Any]]]
) -> None:
    running = start_on_ray("first", *STUDY, "--workers", "2", cwd=tmp_path)
    wait_for_trials(running, tmp_path, "digits", 4)
    running.kill()
    running.communicate()
    n_ended = sum(trial["state"].is_finished() for trial in trials_of(tmp_path, "digits"))
    assert n_ended < N_TRIALS

    resumed = proctor("resume", "digits", "--json", "--workers", "0", cwd=tmp_path)

    assert resumed.returncode == 0, resumed.stderr
    assert trials_of(tmp_path, "digits") == undisturbed[1]
    assert outcome(resumed.stdout) == undisturbed[0]


def test_ctrl_c_keeps_what_is_done_and_the_line_it_prints_goes_on(
    tmp_path: Path, undisturbed: tuple[dict[str, Any], list[dict[str, Any]]]
) -> None:
    running = start_on_ray("first", *STUDY, "--workers", "2", cwd=tmp_path)
    wait_for_trials(running, tmp_path, "digits", 4)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to the whole foreground group
    _, err = running.communicate(timeout=30)

    assert running.returncode == 130, err
    assert "are done and kept; continue with: proctor resume digits" in err
    resumed = proctor("resume", "digits", "--json", "--workers", "0", cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stderr
    assert trials_of(tmp_path, "digits") == undisturbed[1]
    assert outcome(resumed.stdout) == undisturbed[0]


def test_ctrl_c_twice_ends_at_once(tmp_path: Path) -> None:
    running = start_on_ray("first", "run", "digits", "--trials", "4000", "--workers", "2", cwd=tmp_path)
    wait_for_trials(running, tmp_path, "digits", 1)
    os.kill(running.pid, signal.SIGINT)
    os.kill(running.pid, signal.SIGINT)
    running.communicate(timeout=30)

    assert running.returncode == 130
