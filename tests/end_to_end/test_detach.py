"""`--detach`: a study that outlives its terminal, and is found by `watch` and `stop`."""

import os
import pty
import subprocess
import time
from pathlib import Path

from service.study.storage.lease_table import LeaseHolder, holder_of
from service.study.storage.study_store import StudyStore
from tests.end_to_end.commands import PROCTOR, database, environment, proctor, trials_of

RUN = ("run", "iris", "--workers", "0", "--no-baselines", "--no-report", "--confirm", "0", "--detach")


def holder(directory: Path) -> LeaseHolder:
    store = StudyStore(database(directory), create=False)
    with store.engine.connect() as connection:
        found = holder_of(connection, "iris")
    store.close()
    assert found is not None
    return found


def wait_for_end(directory: Path) -> None:
    give_up_at = time.monotonic() + 120
    while holder(directory).token is not None:
        assert time.monotonic() < give_up_at
        time.sleep(0.1)


def test_it_goes_on_when_its_terminal_is_closed_and_stop_and_resume_find_it(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    begun = subprocess.Popen(
        [PROCTOR, *RUN, "--trials", "4000"],
        cwd=tmp_path,
        env=environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    assert begun.wait(120) == 0
    said = os.read(ours, 65536).decode().replace("\r", "")
    os.close(ours)  # the terminal is gone
    runs = holder(tmp_path)
    log = tmp_path / "iris.log"
    assert said.splitlines() == [
        f"study iris runs detached, as {runs.process}; its log: {log}",
        "watch it: proctor watch iris",
        "stop it:  proctor stop iris",
    ]
    assert os.getsid(runs.process.pid) == runs.process.pid != os.getsid(0)
    assert Path(f"/proc/{runs.process.pid}/fd/0").readlink() == Path(os.devnull)
    n_before = len(trials_of(tmp_path, "iris"))
    give_up_at = time.monotonic() + 60
    while len(trials_of(tmp_path, "iris")) == n_before:
        assert time.monotonic() < give_up_at
        time.sleep(0.1)

    again = proctor("resume", "iris", "--workers", "0", "--detach", cwd=tmp_path)
    assert again.returncode == 2
    assert again.stderr.startswith(f"proctor: study 'iris' is running: process {runs.process.pid} on ")

    stopped = proctor("stop", "iris", cwd=tmp_path)
    assert (stopped.returncode, "stopped: " in stopped.stdout) == (0, True)
    text = log.read_text()
    assert "study iris: iris, classification of species" in text
    assert "continue with: proctor resume iris" in text

    resumed = proctor("resume", "iris", "--workers", "0", "--detach", cwd=tmp_path)
    assert resumed.stdout.startswith("study iris runs detached, as process ")
    assert proctor("stop", "iris", cwd=tmp_path).returncode == 0
    assert log.read_text().startswith(text)  # what was there is kept


def test_a_study_that_does_not_begin_says_why_as_if_it_were_not_detached(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    for words in (["run", "bad.csv", "--target", "c", "--workers", "0"], ["resume", "iris"]):
        plain = proctor(*words, cwd=tmp_path)
        detached = proctor(*words, "--detach", cwd=tmp_path)
        assert (detached.returncode, detached.stdout) == (2, "")
        assert detached.stderr == plain.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]
    refused = proctor(*RUN, "--json", cwd=tmp_path)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "expected --json or --detach, got both" in refused.stderr


def test_a_log_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "iris.log").mkdir()
    refused = proctor(*RUN, cwd=tmp_path)
    assert refused.returncode == 2
    assert f"--detach: the log {tmp_path / 'iris.log'} cannot be written: Is a directory" in refused.stderr


def test_a_study_that_runs_to_its_end_has_its_report_in_the_log(tmp_path: Path) -> None:
    begun = proctor(*RUN, "--trials", "4", "--max-epochs", "3", cwd=tmp_path)
    assert begun.returncode == 0
    wait_for_end(tmp_path)
    give_up_at = time.monotonic() + 60
    while "Reproduce: proctor run iris" not in (text := (tmp_path / "iris.log").read_text()):
        assert time.monotonic() < give_up_at, text
        time.sleep(0.1)
    assert "--detach" not in text
