"""The two commands: what they run, in which order, and untouched by what the caller has set."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.house.checkout import ROOT


def make(*arguments: str, **environment: str) -> str:
    """Run make, apart from the make that runs this test, and return what it prints."""
    caller = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *arguments],
        cwd=ROOT,
        env=caller | environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_the_gate_runs_its_checks_in_order_and_ends_with_pytest() -> None:
    steps = [line.split("/bin/")[1] for line in make("--dry-run", "test").splitlines() if "/bin/" in line]
    assert steps[-5:-1] == ["ruff format --check .", "ruff check .", "mypy", "lint-imports"]
    assert steps[-1].startswith("pytest")


def test_coverage_is_measured_over_the_tests_of_the_gate() -> None:
    (gate,) = (line for line in make("--dry-run", "test").splitlines() if "/pytest" in line)
    (measured,) = (line for line in make("--dry-run", "coverage").splitlines() if "/pytest" in line)
    assert measured == f"{gate} --cov"


def test_a_step_that_fails_is_never_passed_over() -> None:
    recipes = [line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith("\t")]
    assert recipes
    assert [line for line in recipes if "|| true" in line or line.startswith(("\t-", "\t@-"))] == []


def test_continuous_integration_runs_the_gate_and_nothing_else() -> None:
    script = ROOT / ".ci" / "run"
    lines = script.read_text().splitlines()
    assert lines[:2] == ["#!/usr/bin/env bash", "set -euo pipefail"]
    assert [line for line in lines if "make" in line] == ["exec make test"]
    assert os.access(script, os.X_OK)


def test_help_names_every_target() -> None:
    phony = next(line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY:"))
    named = {line.split()[1] for line in make("help").splitlines()}
    assert named == set(phony.split()[1:])


@pytest.mark.parametrize(
    "variable", ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAY_ADDRESS", "PROCTOR_STORAGE", "PYTHONPATH"]
)
def test_what_the_caller_has_set_does_not_reach_a_recipe(variable: str, tmp_path: Path) -> None:
    probe = tmp_path / "probe.mk"
    probe.write_text(f'probe:\n\t@echo "<$$OTHER><$${variable}>"\n')
    printed = make("--file=Makefile", f"--file={probe}", "probe", **{variable: "3", "OTHER": "4"})
    assert printed.strip() == "<4><>"
