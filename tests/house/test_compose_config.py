"""The stack's file as Docker Compose itself reads it."""

import os
import shutil
import subprocess

import pytest

from tests.house.checkout import ROOT

SECRETS = frozenset({"POSTGRES_PASSWORD", "RAY_AUTH_TOKEN", "PROCTOR_DASHBOARD_TOKEN"})


def compose(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Compose on the project's file, with none of the machine's own secrets."""
    docker = shutil.which("docker")
    if docker is None:
        pytest.skip("docker is not installed")
    known = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    command = [docker, "compose", "--env-file", os.devnull, *arguments]
    version = subprocess.run([docker, "compose", "version"], env=known, check=False, capture_output=True)
    if version.returncode != 0:
        pytest.skip("docker is installed without its compose plugin")
    return subprocess.run(
        command, cwd=ROOT, env=known | environment, check=False, capture_output=True, text=True
    )


def test_compose_accepts_the_file() -> None:
    ended = compose("config", "--quiet", **dict.fromkeys(SECRETS, "a"))
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("missing", sorted(SECRETS))
def test_compose_refuses_to_start_without_a_secret(missing: str) -> None:
    ended = compose("config", "--quiet", **dict.fromkeys(SECRETS - {missing}, "a"))
    assert ended.returncode != 0
    assert f"{missing} is missing a value: is not set; .env.example says how to make it" in ended.stderr
