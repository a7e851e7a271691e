"""Time that a process did not run does not count, whoever stopped it."""

import signal
import subprocess
import sys
import time

import pytest

from tests.end_to_end.commands import environment
from workers.run_clock import LONGEST_GAP_SECONDS, RunClock, Stopwatch

STOPPED_SECONDS = LONGEST_GAP_SECONDS + 1

COUNTING = """
import sys, time
from workers.run_clock import paused_seconds, run_seconds
run_seconds()
began = time.monotonic()
print("ready", flush=True)
if sys.argv[1] == "looks":  # else nobody but the clock's own thread looks at it
    while time.monotonic() - began < 6:
        run_seconds()
        time.sleep(0.01)
else:
    time.sleep(6)
print(time.monotonic() - began, run_seconds(), paused_seconds())
"""


def test_long_gaps_between_looks_are_pauses_and_short_ones_are_not() -> None:
    now = [100.0]
    clock = RunClock(lambda: now[0])
    for step in (1.0, LONGEST_GAP_SECONDS, 50.0, 0.5, 3600.0):
        now[0] += step
        clock.look()

    assert clock.look() == (1.5 + LONGEST_GAP_SECONDS, 3650.0)


@pytest.mark.parametrize("who", ["looks", "sleeps"])
def test_a_process_that_was_stopped_did_not_run_meanwhile(who: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", COUNTING, who], env=environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.5)
        process.send_signal(signal.SIGSTOP)
        time.sleep(STOPPED_SECONDS)
        process.send_signal(signal.SIGCONT)
        passed, ran, paused = map(float, process.stdout.readline().split())

    assert STOPPED_SECONDS - 0.5 < paused < STOPPED_SECONDS + 1
    assert ran == pytest.approx(passed - paused, abs=0.5)


def test_a_stopwatch_leaves_out_what_others_do() -> None:
    watch = Stopwatch()
    time.sleep(0.05)
    with watch.stopped():
        time.sleep(0.5)
    assert 0.05 <= watch.seconds < 0.45
