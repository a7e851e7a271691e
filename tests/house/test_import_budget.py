"""What commands may import until their first line, which is most of the wait for it; no time is measured."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.commands import proctor
from tests.house.checkout import ROOT

SLOW = {
    *("alembic", "numpy", "optuna", "pandas", "polars", "psycopg", "pydantic", "ray", "rich", "scipy.linalg"),
    *("scipy.optimize", "scipy.sparse", "scipy.special", "scipy.stats", "sklearn", "sqlalchemy", "torch"),
}
"""Modules that take a fiftieth of a second or more."""

READING = {"numpy", "polars", "pydantic", "scipy.special"}
STUDY = READING | {"alembic", "optuna", "rich", "scipy.sparse", "sqlalchemy"}

SCRIPT = """
import json, os, sys
from service.cli import run_command

def show_modules():
    os.write(2, ("\\n" + json.dumps([*sys.modules])).encode())
    os._exit(0)

if sys.argv[1] == "run":
    import service.commands.beginning as beginning
    print_first_line = beginning.print_first_line
    def print_and_show(*what):
        assert print_first_line(*what)
        show_modules()
    beginning.print_first_line = print_and_show
assert run_command(sys.argv[1:]) == 0
show_modules()
"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with a study."""
    directory = tmp_path_factory.mktemp("budget")
    words = ("--trials", "2", "--max-epochs", "2", "--confirm", "0", "--no-baselines", "--no-report")
    run = proctor("run", "wine", *words, "--workers", "0", "--quiet", cwd=directory)
    assert run.returncode == 0, run.stderr
    return directory


@pytest.mark.parametrize(
    ("words", "may_import"),
    [
        (("--help",), set()),
        (("run", "digits"), READING),
        (("list",), {"numpy", "pydantic", "rich", "sqlalchemy"}),
        (("show", "wine"), STUDY),
        (("best", "wine"), STUDY),
        (("report", "wine"), STUDY - {"rich"}),
    ],
)
def test_commands_import_what_they_need_and_no_more(
    words: tuple[str, ...], may_import: set[str], directory: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *words],
        cwd=directory,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr

    imported = set(json.loads(done.stderr.splitlines()[-1]))
    assert SLOW & imported <= may_import
