"""A table of few values, through the command: rows that meet by chance leave the figure true."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.end_to_end.commands import proctor
from tests.few_valued_table import BEST_ERROR, few_valued

STANDARD_ERROR = np.sqrt(BEST_ERROR * (1 - BEST_ERROR) / 400)


def write(path: Path, n_rows: int, *, seed: int) -> str:
    X, y = few_valued(n_rows, seed=seed)
    pl.DataFrame({"a": X[:, 0], "b": X[:, 1], "y": np.array(["no", "yes"])[y]}).write_csv(path)
    return str(path)


@pytest.mark.parametrize(
    ("further", "n_examples"),
    [
        (lambda _: [], {"train": 1_200, "dev": 400, "test": 400}),
        (
            lambda at: ["--test-table", write(at / "test.csv", 400, seed=1)],
            {"train": 1_600, "dev": 400, "test": 400},
        ),
        (lambda _: ["--folds", "5"], {"train": 1_600, "test": 400}),
    ],
    ids=["one table", "a test file", "folds"],
)
def test_rows_that_meet_by_chance_leave_the_figure_true(
    further: Callable[[Path], list[str]], n_examples: dict[str, int], tmp_path: Path
) -> None:
    words = [write(tmp_path / "few.csv", 2_000, seed=0), "--target", "y", *further(tmp_path)]
    quick = [
        "--space",
        "small",
        "--trials",
        "3",
        "--confirm",
        "0",
        "--max-epochs",
        "10",
        "--workers",
        "0",
        "--json",
    ]
    done = proctor("run", *words, *quick, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["n_examples"] == n_examples
    assert report["equal_rows"]["meeting"] == "chance"
    assert abs(report["test"]["models"]["winner"]["error"] - BEST_ERROR) < 4 * STANDARD_ERROR
    page = next(tmp_path.glob("*-report.html")).read_text()
    assert "rows have the same features as another row; chance explains that" in page


def test_what_becomes_of_equal_rows_is_said_of_data_and_may_be_decided(tmp_path: Path) -> None:
    table = write(tmp_path / "few.csv", 2_000, seed=0)
    told = proctor("data", table, "--target", "y", cwd=tmp_path)
    assert "2,000 of 2,000 rows have the same features as another row; chance explains" in told.stdout
    decided = proctor("data", table, "--target", "y", "--equal-rows", "together", cwd=tmp_path)
    assert 'kept together, because equal_rows = "together"' in " ".join(decided.stdout.split())
