"""Signals and streams, on real processes and real file descriptors."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from service.report.terminal.interruption import Interruption
from tests.end_to_end.commands import environment

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
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with Interruption(lambda: None, terminal=None):
        assert signal.getsignal(signal.SIGINT) is not before[0]

    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_a_second_signal_ends_at_once() -> None:
    process = start(INTERRUPTED, "wait")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "first\n"
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)

    assert (process.returncode, out) == (130, "")


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
