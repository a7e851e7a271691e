"""`proctor watch`: a run in another process, seen from storage alone, which it leaves as it is."""

import os
import pty
import re
import select
import signal
import subprocess
import time
from hashlib import sha256
from pathlib import Path

from tests.end_to_end.commands import PROCTOR, environment, proctor, start_proctor, wait_for_trials

RUN = ("run", "iris", "--workers", "0", "--no-baselines", "--no-report")


def trial_lines(text: str) -> list[str]:
    """Return the lines of trials, without their seconds, which storage has rounded."""
    lines = [re.sub(r" in [0-9.]+ s", "", line) for line in text.splitlines()]
    return [line for line in lines if line.startswith(("trial ", "the search has ended"))]


def files(directory: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in directory.glob("proctor.db*")}


def test_in_a_pipe_it_prints_the_lines_of_run_and_ends_with_the_study(tmp_path: Path) -> None:
    run = start_proctor(*RUN, "--trials", "400", "--confirm", "2", cwd=tmp_path)
    wait_for_trials(run, tmp_path, "iris", 1)
    watch = start_proctor("watch", "iris", cwd=tmp_path)
    out, err = watch.communicate(timeout=180)
    assert (watch.returncode, err) == (0, "")
    there, here = trial_lines(run.communicate(timeout=60)[0]), trial_lines(out)
    assert len(here) > 10
    assert here == there[-len(here) :]
    lines = out.splitlines()
    assert re.fullmatch(r"study iris: \d+ of 400 trials done(, best error .* % \(trial \d+\))?", lines[0])
    assert lines[1].startswith(f"run by process {run.pid} on ")
    assert lines[-1] == "study iris has ended: `proctor show iris` shows its report"
    again = start_proctor("watch", "iris", cwd=tmp_path)
    so_far, *last = again.communicate(timeout=60)[0].splitlines()[1:]  # after why the search ended
    assert so_far.startswith("study iris: 400 of 400 trials done, 4 of 4 confirmations, best error ")
    assert last == lines[-1:]


def test_ctrl_c_ends_the_watching_alone_and_a_stopped_study_says_how_to_go_on(tmp_path: Path) -> None:
    run = start_proctor(*RUN, "--trials", "4000", cwd=tmp_path)
    wait_for_trials(run, tmp_path, "iris", 2)
    watch = start_proctor("watch", "iris", cwd=tmp_path)
    assert watch.stdout is not None
    lines = [watch.stdout.readline() for _ in range(3)]
    assert lines[2].startswith("trial ")
    watch.send_signal(signal.SIGINT)
    out, err = watch.communicate(timeout=60)
    assert (watch.returncode, err) == (130, "")
    assert out.endswith("no longer watched; study iris runs on (`proctor stop iris` stops it)\n")
    assert run.poll() is None

    watch = start_proctor("watch", "iris", cwd=tmp_path)
    assert watch.stdout is not None
    assert proctor("stop", "iris", cwd=tmp_path).returncode == 0
    run.communicate(timeout=60)
    assert run.returncode == 130
    while not (line := watch.stdout.readline()).startswith("nobody runs it"):
        assert line
    assert line == "nobody runs it: `proctor resume iris` continues it\n"
    before = files(tmp_path)
    time.sleep(2.5)  # some looks
    assert files(tmp_path) == before
    watch.send_signal(signal.SIGINT)
    watch.communicate(timeout=60)


def test_on_a_terminal_it_shows_the_panel(tmp_path: Path) -> None:
    run = start_proctor(*RUN, "--trials", "4000", cwd=tmp_path)
    wait_for_trials(run, tmp_path, "iris", 2)
    ours, theirs = pty.openpty()
    watch = subprocess.Popen(
        [PROCTOR, "watch", "iris"],
        cwd=tmp_path,
        env=environment(TERM="xterm-256color", LINES="40"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = _shown_until(ours, f"run by process {run.pid}")
    assert "iris" in shown
    assert re.search(r"\d+ of 4000 trials done", shown)
    assert "best dev error" in shown
    assert re.search(r"trial \d+ +asked for", shown)
    run.send_signal(signal.SIGTERM)
    run.communicate(timeout=60)
    assert "`proctor resume iris` continues it" in _shown_until(ours, "continues it")
    watch.send_signal(signal.SIGINT)
    assert "no longer watched" in _shown_until(ours, "no longer watched")
    assert watch.wait(60) == 130
    os.close(ours)


def _shown_until(terminal: int, text: str) -> str:
    """Read what a terminal shows, without its colors, until a text is there, for a minute at most."""
    shown, give_up_at = "", time.monotonic() + 60
    while text not in shown and time.monotonic() < give_up_at:
        if select.select([terminal], [], [], 0.2)[0]:
            shown += os.read(terminal, 65536).decode("utf-8", "replace")
            shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    return shown
