"""Where the package `onnx` may be missing: it is an extra, and whoever does not ask for it goes without."""

from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias

from service.errors import BadInputError
from service.winner.models.model import Model

OnnxEncoder: TypeAlias = Callable[[Model, Mapping[str, Collection[str]]], bytes]
"""See `service.winner.models.onnx_export.onnx_model.onnx_content`."""


def onnx_encoder() -> OnnxEncoder:
    """Return what makes the content of `model.onnx`.

    Raises
    ------
    BadInputError
        When the extra is not installed.
    """
    try:
        from service.winner.models.onnx_export.onnx_model import onnx_content  # noqa: PLC0415 (an extra)
    except ImportError:
        raise BadInputError("--onnx needs an extra: install proctor[onnx], or the package onnx") from None
    return onnx_content
