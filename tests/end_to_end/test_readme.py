"""The README: its commands and programs run, its transcript looks like theirs, its files exist."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.commands import PROCTOR, environment
from tests.end_to_end.warm_process import run_warm
from tests.house.checkout import ROOT

README = (ROOT / "README.md").read_text("utf-8")
LEFT_OUT = "..."
"""In a transcript: lines that are not shown."""

NOT_RUN = ("export PATH=", "cd examples")
"""Commands that only lead to where the others run."""


def transcripts() -> list[tuple[str, str]]:
    """Return each command of a console block, with what it is shown to print."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        for command in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, printed = command.partition("\n")
            found.append((line, printed.strip()))
    return [(line, printed) for line, printed in found if not line.startswith(NOT_RUN)]


def shape(line: str) -> str:
    """Return a line without what differs from machine to machine: numbers, paths and spaces."""
    return " ".join(re.sub(r"[\d.,]+(e[+-]\d+)?", "#", re.sub(r"\S*/\S+", "PATH", line)).split())


def run_as_read(
    command: str, *, cwd: Path, env: dict[str, str], is_spared_ray: bool
) -> subprocess.CompletedProcess[str]:
    """Run a line in a shell, as its reader does; a line of Proctor alone in a process that begins at once."""
    words = shlex.split(command)
    if words[0] != "proctor" or set("|<>&;$*`") & set(command):
        return subprocess.run(  # noqa: S602 (a reader's shell)
            command, shell=True, cwd=cwd, env=env, capture_output=True, text=True, check=False
        )
    if is_spared_ray and words[1] in {"run", "resume"}:
        words += ["--workers", "0"]
    return run_warm(tuple(words), cwd=cwd, env=env, timeout=300)


@pytest.mark.timeout(1500)  # dozens of commands, one after the other
def test_its_commands_run_and_print_what_it_shows(tmp_path: Path) -> None:
    """The first study starts Ray's workers, as it stands there; the others are spared that."""
    examples = tmp_path / "examples"
    shutil.copytree(ROOT / "examples", examples)
    path = f"{PROCTOR.parent}:{environment()['PATH']}"
    assert len(transcripts()) > 10
    for place, (command, shown) in enumerate(transcripts()):
        run = run_as_read(command, cwd=examples, env=environment(PATH=path), is_spared_ray=place > 0)
        assert run.returncode == 0, f"{command}\n{run.stderr}"
        printed = {shape(line) for line in run.stdout.splitlines()}
        lines = [line for line in shown.splitlines() if line != LEFT_OUT]
        missing = [line for line in lines if shape(line) not in printed and "  " not in line.strip()]
        assert not missing, f"{command} does not print {missing}\n{run.stdout}"
    for program in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        ran = subprocess.run(
            [sys.executable, "-c", program],
            cwd=examples,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, f"{program}\n{ran.stderr}"


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_what_it_links_to_exists(name: str) -> None:
    assert (ROOT / name).exists()


@pytest.mark.parametrize("name", [".env.example", "docker-compose.yml"])
def test_what_it_names_exists(name: str) -> None:
    assert name in README
    assert (ROOT / name).exists()


def test_it_begins_with_the_two_commands() -> None:
    assert re.match(r"# Proctor\n\n    make demo .*\n    make test .*\n", README)
