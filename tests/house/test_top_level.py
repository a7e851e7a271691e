"""The top level holds the project's rooms, and the few files that every reader expects there."""

import shutil
import subprocess

import pytest

from tests.house.checkout import ROOT

ROOMS_AND_PAPERS = {
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README.md",
    "benchmarks",
    "docker-compose.yml",
    "docs",
    "examples",
    "proctor.py",
    "pyproject.toml",
    "requirements",
    "search_spaces",
    "service",
    "tests",
    "uv.lock",
    "workers",
}
SETTINGS = {".ci", ".dockerignore", ".env.example", ".gitignore"}


@pytest.fixture
def tracked() -> set[str]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("the checkout is no git repository, so that what belongs to it cannot be told")
    listing = subprocess.run([git, "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True)
    return {path.split("/")[0] for path in listing.stdout.splitlines()}


def test_nothing_unexpected_lies_at_the_top(tracked: set[str]) -> None:
    assert tracked - ROOMS_AND_PAPERS - SETTINGS == set()


def test_no_secrets_are_tracked(tracked: set[str]) -> None:
    assert ".env" not in tracked
