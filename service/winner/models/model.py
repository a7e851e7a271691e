"""A winner as one value, and as a directory: its `model.json`, never with a test figure, and its arrays.

The directory is there whole or not at all, without pickle. Nothing in its files is run when it is read, and
files that do not fit together are refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any, Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    SerializeAsAny,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from search_spaces.kinds import known_kind, space_type
from search_spaces.own.point import OwnPoint
from search_spaces.point import Point
from service.data.inputs.transformation import TransformationDescription
from service.data.inputs.transformation_reading import read_transformation
from service.data.preparation.preparation import Preparation, TargetScaling
from service.errors import BadInputError, ProctorError
from service.tables.columns import Column
from service.winner.models.staging import staged_directory
from service.winner.models.trained_model import Member, TrainedModel
from workers.metrics.decision_rule import DecisionRule
from workers.metrics.metric import Metric
from workers.train_dev_data import Task

FORMAT = 6
"""Version of the fields' names and meanings, and of the arrays beside them."""


def _point(written: object, info: ValidationInfo) -> object:
    """Read hyperparameters as the kind of model has them; a kind that is not known was refused before."""
    if isinstance(written, Point) or "kind" not in info.data:
        return written
    return space_type(info.data["kind"]).fields.point_type.model_validate(written)


class PreparationDescription(BaseModel):
    """What makes inputs of the columns' values, and brings outputs into the target's unit."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    transformation: TransformationDescription
    """How inputs are made from the columns' values; its arrays are in `arrays.npz`."""

    target_scaling: TargetScaling | None
    """How a regression's target was scaled; null in classification."""


class MemberDescription(BaseModel):
    """One of the models whose predictions are averaged; its arrays are in `arrays.npz`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    kind: Annotated[str, AfterValidator(known_kind)]
    """Kind of model."""

    hyperparameters: SerializeAsAny[Annotated[Point, BeforeValidator(_point)]]
    """The hyperparameters that it was trained with, searched and fixed."""

    preparation: Annotated[int, Field(ge=0)] = 0
    """Which of the preparations it reads the table by, counted from 0."""

    weight: Annotated[int, Field(ge=1)] = 1
    """How often it counts in the average."""


class ModelDescription(BaseModel):
    """A winner in words and numbers; floats are written so that they are read back to the last bit."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    format: int
    """Version of this description."""

    proctor_version: str
    """Version of Proctor that trained it."""

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

    preparations: Annotated[tuple[PreparationDescription, ...], Field(min_length=1)]
    """How inputs are made; models that were trained on different rows or inputs have different ones."""

    metric: Metric
    """The metric that it was chosen by, on the dev set."""

    label_weights: tuple[Annotated[FiniteFloat, Field(gt=0)], ...]
    """What each class's probability is multiplied by to decide labels; empty where all weigh alike."""

    dev_figures: dict[str, FiniteFloat]
    """All metrics of the task on the dev set, by name, in the target's unit."""

    members: Annotated[tuple[MemberDescription, ...], Field(min_length=1)]
    """The models whose predictions are averaged, the winner's own first; mostly one."""

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
        is_classification = self.task is Task.CLASSIFICATION
        if any((each.target_scaling is None) != is_classification for each in self.preparations):
            raise ValueError("expected a scaled target for regression only")
        return self

    @model_validator(mode="after")
    def _preparations_are_there(self) -> Self:
        read = {each.preparation for each in self.members}
        if read != set(range(len(self.preparations))):
            raise ValueError(
                f"expected members that read {len(self.preparations)} preparations, got {sorted(read)}"
            )
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

MODEL, PREPARATION = "models", "preparations"
"""Before the names of what a member learned, `models/0/parameters`, and of what was fitted for its inputs."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A winner: its description, and what predicts."""

    description: ModelDescription
    trained: TrainedModel = field(repr=False)


