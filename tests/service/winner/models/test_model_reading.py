"""A model is read as it was written; damaged, newer and foreign files are refused in words."""

import json
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from service.errors import BadInputError
from service.winner.models.model_description import FORMAT
from service.winner.models.model_reading import read_model
from service.winner.models.model_writing import write_model
from tests.service.winner.models.exported_winner import ExportedWinner


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
    np.testing.assert_array_equal(model.network.predict(winner.dev_inputs), winner.measured)


@pytest.mark.parametrize("other", [FORMAT - 1, FORMAT + 1])
def test_another_format_is_named_whatever_else_stands_there(path: Path, other: int) -> None:
    (path / "model.json").write_text(f'{{"format": {other}, "network": "of another kind"}}')
    with pytest.raises(
        BadInputError,
        match=rf"wrote the model: expected format {FORMAT}, got {other} \(.*model\.json\)",
    ):
        read_model(path)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "damaged: Invalid JSON.*"),
        ("[]", r"damaged: .*\(.*model\.json\)"),
        ("{}", r"damaged: Field required \(.*model\.json: format\)"),
        (f'{{"format": {FORMAT}}}', r"damaged: Field required \(.*model\.json: proctor_version\)"),
    ],
)
def test_a_damaged_description_is_refused_in_one_line(path: Path, text: str, match: str) -> None:
    (path / "model.json").write_text(text)
    with pytest.raises(BadInputError, match=match) as refused:
        read_model(path)
    assert "\n" not in str(refused.value)


def test_a_field_that_cannot_be_is_named(path: Path) -> None:
    change(path, hyperparameters={"depth": -1})
    with pytest.raises(BadInputError, match=r"model\.json: hyperparameters\.depth"):
        read_model(path)


def test_another_number_of_networks_than_there_are_parameters_of_is_refused(path: Path) -> None:
    change(path, n_networks=2)
    with pytest.raises(BadInputError, match=r"expected parameters of 2 networks, got \(1, \d+\) .*npz"):
        read_model(path)


def test_arrays_that_are_missing_are_named(path: Path) -> None:
    (path / "arrays.npz").unlink()
    with pytest.raises(BadInputError, match=r"cannot be read: No such file or directory \(.*arrays\.npz\)"):
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
        {"parameters": np.zeros(3, np.float32)},
        "do not fit model.json: expected arrays of shapes",
    ),
    "a mean of other length": (
        {"0_scaling_mean": np.zeros(3)},
        "do not fit model.json: expected arrays of shapes",
    ),
    "no deviation": ({"0_scaling_deviation": None}, "do not fit model.json: expected arrays of shapes"),
    "parameters of more networks": (
        {"parameters": np.zeros((2, 3), np.float32)},
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
    replace_arrays(path, **{"0_scaling_mean": np.array([Exploding()], dtype=object)})
    with pytest.raises(BadInputError, match="cannot be read: Object arrays cannot be loaded"):
        read_model(path)


def test_a_name_too_long_for_the_system_is_refused_kindly() -> None:
    with pytest.raises(BadInputError, match="a model cannot be read: File name too long"):
        read_model(Path("x" * 5000))


def test_what_is_no_model_is_refused_with_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="got nothing; `proctor export houses -o houses-model` writes"):
        read_model(tmp_path / "houses")
    with pytest.raises(BadInputError, match="got another directory; "):
        read_model(tmp_path)
    (tmp_path / "model.json").write_text("{}")
    with pytest.raises(BadInputError, match="got a file; "):
        read_model(tmp_path / "model.json")
