"""A description is read back as it was written, and one that cannot be is refused.

A model is written the same each time, and never over what is none. A model is read as it was written;
damaged, newer and foreign files are refused in words.
"""

import json
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from search_spaces.network.point import NetworkPoint
from service.errors import BadInputError, ProctorError
from service.winner.models.model import (
    FORMAT,
    MemberDescription,
    ModelDescription,
    check_place,
    read_model,
    write_model,
)
from tests.service.winner.models.exported_winner import ExportedWinner


@given(figure=st.floats(allow_nan=False, allow_infinity=False), rate=st.floats(5e-324, 1, exclude_min=True))
def test_floats_are_read_back_to_the_last_bit(figure: float, rate: float, iris: ExportedWinner) -> None:
    member = MemberDescription(kind="network", hyperparameters=NetworkPoint(l2_lambda=rate))
    description = iris.model.description.model_copy(
        update={"dev_figures": {"error": figure}, "members": (member,)}
    )
    text = description.model_dump_json()
    read = ModelDescription.model_validate_json(text)

    assert read == description
    assert str(read.dev_figures["error"]) == str(figure)  # -0.0 is not 0.0
    (written,) = json.loads(text)["members"]
    assert written["hyperparameters"]["l2_lambda"] == rate  # other readers of JSON see the same


def test_it_is_read_back_whole(winner: ExportedWinner) -> None:
    description = winner.model.description
    assert ModelDescription.model_validate_json(description.model_dump_json(indent=2)) == description


CONTRADICTIONS = {
    "a test figure": ({"test_figures": {"error": 0.1}}, "Extra inputs are not permitted"),
    "a class that is there twice": ({"class_names": ["a", "b", "a"]}, "duplicate class name"),
    "a column that is there twice": (
        {"columns": [{"name": "a", "kind": "numeric"}] * 2},
        "duplicate column name",
    ),
    "one class": ({"class_names": ["a"]}, "got 1 for classification"),
    "classes of a number": ({"task": "regression"}, "got 3 for regression"),
    "no columns": ({"columns": []}, "at least 1 item"),
    "a scaled target of classes": (
        {
            "preparations": [
                {
                    "transformation": {"blocks": [], "dropped": {}},
                    "target_scaling": {"mean": 0.0, "deviation": 1.0},
                }
            ]
        },
        "expected a scaled target for regression only",
    ),
    "a preparation that is not there": (
        {"members": [{"kind": "network", "hyperparameters": {}, "preparation": 1}]},
        r"expected members that read 1 preparations, got \[1\]",
    ),
    "a weight of nothing": (
        {"members": [{"kind": "network", "hyperparameters": {}, "weight": 0}]},
        "greater than or equal to 1",
    ),
    "an infinite figure": ({"dev_figures": {"error": "inf"}}, "finite number"),
    "no such task": ({"task": "ranking"}, "'classification' or 'regression'"),
}


@pytest.mark.parametrize(("change", "match"), CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_what_makes_no_sense_is_refused(change: dict[str, object], match: str, iris: ExportedWinner) -> None:
    fields = iris.model.description.model_dump(mode="json")
    with pytest.raises(ValidationError, match=match):
        ModelDescription.model_validate(fields | change)


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
        name: "float32" if name == "models/0/parameters" else "float64" for name in arrays
    }

    (member,), (preparation,) = description["members"], description["preparations"]
    hyperparameters = member["hyperparameters"]
    assert hyperparameters["batch_normalization"] == hyperparameters["feature_scale"] == "off"
    assert hyperparameters["activation"] == "relu"
    n_features, depth = len(description["columns"]), hyperparameters["depth"]
    sizes = [n_features, *[hyperparameters["width"]] * depth, 1]
    layers = list(pairwise(sizes))
    ends = np.cumsum([n_in * n_out for n_in, n_out in layers] + sizes[1:])
    pieces = np.split(arrays["models/0/parameters"].astype(np.float64), ends[:-1])
    mean, deviation = (arrays[f"preparations/0/0_scaling_{name}"] for name in ("mean", "deviation"))
    A = (winners["diabetes"].dev - mean) / deviation
    for layer, (n_in, n_out) in enumerate(layers):
        Z = A @ pieces[layer].reshape(n_in, n_out) + pieces[len(layers) + layer]
        A = np.maximum(Z, 0) if layer < depth else Z
    scaling = preparation["target_scaling"]
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


@pytest.fixture
def path(iris: ExportedWinner, tmp_path: Path) -> Path:
    write_model(iris.model, tmp_path / "model", replace=False)
    return tmp_path / "model"


def change(path: Path, **fields: object) -> None:
    """Change fields of a model's description."""
    described = json.loads((path / "model.json").read_text())
    (path / "model.json").write_text(json.dumps(described | fields))


def replace_arrays(path: Path, **arrays: Any) -> None:  # noqa: ANN401 (any array)
    """Write other arrays, with their checksum."""
    with np.load(path / "arrays.npz") as file:
        kept = {name: file[name] for name in file}
    content = BytesIO()
    np.savez(content, **{name: array for name, array in (kept | arrays).items() if array is not None})
    (path / "arrays.npz").write_bytes(content.getvalue())
    change(path, arrays_sha256=sha256(content.getvalue()).hexdigest())


