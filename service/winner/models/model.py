"""A winner as one value, and as a directory: its `model.json`, never with a test figure, and its arrays.

The directory is there whole or not at all, without pickle. Nothing in its files is run when it is read, and
files that do not fit together are refused.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any, Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, model_validator

from search_spaces.hyperparameters import Hyperparameters
from service.data.inputs.transformation import TransformationDescription
from service.data.inputs.transformation_reading import read_transformation
from service.data.preparation.preparation import Preparation, TargetScaling
from service.errors import BadInputError, ProctorError
from service.tables.columns import Column
from service.winner.models.staging import staged_directory
from service.winner.models.trained_network import TrainedNetwork
from workers.metrics.decision_rule import DecisionRule
from workers.metrics.metric import Metric
from workers.train_dev_data import Task

FORMAT = 4
"""Version of the fields' names and meanings, and of the arrays beside them."""


class ModelDescription(BaseModel):
    """A winner in words and numbers; floats are written so that they are read back to the last bit."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    format: int
    """Version of this description."""

    proctor_version: str
    """Version of Proctor that trained the network."""

    study: str
    """Name of the study that it won."""

    trial: Annotated[int, Field(ge=0)]
    """Its trial's number."""

    is_reproduced: bool
    """Whether training it again, for its weights, gave the very figures that it won with."""

    task: Task
    """The task: a class or a number is predicted."""

    target: str
    """Name of what is predicted."""

    class_names: tuple[str, ...]
    """Name of each class index; empty in regression."""

    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    """The columns that are read, and how their cells are understood."""

    transformation: TransformationDescription
    """How inputs are made from the columns' values; its arrays are in `arrays.npz`."""

    target_scaling: TargetScaling | None
    """How a regression's target was scaled; null in classification."""

    metric: Metric
    """The metric that it was chosen by, on the dev set."""

    label_weights: tuple[Annotated[FiniteFloat, Field(gt=0)], ...]
    """What each class's probability is multiplied by to decide labels; empty where all weigh alike."""

    dev_figures: dict[str, FiniteFloat]
    """All metrics of the task on the dev set, by name, in the target's unit."""

    hyperparameters: Hyperparameters
    """The hyperparameters that it was trained with, searched and fixed."""

    n_networks: Annotated[int, Field(ge=1)] = 1
    """Networks whose predictions are averaged, trained alike but for their seeds; 1 of a single one."""

    shapes: dict[str, tuple[int, ...]]
    """Shape of each array in `arrays.npz`, by name."""

    arrays_sha256: str
    """Checksum of `arrays.npz`: files of two models do not pass for one."""

    @model_validator(mode="after")
    def _classes_fit_the_task(self) -> Self:
        if (len(self.class_names) >= 2) != (self.task is Task.CLASSIFICATION):
            raise ValueError(
                "expected two classes or more for classification and none for regression, got"
                f" {len(self.class_names)} for {self.task}"
            )
        if self.label_weights and len(self.label_weights) != len(self.class_names):
            raise ValueError(
                f"expected a weight for each of {len(self.class_names)} classes, got"
                f" {len(self.label_weights)}"
            )
        if len(set(self.class_names)) < len(self.class_names):
            raise ValueError("duplicate class name")
        if (self.target_scaling is None) != (self.task is Task.CLASSIFICATION):
            raise ValueError("expected a scaled target for regression only")
        return self

    @model_validator(mode="after")
    def _columns_differ(self) -> Self:
        if len({column.name for column in self.columns}) < len(self.columns):
            raise ValueError("duplicate column name")
        return self

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the table's columns that are read, in the training file's order."""
        return tuple(dict.fromkeys(column.source for column in self.columns))

    @property
    def n_outputs(self) -> int:
        """Number of classes, or of targets."""
        return len(self.class_names) or 1


DESCRIPTION_FILE = "model.json"
ARRAYS_FILE = "arrays.npz"
ONNX_FILE = "model.onnx"

PARAMETERS = "parameters"
"""Name of the networks' parameters in `arrays.npz`; all else in it is the transformation's."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A winner: its description, and the network that predicts."""

    description: ModelDescription
    network: TrainedNetwork = field(repr=False)


@dataclass(frozen=True, slots=True)
class PackedArrays:
    """A network's arrays as a file.

    Attributes
    ----------
    content
        The bytes of `arrays.npz`; the same arrays give the same bytes.
    shapes
        Of each array, by name.
    """

    content: bytes
    shapes: dict[str, tuple[int, ...]]

    @property
    def sha256(self) -> str:
        """Checksum of the bytes, in hexadecimal digits."""
        return sha256(self.content).hexdigest()


def pack_arrays(network: TrainedNetwork) -> PackedArrays:
    """Put all arrays that were fitted into one file, each in its type."""
    arrays = {PARAMETERS: network.parameters, **network.preparation.transformation.arrays()}
    file = BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return PackedArrays(file.getvalue(), {name: array.shape for name, array in arrays.items()})


def check_place(path: Path, *, replace: bool) -> None:
    """Refuse a place that a model cannot be written to; asked before anything is trained for it.

    Parameters
    ----------
    path
        The directory to be.
    replace
        Whether a model that is there already makes way. Nothing but a model does.

    Raises
    ------
    BadInputError
        Something is there, or there is no directory to make it in.
    """
    try:
        _check_place(path, replace=replace)
    except OSError as error:
        raise BadInputError(f"{path} cannot be written: {error.strerror}") from None


