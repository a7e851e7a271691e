"""A process can be told from another, and the living from the dead."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from service.seal.identity import ProcessIdentity, current_process

has_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="start times come from /proc")


def child() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)


def test_the_asking_process_lives() -> None:
    assert current_process().pid == os.getpid()
    assert not current_process().is_gone()


@has_proc
def test_a_killed_process_is_gone_even_before_its_parent_has_seen_it() -> None:
    process = child()
    start = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[19]
    identity = replace(current_process(), pid=process.pid, start=start)
    assert not identity.is_gone()
    process.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and stays a zombie
    assert identity.is_gone()
    process.communicate()
    assert identity.is_gone()


@has_proc
def test_a_later_process_of_the_same_number_is_another() -> None:
    assert replace(current_process(), start="1").is_gone()


def test_a_process_on_another_host_counts_as_gone() -> None:
    assert replace(current_process(), host="elsewhere").is_gone()


def test_a_process_tells_who_it_is() -> None:
    assert str(ProcessIdentity("box", 12, "ada", "99")) == "process 12 on box, user ada"


def test_a_user_number_without_a_name_is_told_as_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
    assert current_process().user == "4000000"
