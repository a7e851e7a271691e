"""Faults planted one at a time in a copy of the tree, each of which a named test must catch.

    python -m tests.planted_faults            plant all, and print what came of each; exit 1 if one is missed
    python -m tests.planted_faults --list     print them
    python -m tests.planted_faults 3 momentum plant the third, and those with that word in their names

A test catches a fault if it fails with it and passes without. A test that could not be run has caught
nothing; pytest's word must be that tests failed. The faults are in planted_faults.toml.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from queue import SimpleQueue

from rich.console import Console

from tests.house.checkout import ROOT

COPIED = ("search_spaces", "workers", "service", "tests", "pyproject.toml")
AT_ONCE = 2
"""Copies of the tree, and so tests that run side by side."""

TIME_LIMIT = 200
"""For one test (seconds)."""

TESTS_PASSED, TESTS_FAILED, INTERNAL_ERROR = 0, 1, 3
"""Three of pytest's exit codes."""

STEERING = ("COVERAGE_", "COV_", "PYTEST_")


class Outcome(StrEnum):
    """What came of a planted fault."""

    CAUGHT = "caught"
    MISSED = "NOT CAUGHT"
    NOT_RUN = "NOT RUN"
    NOT_PLANTED = "NOT PLANTED"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in words, where it would be, and the test that fails with it.

    Attributes
    ----------
    name
        What is wrong, in words.
    file
        Path from the top of the checkout.
    old, new
        The text without and with the fault; the old one occurs once in its file.
    test
        pytest's name of the test.
    """

    name: str
    file: str
    old: str
    new: str
    test: str

    def occurrences(self, tree: Path) -> int:
        """Return how often the old text is in its file; 0 where there is no such file."""
        path = tree / self.file
        return path.read_text().count(self.old) if path.exists() else 0

    @contextmanager
    def planted(self, tree: Path) -> Iterator[None]:
        """Have the fault in a tree for a while."""
        path = tree / self.file
        sound = path.read_text()
        path.write_text(sound.replace(self.old, self.new))
        try:
            yield
        finally:
            path.write_text(sound)


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault, what came of it, and how long that took (seconds)."""

    fault: Fault
    outcome: Outcome
    seconds: float


def planted_faults() -> tuple[Fault, ...]:
    """Return all faults, in the order of their file."""
    with Path(__file__).with_suffix(".toml").open("rb") as file:
        return tuple(Fault(**entry) for entry in tomllib.load(file)["fault"])


def copy_tree(directory: Path) -> None:
    """Copy what the tests of workers need into a directory that is empty."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, directory / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, directory / name)


def run_tests(tests: Sequence[str], tree: Path) -> int:
    """Run tests on a tree; return pytest's exit code, or its code for internal errors after too long."""
    # What measures or steers the caller's tests is not meant for these.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(STEERING)}
    # Bytecode is told by its source's size and second: two faults of one length would pass for each other.
    environment |= {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    try:
        return subprocess.run(
            command, cwd=tree, env=environment, check=False, capture_output=True, timeout=TIME_LIMIT
        ).returncode
    except subprocess.TimeoutExpired:
        return INTERNAL_ERROR


def find(fault: Fault, tree: Path) -> Finding:
    """Plant a fault in a tree, run its test, and take it out again."""
    began = time.perf_counter()
    outcome = Outcome.NOT_PLANTED
    if fault.occurrences(tree) == 1:
        with fault.planted(tree):
            exit_code = run_tests([fault.test], tree)
        by_exit_code = {TESTS_FAILED: Outcome.CAUGHT, TESTS_PASSED: Outcome.MISSED}
        outcome = by_exit_code.get(exit_code, Outcome.NOT_RUN)
    return Finding(fault, outcome, time.perf_counter() - began)


def find_all(faults: Sequence[Fault]) -> Iterator[Finding]:
    """Plant the faults, two at a time in copies of their own, and yield what comes of each in their order."""
    trees: SimpleQueue[Path] = SimpleQueue()

    def find_in_a_free_tree(fault: Fault) -> Finding:
        tree = trees.get()
        try:
            return find(fault, tree)
        finally:
            trees.put(tree)

    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(AT_ONCE) as executor:
        for index in range(AT_ONCE):
            tree = Path(directory) / str(index)
            tree.mkdir()
            copy_tree(tree)
            trees.put(tree)
        yield from executor.map(find_in_a_free_tree, faults)


def fail_without_faults(faults: Sequence[Fault]) -> bool:
    """Return whether any of the named tests fails on the tree as it is."""
    with tempfile.TemporaryDirectory() as directory:
        copy_tree(Path(directory))
        return run_tests(sorted({fault.test for fault in faults}), Path(directory)) != TESTS_PASSED


def chosen(faults: Sequence[Fault], words: Sequence[str]) -> list[Fault]:
    """Return the faults with one of these numbers, counted from 1, or of these words in their names."""
    return [
        fault
        for number, fault in enumerate(faults, start=1)
        if not words
        or str(number) in words
        or any(word in fault.name for word in words if not word.isdigit())
    ]


def main() -> None:
    """Do what the arguments say."""
    parser = argparse.ArgumentParser(description="Faults that the tests must catch.")
    parser.add_argument("--list", action="store_true", help="print the faults and their tests")
    parser.add_argument("which", nargs="*", help="numbers, or words of their names; all where left out")
    options = parser.parse_args()
    console = Console(soft_wrap=True)
    faults = planted_faults()
    numbers = {fault: number for number, fault in enumerate(faults, start=1)}
    selected = chosen(faults, options.which)
    if not selected:
        parser.error(f"no fault has the number or the word {' or '.join(options.which)}")
    if options.list:
        for fault in selected:
            console.print(f"{numbers[fault]:>3} {_described(fault)}", highlight=False, markup=False)
        return
    findings = []
    for finding in find_all(selected):
        findings.append(finding)
        line = f"{numbers[finding.fault]:>3} {finding.outcome:<11} {finding.seconds:5.1f} s  "
        console.print(line + _described(finding.fault), highlight=False, markup=False)
    n_caught = sum(finding.outcome is Outcome.CAUGHT for finding in findings)
    console.print(f"{n_caught} of {len(findings)} planted faults are caught")
    if fail_without_faults(selected):
        console.print("but some of these tests fail without a fault too")
        sys.exit(1)
    sys.exit(n_caught < len(findings))


def _described(fault: Fault) -> str:
    return f"{fault.name}  ({Path(fault.file).name}: {fault.test.removeprefix('tests/workers/')})"


if __name__ == "__main__":
    main()
