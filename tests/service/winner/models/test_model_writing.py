"""A model is written the same each time, and never over what is none."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from service.errors import BadInputError, ProctorError
from service.winner.models.model_writing import check_place, write_model
from tests.service.winner.models.exported_winner import ExportedWinner


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_two_exports_have_the_same_bytes(winner: ExportedWinner, tmp_path: Path) -> None:
    write_model(winner.model, tmp_path / "again", replace=False)
    assert contents(tmp_path / "again") == contents(winner.path)
    assert contents(winner.path).keys() == {"model.json", "arrays.npz"}


def test_other_programs_can_predict_with_the_files(winners: dict[str, ExportedWinner]) -> None:
    """The format, by an independent hand: a network of plain layers, in float64."""
    path = winners["diabetes"].path
    description = json.loads((path / "model.json").read_text())
    arrays = np.load(path / "arrays.npz", allow_pickle=False)
    assert {name: list(arrays[name].shape) for name in arrays} == description["shapes"]
    assert {name: arrays[name].dtype.name for name in arrays} == {
        name: "float32" if name == "parameters" else "float64" for name in arrays
    }

    hyperparameters = description["hyperparameters"]
    assert hyperparameters["batch_normalization"] == hyperparameters["feature_scale"] == "off"
    assert hyperparameters["activation"] == "relu"
    n_features, depth = len(description["columns"]), hyperparameters["depth"]
    sizes = [n_features, *[hyperparameters["width"]] * depth, 1]
    layers = list(pairwise(sizes))
    ends = np.cumsum([n_in * n_out for n_in, n_out in layers] + sizes[1:])
    pieces = np.split(arrays["parameters"][0].astype(np.float64), ends[:-1])
    A = (winners["diabetes"].dev - arrays["0_scaling_mean"]) / arrays["0_scaling_deviation"]
    for layer, (n_in, n_out) in enumerate(layers):
        Z = A @ pieces[layer].reshape(n_in, n_out) + pieces[len(layers) + layer]
        A = np.maximum(Z, 0) if layer < depth else Z
    scaling = description["target_scaling"]
    by_hand = A[:, 0] * scaling["deviation"] + scaling["mean"]
    np.testing.assert_allclose(winners["diabetes"].measured, by_hand, rtol=1e-4)


def test_what_is_there_is_not_written_over(iris: ExportedWinner, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    with pytest.raises(
        BadInputError, match=r"model exists: name another directory, or replace it with --force"
    ):
        write_model(iris.model, tmp_path / "model", replace=False)
    assert not contents(tmp_path / "model")


def test_a_model_makes_way_for_a_model(winners: dict[str, ExportedWinner], tmp_path: Path) -> None:
    write_model(winners["iris"].model, tmp_path / "model", replace=False)
    write_model(winners["diabetes"].model, tmp_path / "model", replace=True)
    assert contents(tmp_path / "model") == contents(winners["diabetes"].path)


def test_nothing_else_makes_way_for_a_model(iris: ExportedWinner, tmp_path: Path) -> None:
    write_model(iris.model, tmp_path / "model", replace=False)
    (tmp_path / "model" / "thesis.tex").write_text("years of work")
    with pytest.raises(BadInputError, match=r"--force replaces only a model, .* holds 'thesis\.tex'"):
        write_model(iris.model, tmp_path / "model", replace=True)
    assert (tmp_path / "model" / "thesis.tex").read_text() == "years of work"


def test_a_link_to_a_model_stays_a_link(winners: dict[str, ExportedWinner], tmp_path: Path) -> None:
    write_model(winners["iris"].model, tmp_path / "first", replace=False)
    (tmp_path / "current").symlink_to("first")
    write_model(winners["diabetes"].model, tmp_path / "current", replace=True)
    assert (tmp_path / "current").is_symlink()
    assert contents(tmp_path / "first") == contents(winners["diabetes"].path)


def test_a_file_and_a_missing_directory_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model").write_text("a file")
    with pytest.raises(BadInputError, match=r"expected a directory for the model, got the file .*model"):
        check_place(tmp_path / "model", replace=True)
    with pytest.raises(BadInputError, match=r"there is no directory .*nowhere"):
        check_place(tmp_path / "nowhere" / "model", replace=False)


def test_what_cannot_be_written_is_told_and_leaves_nothing(iris: ExportedWinner, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="cannot be written: File name too long"):
        check_place(tmp_path / ("m" * 256), replace=False)
    with pytest.raises(ProctorError, match="/proc/model cannot be written"):
        write_model(iris.model, Path("/proc/model"), replace=False)
    assert not Path("/proc/model").exists()
