"""What boosting is advised, on tables whose trouble is known."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from service.cli import run_command


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PROCTOR_STORAGE", raising=False)
    return tmp_path


def advice(table: pl.DataFrame, space: str, here: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Search boosted trees, and return the report's advice by step."""
    table.write_csv(here / "made.csv")
    (here / "study.toml").write_text(
        'bayes_error = 0.0\nmodel = "boosting"\n[data]\ntable = "made.csv"\ntarget = "y"\n'
        f"[training]\nmax_epochs = 60\n[space]\n{space}"
    )
    assert (
        run_command(["run", "study.toml", "--trials", "6", "--workers", "0", "--no-report", "--quiet"]) == 0
    )
    capsys.readouterr()
    assert run_command(["show", "made", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    return {step["step"]: step for step in report["advice"]}


def test_stumps_that_cannot_tell_whether_two_signs_agree_want_more_leaves(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    X = np.random.default_rng(1).normal(size=(1500, 2))
    table = pl.DataFrame({"a": X[:, 0], "b": X[:, 1], "y": np.where(X[:, 0] * X[:, 1] > 0, "same", "other")})
    space = "max_leaf_nodes = 2\nlearning_rate = { low = 0.05, high = 0.5, log = true }\n"
    found = advice(table, space, here, capsys)
    assert next(iter(found)) == "bigger trees"
    assert "the winner's trees have up to 2 leaves" in found["bigger trees"]["evidence"]


def test_trees_that_know_noise_by_heart_want_smaller_ones(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(2)
    X = rng.normal(size=(1500, 8))
    y = np.where(X[:, 0] + rng.normal(size=1500) > 0, "high", "low")
    table = pl.DataFrame({f"x{column}": X[:, column] for column in range(8)} | {"y": y})
    space = "max_leaf_nodes = 64\nmin_samples_leaf = 1\nlearning_rate = { low = 0.3, high = 0.5 }\n"
    found = advice(table, space, here, capsys)
    assert {"more regularization", "more data", "smaller trees"} <= found.keys()
    assert "network" not in json.dumps(found)
