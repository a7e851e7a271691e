"""The stack brought up by the very lines of the documents, twice, where there is an engine for it."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from secrets import token_hex

import pytest

from tests.house.checkout import ROOT
from tests.house.test_compose_config import SECRETS

PAGE = ROOT / "docs" / "how-to" / "clusters.md"
LINES = re.findall(r"^    (docker compose .+)$", PAGE.read_text(), re.MULTILINE)


def engine_answers() -> bool:
    docker = shutil.which("docker")
    return (
        docker is not None
        and subprocess.run([docker, "info"], capture_output=True, check=False).returncode == 0
    )


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """Give the environment of a stack of the test's own, which is removed with its volumes at the end."""
    known = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    project = {"COMPOSE_PROJECT_NAME": f"proctor-test-{token_hex(4)}"}
    environment = known | project | {name: token_hex(32) for name in SECRETS}
    yield environment
    down = ["docker", "compose", "down", "--volumes", "--timeout", "5"]
    subprocess.run(down, cwd=ROOT, env=environment, check=False, capture_output=True)


def typed(line: str, environment: dict[str, str]) -> str:
    """Run a line, and return what it prints."""
    done = subprocess.run(
        shlex.split(line), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (line, done.stdout, done.stderr)
    return done.stdout


def test_the_documents_have_the_lines() -> None:
    assert [shlex.split(line)[2] for line in LINES] == ["up", "run", "run"]
    assert [shlex.split(line)[-2:] for line in LINES[1:]] == [["run", "digits"], ["resume", "digits"]]


@pytest.mark.skipif(not engine_answers(), reason="there is no Docker engine")
@pytest.mark.timeout(1800)
def test_the_stack_comes_up_and_runs_a_study_and_stays_as_it_is(environment: dict[str, str]) -> None:
    up, run, resume = LINES
    typed(up, environment)
    assert "Test error" in typed(run, environment)
    head = typed("docker compose ps --quiet head worker", environment)
    typed(up, environment)
    assert typed("docker compose ps --quiet head worker", environment) == head, (
        "the cluster goes on as it was"
    )
    assert "Test error" in typed(resume, environment)
