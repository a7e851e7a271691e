"""Directories that are small, full or read only for one command: mounts of its own, which only root makes."""

import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from tests.house.checkout import ROOT


@cache
def _may_mount() -> bool:
    try:
        tried = subprocess.run(
            ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"], check=False, capture_output=True
        )
    except FileNotFoundError:
        return False
    return tried.returncode == 0


def within(words: Sequence[str], *, mounts: Sequence[str]) -> list[str]:
    """Return the words of a command that runs where shell commands such as `mount` were done, for it alone.

    The test is skipped where that is not allowed.
    """
    if not _may_mount():
        pytest.skip("only root may mount directories, with unshare of util-linux")
    return ["unshare", "--mount", "sh", "-e", "-c", f'{"; ".join(mounts)}; exec "$@"', "sh", *words]


def read_only(place: str) -> str:
    """Return the shell command that makes a directory read only."""
    return f"mount --bind {place} {place}; mount -o remount,ro,bind {place}"


def small(place: str, size: str) -> str:
    """Return the shell command that puts an empty disk over a directory that may hold the checkout."""
    mounted = f"mount -t tmpfs -o size={size} none {place}"
    if not ROOT.is_relative_to(Path(place).resolve()):
        return mounted
    return f"mount --bind {ROOT} /mnt; {mounted}; mkdir -p {ROOT}; mount --bind /mnt {ROOT}"


def tiny(place: str) -> str:
    """Return the shell command that makes a directory an empty disk of a megabyte."""
    return small(place, "1m")


def full(place: str) -> str:
    """Return the shell command that makes a directory a disk that is full."""
    return f"{tiny(place)}; cat /dev/zero > {place}/filler 2> /dev/null || true"
