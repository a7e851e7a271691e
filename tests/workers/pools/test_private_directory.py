"""Directories of dead processes are removed, those of living ones and of others are not."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.commands import environment
from workers.pools.private_directory import LONGEST_PATH_BYTES, NoRoomError, PrivateDirectory

HOLDING = """
import sys, time
from workers.pools.private_directory import PrivateDirectory
directory = PrivateDirectory()
(directory.path / "something").mkdir()
print(directory.path, flush=True)
time.sleep(60)
"""


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a directory that is short enough, where directories are made first."""
    short = Path("/tmp") / f"p{os.getpid()}"  # noqa: S108 (a short one is what is tested)
    short.mkdir()
    monkeypatch.setenv("TMPDIR", f"{short}")
    yield short
    for left in short.iterdir():
        left.rmdir()
    short.rmdir()


def test_a_killed_processs_directory_is_removed_at_the_next_start(place: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING], env=environment(), stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        theirs = Path(holder.stdout.readline().strip())
        assert theirs.parent == place
        PrivateDirectory().close()
        assert theirs.is_dir()
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    mine = PrivateDirectory()
    assert not theirs.exists()
    mine.close()
    mine.close()
    assert list(place.iterdir()) == []


def test_what_is_being_made_and_what_a_link_leads_to_are_left_alone(place: Path, tmp_path: Path) -> None:
    young, link = place / "proctor-ray-young", place / "proctor-ray-link"
    young.mkdir()
    link.symlink_to(tmp_path)
    os.utime(tmp_path, (1000, 1000))
    PrivateDirectory().close()
    assert young.is_dir()
    assert tmp_path.is_dir()
    os.utime(young, (1000, 1000))
    PrivateDirectory().close()
    assert not young.exists()
    link.unlink()


def test_it_is_private_and_short(place: Path) -> None:
    mine = PrivateDirectory()
    assert mine.path.parent == place
    assert mine.path.stat().st_mode & 0o777 == 0o700
    assert len(os.fsencode(mine.path)) <= LONGEST_PATH_BYTES
    mine.close()


def test_no_room_is_told_of_each_place(place: Path) -> None:
    with pytest.raises(NoRoomError, match=rf"{place} has \d+ MB free, 1000000000000 are needed; /tmp has"):
        PrivateDirectory(10**18)


REMOVING = """
from workers.pools.private_directory import remove_abandoned
print("removes", flush=True)
while True:
    remove_abandoned()
"""


def test_one_that_is_just_being_made_is_never_taken_for_abandoned(place: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", REMOVING], env=environment(), stdout=subprocess.PIPE, text=True
    ) as remover:
        assert remover.stdout is not None
        remover.stdout.readline()
        for _ in range(300):
            mine = PrivateDirectory()
            assert mine.path.parent == place
            assert [entry.name for entry in mine.path.iterdir()] == ["in-use"]
            mine.close()
        remover.kill()
