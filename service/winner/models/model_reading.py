"""A model read from disk: nothing in its files is run, and files that do not fit together are refused."""

from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from service.data.inputs.transformation_reading import read_transformation
from service.data.preparation.preparation import Preparation
from service.errors import BadInputError
from service.shell_command import shell_command
from service.winner.models.model_description import (
    ARRAYS_FILE,
    DESCRIPTION_FILE,
    FORMAT,
    PARAMETERS,
    Model,
    ModelDescription,
)
from service.winner.models.trained_network import TrainedNetwork
from workers.metrics.decision_rule import DecisionRule


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
    if not _is_model(path):
        found = "another directory" if path.is_dir() else "a file" if path.exists() else "nothing"
        study = path.resolve().name
        how = f"`{shell_command('export', study, flags=['-o', f'{study}-model'])}` writes a study's winner"
        raise BadInputError(f"expected a directory that `proctor export` wrote, got {found}; {how} ({path})")
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


def _is_model(path: Path) -> bool:
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
