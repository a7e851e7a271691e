"""The stack's file as Docker Compose itself reads it."""

import os
import shutil
import subprocess

import pytest

from tests.house.checkout import ROOT


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
    ended = compose("config", "--quiet", POSTGRES_PASSWORD="a", RAY_AUTH_TOKEN="b")  # noqa: S106 - for show
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(
    ("given", "missing"),
    [("POSTGRES_PASSWORD", "RAY_AUTH_TOKEN"), ("RAY_AUTH_TOKEN", "POSTGRES_PASSWORD")],
)
def test_compose_refuses_to_start_without_a_secret(given: str, missing: str) -> None:
    ended = compose("config", "--quiet", **{given: "a"})
    assert ended.returncode != 0
    assert f"{missing} is missing a value: is not set; .env.example says how to make it" in ended.stderr
