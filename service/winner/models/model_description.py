"""A winner as one value: the content of its `model.json`, never a test figure, and its arrays."""

from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from typing import Annotated, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

from search_spaces.hyperparameters import Hyperparameters
from service.data.inputs.transformation import TransformationDescription
from service.data.preparation.preparation import TargetScaling
from service.tables.columns import Column
from service.winner.models.trained_network import TrainedNetwork
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
