"""The lint and the quick tests of what has changed since the last commit: behind `make quick`.

    python -m tests.quick

checks format and lint of the files that changed. It runs the test files that did, and those that import a
module that changed, themselves or through helpers of the tests; of them the tests that are not slow (see
tests/conftest.py), with few examples each. What a change breaks farther away, the whole gate shows.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.house.checkout import ROOT


def changed_files() -> set[Path]:
    """Return the Python files that differ from the last commit, and new ones."""
    commands = (
        ["git", "diff", "--name-only", "--diff-filter=d", "HEAD", "--", "*.py"],
        ["git", "ls-files", "--others", "--exclude-standard", "--", "*.py"],
    )
    listings = [subprocess.run(c, cwd=ROOT, capture_output=True, text=True, check=True) for c in commands]
    return {ROOT / name for listing in listings for name in listing.stdout.split("\n") if name}


def module_name(path: Path) -> str:
    """Return what a file is imported as."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_names(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports, and what it imports from them as if it were modules too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.ImportFrom(module=str(module)):
                yield module
                yield from (f"{module}.{alias.name}" for alias in node.names)
            case ast.Import():
                yield from (alias.name for alias in node.names)


def touched_tests(changed: set[Path]) -> list[Path]:
    """Return the test files that changed files touch."""
    imports = {path: set(imported_names(path)) for path in (ROOT / "tests").rglob("*.py")}
    touched, names = {path for path in changed if path in imports}, {module_name(path) for path in changed}
    while further := {path for path, read in imports.items() if read & names} - touched:
        touched |= further
        names |= {module_name(path) for path in further}  # helpers hand on what they import
    return sorted(path for path in touched if path.name.startswith("test_"))


def main() -> int:
    """Check the files and run the tests; return the first exit status that is not 0."""
    changed = changed_files()
    for words in (("format", "--check"), ("check",)):
        command = [sys.executable, "-m", "ruff", *words, *map(str, changed)]
        if changed and (status := subprocess.run(command, cwd=ROOT, check=False).returncode):
            return status
    found = touched_tests(changed)
    if not found:
        print("no test file imports what has changed")  # noqa: T201 (what it is for)
        return 0
    options = (
        "-m",
        "not slow",
        "--hypothesis-profile",
        "quick",
        "--numprocesses",
        "2",
        "--dist",
        "loadfile",
        "-q",
    )
    done = subprocess.run([sys.executable, "-m", "pytest", *options, *map(str, found)], cwd=ROOT, check=False)
    nothing_collected = 5
    return 0 if done.returncode == nothing_collected else done.returncode


if __name__ == "__main__":
    sys.exit(main())