@dataclass(frozen=True, slots=True)
class PackedArrays:
    """A model's arrays as a file.

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


def pack_arrays(trained: TrainedModel) -> PackedArrays:
    """Put all arrays that were fitted into one file, each in its type."""
    parts: dict[str, list[Mapping[str, NDArray[Any]]]] = {
        MODEL: [each.state for each in trained.members],
        PREPARATION: [each.transformation.arrays() for each in trained.preparations],
    }
    arrays = {
        f"{part}/{number}/{name}": array
        for part, of_part in parts.items()
        for number, named in enumerate(of_part)
        for name, array in named.items()
    }
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
            (directory / ARRAYS_FILE).write_bytes(pack_arrays(model.trained).content)
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
    if any(each.kind == OwnPoint.kind for each in description.members):  # what it learned may be code
        raise BadInputError(f"{path / DESCRIPTION_FILE}: a model of one's own cannot be read from a file")
    place = path / ARRAYS_FILE
    content = _content(place)
    if sha256(content).hexdigest() != description.arrays_sha256:
        raise BadInputError(
            f"{place}: the arrays do not belong to {DESCRIPTION_FILE}: they are damaged, or another model's"
        )
    arrays = _arrays(content, place)
    try:
        trained = _trained(description, arrays)
        trained.predict(
            [np.zeros((1, each.preparation.transformation.n_inputs), np.float32) for each in trained.members]
        )
    except (LookupError, ValueError) as error:
        raise BadInputError(f"{place}: the arrays do not fit {DESCRIPTION_FILE}: {error}") from None
    return Model(description, trained)


def is_model(path: Path) -> bool:
    """Return whether a directory has a model, which may be damaged.

    Raises
    ------
    BadInputError
        Nobody may look, or the path cannot be one.
    """
    try:
        return (path / DESCRIPTION_FILE).exists()
    except OSError as error:
        raise BadInputError(f"{path}: a model cannot be read: {error.strerror}") from None


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInputError(f"{path}: a model's file cannot be read: {error.strerror}") from None


def _description(text: bytes, path: Path) -> ModelDescription:
    try:
        written = _WrittenFormat.model_validate_json(text).format
        if written != FORMAT:
            raise BadInputError(
                f"{path}: another version of Proctor wrote the model: expected format {FORMAT}, got {written}"
            )
        return ModelDescription.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        place = f"{path}: {field}" if field else str(path)
        raise BadInputError(f"{place}: a model's description is damaged: {first['msg']}") from None


def _arrays(content: bytes, path: Path) -> dict[str, NDArray[Any]]:
    try:
        with np.load(BytesIO(content), allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (ValueError, KeyError, EOFError, BadZipFile) as error:
        raise BadInputError(f"{path}: a model's arrays cannot be read: {error}") from None


def _trained(description: ModelDescription, arrays: dict[str, NDArray[Any]]) -> TrainedModel:
    shapes = {name: array.shape for name, array in arrays.items()}
    if shapes != description.shapes:
        raise ValueError(f"expected arrays of shapes {description.shapes}, got {shapes}")
    numbers = {MODEL: len(description.members), PREPARATION: len(description.preparations)}
    parts: dict[str, list[dict[str, NDArray[Any]]]] = {
        part: [{} for _ in range(n)] for part, n in numbers.items()
    }
    for name, array in arrays.items():
        part, number, own_name = name.split("/", 2)
        parts[part][int(number)][own_name] = array
    preparations = [
        Preparation(description.columns, read_transformation(each.transformation, of_it), each.target_scaling)
        for each, of_it in zip(description.preparations, parts[PREPARATION], strict=True)
    ]
    return TrainedModel(
        task=description.task,
        n_outputs=description.n_outputs,
        members=tuple(
            Member(each.hyperparameters, state, preparations[each.preparation], each.weight)
            for each, state in zip(description.members, parts[MODEL], strict=True)
        ),
        rule=DecisionRule(description.label_weights),
    )


def describe_parts(
    trained: TrainedModel,
) -> tuple[tuple[PreparationDescription, ...], tuple[MemberDescription, ...]]:
    """Return what a description has of a model's preparations and members."""
    places = {id(each): place for place, each in enumerate(trained.preparations)}
    preparations = tuple(
        PreparationDescription(
            transformation=each.transformation.description(), target_scaling=each.target_scaling
        )
        for each in trained.preparations
    )
    members = tuple(
        MemberDescription(
            kind=each.hyperparameters.kind,
            hyperparameters=each.hyperparameters,
            preparation=places[id(each.preparation)],
            weight=each.weight,
        )
        for each in trained.members
    )
    return preparations, members
