"""A winner leaves as one ONNX file, and predicts in onnxruntime what `proctor predict` does."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from search_spaces.network.space import NetworkSpace
from service.cli import run_command
from service.data.inputs.target_statistics import TargetStatisticsColumns
from service.tables.columns import typed_frame
from service.winner.models.model import read_model
from tests.end_to_end.commands import environment
from tests.service.iris_study import new_store, search_iris
from tests.service.winner.models.onnx_export.winners import onnx_outputs

FLATS = "flats.csv"
STUDIES: dict[str, dict[str, Any]] = {
    "hashed": {},
    "averaged": {
        "high_cardinality_encoding": "target_statistics",
        "numeric_scaling": "quantile",
        "numeric_embedding": "periodic",
    },
}
"""By name, the space that is searched."""


def write_flats(path: Path) -> None:
    """Write a table with every kind of column; of its 150 streets some have few flats."""
    random = np.random.default_rng(3)
    n = 600
    street = (150 * random.random(n) ** 2).astype(int)
    rooms = random.integers(1, 7, n)
    gap = random.random(n) < 0.1
    days = random.integers(0, 3000, n)
    price = 900.0 * rooms + 20 * street + random.normal(0, 200, n)
    frame = pl.DataFrame(
        {
            "rooms": rooms,
            "area": [None if missing else round(a, 2) for a, missing in zip(25.0 * rooms, gap, strict=True)],
            "street": [f"street {number}" for number in street],
            "heating": random.choice(["gas", "oil", "wood"], n),
            "balcony": random.choice(["yes", "no"], n),
            "let on": pl.Series(days.astype(np.int32)).cast(pl.Date),
            "dear": np.where(price > np.median(price), "dear", "cheap"),
        }
    )
    frame.write_csv(path)


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with a database of both studies."""
    directory = tmp_path_factory.mktemp("flats")
    write_flats(directory / FLATS)
    for name, space in STUDIES.items():
        store = new_store(directory)
        search_iris(
            store,
            table=str(directory / FLATS),
            target="dear",
            name=name,
            trials=1,
            space=NetworkSpace.model_validate({"learning_rate": {"low": 1e-3, "high": 1e-2}, **space}),
        ).store.close()
    return directory


@pytest.fixture
def here(searched: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(searched)
    monkeypatch.delenv("PROCTOR_STORAGE", raising=False)
    return searched


def test_onnxruntime_predicts_what_the_command_does(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["export", "averaged", "-o", "model", "--onnx"]) == 0
    assert sorted(path.name for path in (here / "model").iterdir()) == [
        "arrays.npz",
        "model.json",
        "model.onnx",
    ]
    assert run_command(["predict", "model", FLATS, "-o", "out.csv", "--proba"]) == 0
    capsys.readouterr()
    written = pl.read_csv("out.csv")

    model = read_model(Path("model"))
    (averaged,) = (
        block
        for block in model.trained.preparations[0].transformation.blocks
        if isinstance(block, TargetStatisticsColumns)
    )
    assert [it.column for it in averaged.description.columns] == ["street"]
    cells = pl.read_csv(FLATS, infer_schema=False)
    typed = typed_frame(cells, model.description.columns, place=lambda row, name: f"{row} {name}")
    outputs = onnx_outputs(Path("model/model.onnx").read_bytes(), typed)
    np.testing.assert_allclose(
        outputs["probabilities"], written.select("dear=cheap", "dear=dear").to_numpy(), rtol=0, atol=1e-5
    )
    assert outputs["label"].tolist() == written["dear"].to_list()


def test_an_export_without_onnx_takes_the_place_of_one_with_it(here: Path) -> None:
    assert run_command(["export", "averaged", "-o", "again", "--onnx"]) == 0
    first = (here / "again" / "model.onnx").read_bytes()
    assert run_command(["export", "averaged", "-o", "again", "--onnx", "--force"]) == 0
    assert (here / "again" / "model.onnx").read_bytes() == first
    assert run_command(["export", "averaged", "-o", "again", "--force"]) == 0
    assert not (here / "again" / "model.onnx").exists()


def test_hashed_categories_are_refused_in_one_line(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["export", "hashed", "-o", "refused", "--onnx"]) == 2
    said = capsys.readouterr()
    assert said.err == (
        "proctor: --onnx: ONNX has no operator for the hash of a category; a study with the constant"
        " high_cardinality_encoding = \"target_statistics\" can be exported (hashed: 'street')\n"
    )
    assert said.out == ""
    assert not (here / "refused").exists()


def test_without_the_extra_one_line_says_what_to_install(here: Path) -> None:
    script = "import sys; sys.modules['onnx'] = None; from service.cli import main; main()"
    export = [sys.executable, "-c", script, "export", "averaged", "-o", "none", "--onnx"]
    ran = subprocess.run(export, cwd=here, env=environment(), capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "proctor: --onnx needs an extra: install proctor[onnx], or the package onnx\n"
    assert not (here / "none").exists()
