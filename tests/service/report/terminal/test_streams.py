"""Signals and streams, on real processes and real file descriptors."""

import os
import pty
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from service.report.terminal.interruption import Interruption
from service.report.terminal.quiet_streams import log_file
from tests.end_to_end.commands import environment

HANDLED_IN_C = """
import ctypes, signal, sys
handler = ctypes.CFUNCTYPE(None, ctypes.c_int)(lambda number: None)
ctypes.CDLL(None).signal(signal.SIGHUP, handler)
del sys.modules["_signal"]
import _signal  # it looks anew who handles what
signal.getsignal = _signal.getsignal
assert _signal.getsignal(signal.SIGHUP) is None
from service.report.terminal.interruption import Interruption, stopping_signals
assert signal.SIGHUP not in stopping_signals()
with Interruption(lambda: None, terminal=None):
    pass
assert _signal.getsignal(signal.SIGHUP) is None
"""
"""As in a program that has Python in it, and handles a signal itself."""

INTERRUPTED = """
import sys, time
from service.report.terminal.interruption import Interruption
with Interruption(lambda: print("first", flush=True), terminal=None) as is_interrupted:
    print("ready", flush=True)
    while not is_interrupted():
        time.sleep(0.01)
    if sys.argv[1] == "wait":
        time.sleep(60)
print("in order", flush=True)
"""

IGNORING = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)"

UNREAD = """
import sys, time
from pathlib import Path
from service.report.terminal.quiet_streams import quiet_streams
with quiet_streams(Path(sys.argv[1])) as streams:
    time.sleep(1)
    print("nobody reads this", file=streams.out, flush=True)
    print("nor this", file=streams.out, flush=True)
    print("kept", file=streams.log, flush=True)
    print("noise")
"""

HOLDING = """
import sys, time
from pathlib import Path
from service.report.terminal.quiet_streams import quiet_streams
with quiet_streams(Path(sys.argv[1])) as streams:
    print("holds", file=streams.out, flush=True)
    time.sleep(60)
"""

NOISY = """
import os, subprocess, sys
from pathlib import Path
from service.report.terminal.quiet_streams import quiet_streams
print("before", flush=True)
with quiet_streams(Path(sys.argv[1])) as streams:
    print("library")
    os.write(2, b"raylet\\n")
    subprocess.run(["echo", "child"], check=True)
    print("for people", file=streams.out)
    print("warning", file=streams.err)
print("after")
"""


STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_one_signal_stops_in_order() -> None:
    process = start(INTERRUPTED, "go on")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=30)

    assert (process.returncode, out) == (0, "first\nin order\n")


def test_signals_are_given_back_to_whoever_had_them() -> None:
    before = [signal.getsignal(number) for number in STOPPING]
    with Interruption(lambda: None, terminal=None):
        assert signal.getsignal(signal.SIGINT) is not before[0]

    assert [signal.getsignal(number) for number in STOPPING] == before


def test_a_second_signal_ends_at_once() -> None:
    process = start(INTERRUPTED, "wait")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "first\n"
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)

    assert (process.returncode, out) == (130, "")


def test_a_terminal_that_closes_stops_in_order_however_often_it_is_told() -> None:
    """Its shell and the kernel each send SIGHUP, and services get one after SIGTERM."""
    process = start(INTERRUPTED, "go on")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    for number in (signal.SIGHUP, signal.SIGHUP):
        process.send_signal(number)
    out, _ = process.communicate(timeout=30)

    assert (process.returncode, out) == (0, "first\nin order\n")


def test_a_signal_that_nohup_ignores_stays_ignored() -> None:
    process = start(IGNORING + INTERRUPTED, "go on")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=0.5)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=30)

    assert (process.returncode, out) == (0, "first\nin order\n")


@pytest.mark.parametrize("reader", ["pipe", "terminal", "full disk"])
def test_what_nobody_reads_any_more_is_dropped(reader: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    if reader == "full disk":
        with Path("/dev/full").open("w") as out:
            process = subprocess.Popen(
                [sys.executable, "-c", UNREAD, f"{log}"], stdout=out, env=environment()
            )
        assert process.wait(timeout=30) == 0
    else:
        theirs, ours = os.pipe()[::-1] if reader == "pipe" else pty.openpty()[::-1]
        process = subprocess.Popen([sys.executable, "-c", UNREAD, f"{log}"], stdout=theirs, env=environment())
        os.close(theirs)
        os.close(ours)
        assert process.wait(timeout=30) == 0
    assert log.read_text() == "kept\nnoise\n"


def test_an_empty_log_is_removed_and_one_that_says_something_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", f"{tmp_path}")
    with log_file("quiet"):
        assert len(list(tmp_path.iterdir())) == 1
    assert list(tmp_path.iterdir()) == []
    with log_file("loud") as log:
        log.write_text("something")
    assert [path.name for path in tmp_path.iterdir()] == [log.name]


def test_empty_logs_of_killed_commands_are_removed_and_those_of_living_ones_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", f"{tmp_path}")
    names = ("dead", "young", "loud", "living")
    logs = {name: tmp_path / f"proctor-{name}-x.log" for name in names}
    for log in logs.values():
        log.write_text("words" if log == logs["loud"] else "")
        os.utime(log, None if log == logs["young"] else (1000, 1000))
    holder = start(HOLDING, f"{logs['living']}")
    assert holder.stdout is not None
    assert holder.stdout.readline() == "holds\n"
    with log_file("next"):
        pass
    holder.kill()
    holder.communicate()

    assert {name for name in names if logs[name].exists()} == {"young", "loud", "living"}
    with log_file("next"):
        pass
    assert {name for name in names if logs[name].exists()} == {"young", "loud"}


def test_noise_goes_to_the_log_and_only_what_is_meant_for_people_to_the_screen(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = start(NOISY, f"{log}")
    out, err = process.communicate(timeout=30)

    assert process.returncode == 0, err
    assert out == "before\nfor people\nafter\n"
    assert err == "warning\n"
    assert sorted(log.read_text().split()) == ["child", "library", "raylet"]


def test_a_screen_of_another_encoding_gets_utf_8_and_no_traceback() -> None:
    code = "from service.report.terminal.screen import screen; screen().print('R² ± █')"
    environment_of_old = environment() | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment_of_old, capture_output=True, check=False
    )

    assert (done.returncode, done.stdout.decode("utf-8")) == (0, "R² ± █\n"), done.stderr


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from service.cli import run_command; run_command(['run', '--help']);"
        "heavy = {'numpy', 'optuna', 'pydantic', 'ray', 'rich', 'sklearn', 'sqlalchemy'} & set(sys.modules);"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    process = start(code)
    out, err = process.communicate(timeout=30)

    assert process.returncode == 0, err
    assert "--keep-sealed" in out
    assert os.linesep in out


def test_a_signal_that_is_handled_outside_of_python_stays_so() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", HANDLED_IN_C], env=environment(), capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("name", ["a/b", "/dev/null", "../up", "x" * 512, "a\nb"])
def test_any_study_s_log_has_a_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", f"{tmp_path}")
    with log_file(name) as log:
        assert log.parent == tmp_path
