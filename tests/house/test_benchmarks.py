"""The benchmarks run: a short form of each that needs nothing but the gate's own environment."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.checkout import ROOT


@pytest.mark.parametrize(
    "words",
    [
        ["benchmarks.network", "--quick", "--only", "start"],
        ["benchmarks.network", "--quick", "--only", "epoch"],
        ["benchmarks.defaults", "--seeds", "1", "--only", "depth 1"],
        ["benchmarks.tables", "--rows", "3000", "--rounds", "1"],
    ],
    ids=" ".join,
)
def test_a_short_form_runs_and_writes_its_figures(words: list[str], tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", *words, "--json", figures],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert json.loads(figures.read_text())
