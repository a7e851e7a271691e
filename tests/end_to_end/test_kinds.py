"""Each kind of model goes the whole way, through the command: one that nothing but the tests know among them.

That one, `tests.tiny_kind`, shows that a kind needs no file outside its own room but its two entries.
"""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from search_spaces.kinds import SPACES
from service.cli import run_command
from service.python.winner_estimator import load_winner
from service.tables.table import load_table
from tests.tiny_kind.space import TinySpace
from workers.kinds import KINDS

EVERY = ("network", "boosting", "linear", "tiny")
QUICK = ("--max-epochs", "8", "--patience", "4", "--workers", "0", "--no-report", "--confirm", "2")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PROCTOR_STORAGE", raising=False)
    monkeypatch.setitem(SPACES, "tiny", TinySpace)
    monkeypatch.setitem(KINDS, "tiny", "tests.tiny_kind.kind:TINY")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    status = run_command(list(arguments))
    said = capsys.readouterr()
    assert status == 0, said
    return said.out


@pytest.mark.parametrize("kind", EVERY)
def test_it_is_searched_opened_exported_and_predicts(
    kind: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "run", "iris", "--model", kind, "--trials", "4", *QUICK, "--keep-sealed")
    sealed = json.loads(run(capsys, "show", "iris", "--json"))
    assert (sealed["model"], sealed["test"]) == (kind, None)
    assert sealed["winner"]["is_reproduced"]

    assert "Looks at this test set: 1 by this study" in run(capsys, "unseal", "iris")
    opened = json.loads(run(capsys, "show", "iris", "--json"))
    assert opened["test"]["models"]["winner"]["error"] < 0.4

    run(capsys, "export", "iris", "-o", "model")
    table = load_table("iris")
    pl.DataFrame([table.frame[name] for name in table.feature_names]).write_csv(here / "new.csv")
    run(capsys, "predict", "model", "new.csv", "-o", "predictions.csv", "--proba")
    of_command = pl.read_csv(here / "predictions.csv").select("^species=.*$").to_numpy()
    of_python = load_winner(here / "model").predict_proba(table.frame.select(table.feature_names))
    np.testing.assert_allclose(of_command, of_python, rtol=1e-6)


@pytest.mark.parametrize("kind", EVERY)
def test_more_of_its_study_is_the_same_as_from_the_start(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("run", "iris", "--model", kind, *QUICK, "--keep-sealed", "--concurrency", "2")
    run(capsys, *arguments, "--trials", "6", "--name", "whole")
    run(capsys, *arguments, "--trials", "3", "--name", "in-parts")
    run(capsys, "resume", "in-parts", "--trials", "6", "--workers", "0", "--no-report")
    whole, in_parts = (json.loads(run(capsys, "show", name, "--json")) for name in ("whole", "in-parts"))
    for part in ("hyperparameters", "figures", "dev_metric", "best_epoch", "model_figures"):
        assert whole["winner"][part] == in_parts["winner"][part]
    assert whole["trials"]["complete"] == in_parts["trials"]["complete"]


def test_a_kind_says_what_its_models_show(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "run", "iris", "--model", "tiny", "--trials", "2", *QUICK)
    said = run(capsys, "show", "iris", "--trial", "0")
    assert "distance" in said
    assert "farthest center" in said
