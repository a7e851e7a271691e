"""A study that stood still for a while: that time counts for no limit, and is told."""

import os
import re
import signal
import time
from pathlib import Path

import pytest

from service.study.storage.kept_trials import record_of
from service.study.storage.study_store import StudyStore
from tests.end_to_end.commands import database, start_proctor, trials_of, wait_for_trials

STOPPED_SECONDS = 9.0
LIMITED = ("--trial-seconds", "5", "--no-baselines", "--confirm", "0", "--no-report")
STUDY = ("run", "digits", "--space", "small", "--max-epochs", "30", *LIMITED)
MORE_TRIALS_THAN_END = ("--trials", "3000")
"""The search is still going on when it is stopped, on any machine."""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_stopped_coordinators_trials_have_not_run_meanwhile(workers: str, tmp_path: Path) -> None:
    process = start_proctor(*STUDY, *MORE_TRIALS_THAN_END, "--workers", workers, cwd=tmp_path)
    wait_for_trials(process, tmp_path, "digits", 1)
    os.killpg(process.pid, signal.SIGSTOP)  # as Ctrl-Z does
    time.sleep(STOPPED_SECONDS)
    n_before = len(trials_of(tmp_path, "digits"))
    os.killpg(process.pid, signal.SIGCONT)
    wait_for_trials(process, tmp_path, "digits", n_before + 1)  # of those that were stopped, and one more
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)

    assert process.returncode == 130, err
    told = re.search(r"^paused for (\d+) s; that time does not count$", out, re.MULTILINE)
    assert told is not None, out
    assert int(told[1]) >= STOPPED_SECONDS - 1
    store = StudyStore(database(tmp_path), create=False)
    trials = store.trials("digits")
    store.close()
    assert [trial.state.name for trial in trials if trial.state.name == "FAIL"] == []
    assert all((record_of(trial).seconds or 0.0) < STOPPED_SECONDS - 1 for trial in trials)


def test_a_budget_in_seconds_counts_what_the_coordinator_ran(tmp_path: Path) -> None:
    budget = (*MORE_TRIALS_THAN_END, "--seconds", "6", "--workers", "0", "--no-baselines", "--confirm", "0")
    process = start_proctor("run", "iris", "--max-epochs", "3", *budget, "--no-report", cwd=tmp_path)
    wait_for_trials(process, tmp_path, "iris", 1)
    process.send_signal(signal.SIGSTOP)
    n_before = len(trials_of(tmp_path, "iris"))
    time.sleep(STOPPED_SECONDS)
    process.send_signal(signal.SIGCONT)
    out, err = process.communicate(timeout=120)

    assert process.returncode == 0, err
    assert "the study had run for 6 seconds" in out
    assert len(trials_of(tmp_path, "iris")) > n_before + 5  # it went on after the pause