def test_it_predicts_as_what_was_written(winner: ExportedWinner) -> None:
    model = read_model(winner.path)
    assert model.description == winner.model.description
    np.testing.assert_array_equal(model.trained.predict([winner.dev_inputs]), winner.measured)


@pytest.mark.parametrize("other", [FORMAT - 1, FORMAT + 1])
def test_another_format_is_named_whatever_else_stands_there(path: Path, other: int) -> None:
    (path / "model.json").write_text(f'{{"format": {other}, "network": "of another kind"}}')
    with pytest.raises(
        BadInputError,
        match=rf"model\.json: .*wrote the model: expected format {FORMAT}, got {other}",
    ):
        read_model(path)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "damaged: Invalid JSON.*"),
        ("[]", r"model\.json: a model's description is damaged: "),
        ("{}", r"model\.json: format: .*damaged: Field required"),
        (f'{{"format": {FORMAT}}}', r"model\.json: proctor_version: .*damaged: Field required"),
    ],
)
def test_a_damaged_description_is_refused_in_one_line(path: Path, text: str, match: str) -> None:
    (path / "model.json").write_text(text)
    with pytest.raises(BadInputError, match=match) as refused:
        read_model(path)
    assert "\n" not in str(refused.value)


def test_a_field_that_cannot_be_is_named(path: Path) -> None:
    change(path, members=[{"kind": "network", "hyperparameters": {"depth": -1}}])
    with pytest.raises(BadInputError, match=r"model\.json: members\.0\.hyperparameters\.depth"):
        read_model(path)


def test_another_number_of_networks_than_there_are_parameters_of_is_refused(path: Path) -> None:
    one = {"kind": "network", "hyperparameters": {}}
    change(path, members=[one, one])
    with pytest.raises(BadInputError, match=r"npz: .*parameters"):
        read_model(path)


def test_arrays_that_are_missing_are_named(path: Path) -> None:
    (path / "arrays.npz").unlink()
    with pytest.raises(BadInputError, match=r"arrays\.npz: .*cannot be read: No such file or directory"):
        read_model(path)


@pytest.mark.parametrize(
    "damage", [lambda content: content[:-1], lambda content: content[:90] + b"!" + content[91:]]
)
def test_damaged_arrays_are_refused(path: Path, damage: Callable[[bytes], bytes]) -> None:
    file = path / "arrays.npz"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(
        BadInputError, match=r"do not belong to model\.json: they are damaged, or another model's"
    ):
        read_model(path)


def test_another_models_arrays_are_refused(path: Path, winners: dict[str, ExportedWinner]) -> None:
    (path / "arrays.npz").write_bytes((winners["diabetes"].path / "arrays.npz").read_bytes())
    with pytest.raises(BadInputError, match="another model's"):
        read_model(path)


ARRAYS = {
    "fewer parameters": (
        {"models/0/parameters": np.zeros(3, np.float32)},
        "do not fit model.json: expected arrays of shapes",
    ),
    "a mean of other length": (
        {"preparations/0/0_scaling_mean": np.zeros(3)},
        "do not fit model.json: expected arrays of shapes",
    ),
    "no deviation": (
        {"preparations/0/0_scaling_deviation": None},
        "do not fit model.json: expected arrays of shapes",
    ),
    "parameters of more networks": (
        {"models/0/parameters": np.zeros((2, 3), np.float32)},
        "do not fit model.json: expected arrays of shapes",
    ),
    "an array too many": ({"extra": np.zeros(2)}, "do not fit model.json: expected arrays of shapes"),
}


@pytest.mark.parametrize(("arrays", "match"), ARRAYS.values(), ids=ARRAYS.keys())
def test_arrays_that_do_not_fit_are_refused(path: Path, arrays: dict[str, Any], match: str) -> None:
    replace_arrays(path, **arrays)
    with pytest.raises(BadInputError, match=match):
        read_model(path)


class Exploding:
    """An object whose unpickling would be seen."""

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        return pytest.fail, ("a model's file was unpickled",)


def test_pickled_arrays_are_never_unpickled(path: Path) -> None:
    replace_arrays(path, **{"preparations/0/0_scaling_mean": np.array([Exploding()], dtype=object)})
    with pytest.raises(BadInputError, match="cannot be read: Object arrays cannot be loaded"):
        read_model(path)


def test_a_name_too_long_for_the_system_is_refused_kindly() -> None:
    with pytest.raises(BadInputError, match="a model cannot be read: File name too long"):
        read_model(Path("x" * 5000))


def test_what_is_no_model_is_refused_with_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"houses: expected a directory that .* wrote, got nothing$"):
        read_model(tmp_path / "houses")
    with pytest.raises(BadInputError, match=r"got another directory$"):
        read_model(tmp_path)
    (tmp_path / "model.json").write_text("{}")
    with pytest.raises(BadInputError, match=r"got a file$"):
        read_model(tmp_path / "model.json")
