"""A model written to disk: a directory that is there whole or not at all, without pickle."""

from pathlib import Path

from service.errors import BadInputError, ProctorError
from service.winner.models.model_description import (
    ARRAYS_FILE,
    DESCRIPTION_FILE,
    ONNX_FILE,
    Model,
    pack_arrays,
)
from service.winner.models.staging import staged_directory


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
