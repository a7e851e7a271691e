"""`proctor stop`: a run in another process ends in order; nobody who comes after it is stopped."""

import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from service.cli import run_command
from service.study.storage.lease import Lease, heartbeat
from service.study.storage.lease_table import ask_to_stop, holder_of, leases
from service.study.storage.study_format import FORMAT
from service.study.storage.study_store import StudyStore
from tests.end_to_end.commands import start_proctor, trials_of, wait_for_trials
from tests.service.study.storage.lease_holders import holder

N_TRIALS = 4000
"""Of a study that is stopped: more than the quickest machine ends while a test looks."""

RUN = ("--trials", f"{N_TRIALS}", "--workers", "0", "--no-baselines", "--confirm", "0")


@pytest.fixture
def store(studies_url: str) -> Iterator[StudyStore]:
    store = StudyStore(studies_url, create=True)
    store.create("study", {"format": FORMAT, "config": {}})
    yield store
    store.close()


def stop(directory: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    url = f"sqlite:///{directory / 'proctor.db'}"
    status = run_command(["stop", "iris", "--storage", url, *more])
    return status, capsys.readouterr().out


def end_of(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def n_ended(directory: Path) -> int:
    return sum(trial["state"].is_finished() for trial in trials_of(directory, "iris"))


def test_a_run_in_another_process_ends_in_order_and_the_next_one_is_not_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = start_proctor("run", "iris", *RUN, cwd=tmp_path)
    wait_for_trials(run, tmp_path, "iris", 3)
    status, said = stop(tmp_path, capsys)
    assert status == 0
    assert f"asked process {run.pid} on " in said
    left = N_TRIALS - n_ended(tmp_path)
    assert f"stopped: {left} of {N_TRIALS} trials left; `proctor resume iris --storage sqlite:///" in said

    status, out, err = end_of(run)
    assert status == 130
    assert "stopping, as `proctor stop` asks; running trials have 3 seconds to end" in out
    done = f"{N_TRIALS - left} of {N_TRIALS} trials are done and kept"
    assert f"stopped: {done}; continue with: proctor resume iris" in err

    status, said = stop(tmp_path, capsys)
    assert (status, said.split(";")[0]) == (0, f"nobody runs study 'iris': {left} of {N_TRIALS} trials left")

    before = n_ended(tmp_path)
    resumed = start_proctor("resume", "iris", "--workers", "0", cwd=tmp_path)
    wait_for_trials(resumed, tmp_path, "iris", before + 1)
    time.sleep(6)  # more than twice as long as a holder takes to hear of a request
    assert resumed.poll() is None
    assert stop(tmp_path, capsys)[0] == 0
    assert end_of(resumed)[0] == 130


def test_a_killed_coordinator_is_said_to_be_dead_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = start_proctor("run", "iris", *RUN, cwd=tmp_path)
    wait_for_trials(run, tmp_path, "iris", 1)
    run.kill()
    end_of(run)
    status, said = stop(tmp_path, capsys)
    assert status == 0
    assert f"study 'iris' was run by process {run.pid} on " in said
    assert "which is dead: " in said
    assert "`proctor resume iris --storage sqlite:///" in said


def test_a_holder_that_does_not_answer_is_not_said_to_be_stopped(
    store: StudyStore, studies_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["stop", "study", "--storage", studies_url, "--wait", "0.5"]
    with holder(studies_url, lapse_seconds=60.0) as first:
        assert first.said == "holds"
        assert run_command(words) == 1
        assert f"process {first.process.pid} on " in (out := capsys.readouterr().out)
        assert ", still holds the study: it first finishes what it is doing" in out

        first.process.send_signal(signal.SIGSTOP)
        with store.engine.begin() as connection:
            connection.execute(update(leases).values(renewed_at=leases.c.renewed_at - 90, host="elsewhere"))
        assert run_command(words) == 1
        out = capsys.readouterr().out
        assert re.search(
            r"on elsewhere, user \S+, has not responded for \d+ s: it is dead, paused or cut off", out
        )
        assert "If it wakes up it stops; `proctor resume study" in out


def test_no_such_study_is_refused(
    store: StudyStore, studies_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["stop", "studi", "--storage", studies_url]) == 2
    assert "did you mean study?" in capsys.readouterr().err
    assert store.study_names() == ["study"]


def test_a_request_is_heard_by_the_heartbeat_of_the_holder_that_it_is_for_alone(store: StudyStore) -> None:
    with Lease.take(store.engine, "study", lapse_seconds=0.6) as first, heartbeat(first):
        time.sleep(0.2)
        assert not first.is_asked_to_stop
        with store.engine.begin() as connection:
            assert not ask_to_stop(connection, "study", "of another")
            assert ask_to_stop(connection, "study", first.token)
        assert _comes_true(lambda: first.is_asked_to_stop)
    with Lease.take(store.engine, "study", lapse_seconds=0.6) as second:
        second.listen()
        assert not second.is_asked_to_stop
        with store.engine.connect() as connection:
            seen = holder_of(connection, "study")
        assert seen is not None
        assert not seen.is_asked_to_stop


def _comes_true(is_so: Callable[[], bool]) -> bool:
    """Wait for it, for ten seconds at most."""
    give_up_at = time.monotonic() + 10
    while not is_so() and time.monotonic() < give_up_at:
        time.sleep(0.02)
    return is_so()
