"""Making an environment: what is said where Python does not suit; the gate itself shows that it works."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.house.checkout import ROOT


def make_environment(directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script where no uv is on PATH, which might fetch a Python that suits."""
    system = {"PATH": "/usr/bin:/bin", "HOME": os.environ.get("HOME", "/")}
    return subprocess.run(
        [ROOT / ".ci" / "make-environment", directory, "requirements/users.txt"],
        cwd=ROOT,
        env=system | environment,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def old_python(tmp_path: Path) -> Path:
    """Write a program that answers as a Python of an unsupported version does."""
    python = tmp_path / "python3.10"
    python.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.10.13" || exit 1\n')
    python.chmod(0o755)
    return python


def test_an_old_python_is_refused_in_one_line_that_names_it(old_python: Path, tmp_path: Path) -> None:
    ended = make_environment(tmp_path / "venv", PYTHON=str(old_python))
    assert ended.returncode == 1
    assert ended.stderr == (
        f"Proctor needs Python 3.11 to 3.14, found: Python 3.10.13 ({old_python}); "
        "name another: make PYTHON=/path/to/python\n"
    )
    assert not (tmp_path / "venv").exists()


def test_a_missing_python_is_told_in_one_line(tmp_path: Path) -> None:
    ended = make_environment(tmp_path / "venv", PYTHON="/no/such/python")
    assert ended.returncode == 1
    assert ended.stderr.startswith("Proctor needs Python 3.11 to 3.14, found: none (/no/such/python);")
    assert ended.stderr.count("\n") == 1