def _check_place(path: Path, *, replace: bool) -> None:
    if not path.parent.is_dir():
        raise BadInputError(f"{path} cannot be written: there is no directory {path.parent}")
    if not path.exists():
        return
    if not path.is_dir():
        raise BadInputError(f"expected a directory for the model, got the file {path}")
    if not replace:
        raise BadInputError(f"{path} exists: name another directory, or replace it with --force")
    others = {entry.name for entry in path.iterdir()} - {DESCRIPTION_FILE, ARRAYS_FILE, ONNX_FILE}
    if others:
        raise BadInputError(f"--force replaces only a model, and {path} also holds {min(others)!r}")


def write_model(model: Model, path: Path, *, replace: bool, onnx: bytes | None = None) -> None:
    """Write a model's directory. The same model gives the same bytes.

    Parameters
    ----------
    model
        What is written.
    path
        Its directory, made here.
    replace
        Whether a model that is there already makes way.
    onnx
        Content of `model.onnx`; None for no such file.

    Raises
    ------
    BadInputError
        Something is at that path already, or it cannot be written.
    ProctorError
        It cannot be written; nothing is left then.
    """
    check_place(path, replace=replace)
    try:
        with staged_directory(path.resolve()) as directory:  # a link stays one
            text = model.description.model_dump_json(indent=2)
            (directory / DESCRIPTION_FILE).write_text(text + "\n", encoding="utf-8")
            (directory / ARRAYS_FILE).write_bytes(pack_arrays(model.network).content)
            if onnx is not None:
                (directory / ONNX_FILE).write_bytes(onnx)
    except OSError as error:
        raise ProctorError(f"{path} cannot be written: {error.strerror}") from error


class _WrittenFormat(BaseModel):
    """All that is read of a description before its format is known."""

    format: int


def read_model(path: Path) -> Model:
    """Read a model from its directory.

    Raises
    ------
    BadInputError
        There is no model, another version of Proctor wrote it, or its files are damaged or do not fit
        together.
    """
    if not is_model(path):
        found = "another directory" if path.is_dir() else "a file" if path.exists() else "nothing"
        raise BadInputError(f"{path}: expected a directory that `proctor export` wrote, got {found}")
    description = _description(_content(path / DESCRIPTION_FILE), path / DESCRIPTION_FILE)
    place = path / ARRAYS_FILE
    content = _content(place)
    if sha256(content).hexdigest() != description.arrays_sha256:
        raise BadInputError(
            f"the arrays do not belong to {DESCRIPTION_FILE}: they are damaged, or another model's ({place})"
        )
    arrays = _arrays(content, place)
    try:
        network = _network(description, arrays)
        n_inputs = len(network.preparation.transformation.input_names)
        network.predict(np.zeros((1, n_inputs), dtype=np.float32))
    except ValueError as error:
        raise BadInputError(f"the arrays do not fit {DESCRIPTION_FILE}: {error} ({place})") from None
    return Model(description, network)


def is_model(path: Path) -> bool:
    """Tell whether a directory has a model, which may be damaged.

    Raises
    ------
    BadInputError
        Nobody may look, or the path cannot be one.
    """
    try:
        return (path / DESCRIPTION_FILE).exists()
    except OSError as error:
        raise BadInputError(f"a model cannot be read: {error.strerror} ({path})") from None


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInputError(f"a model's file cannot be read: {error.strerror} ({path})") from None


def _description(text: bytes, path: Path) -> ModelDescription:
    try:
        written = _WrittenFormat.model_validate_json(text).format
        if written != FORMAT:
            raise BadInputError(
                f"another version of Proctor wrote the model: expected format {FORMAT}, got {written}"
                f" ({path})"
            )
        return ModelDescription.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        place = f"{path}: {field}" if field else str(path)
        raise BadInputError(f"a model's description is damaged: {first['msg']} ({place})") from None


def _arrays(content: bytes, path: Path) -> dict[str, NDArray[Any]]:
    try:
        with np.load(BytesIO(content), allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (ValueError, KeyError, EOFError, BadZipFile) as error:
        raise BadInputError(f"a model's arrays cannot be read: {error} ({path})") from None


def _network(description: ModelDescription, arrays: dict[str, NDArray[Any]]) -> TrainedNetwork:
    shapes = {name: array.shape for name, array in arrays.items()}
    if shapes != description.shapes or PARAMETERS not in arrays:
        raise ValueError(f"expected arrays of shapes {description.shapes}, got {shapes}")
    parameters = arrays[PARAMETERS].astype(np.float32, copy=False)
    if parameters.ndim != 2 or len(parameters) != description.n_networks:
        raise ValueError(f"expected parameters of {description.n_networks} networks, got {parameters.shape}")
    of_transformation = {name: array for name, array in arrays.items() if name != PARAMETERS}
    return TrainedNetwork(
        task=description.task,
        n_outputs=description.n_outputs,
        hyperparameters=description.hyperparameters,
        parameters=parameters,
        preparation=Preparation(
            description.columns,
            read_transformation(description.transformation, of_transformation),
            description.target_scaling,
        ),
        rule=DecisionRule(description.label_weights),
    )
