"""The hyperparameters by name, and which values each accepts."""

from enum import Enum
from functools import cache
from math import inf

from pydantic import ConfigDict, TypeAdapter, ValidationError

from search_spaces.contradiction import ContradictionError
from search_spaces.expectation import expectation
from search_spaces.hyperparameters import Hyperparameters
from search_spaces.nearest_word import hint, nearest_word
from search_spaces.values import Value, found

HYPERPARAMETER_NAMES = tuple(Hyperparameters.model_fields)
"""In the order of the model."""


def check_name(name: str) -> None:
    """Refuse a name that is no hyperparameter.

    Raises
    ------
    ContradictionError
        Offering the nearest right name.
    """
    if name not in Hyperparameters.model_fields:
        raise ContradictionError(f"no such hyperparameter; {hint(name, HYPERPARAMETER_NAMES)}", (name,))


def check_value(name: str, value: Value, path: tuple[str, ...]) -> None:
    """Refuse a value that the hyperparameter `name` cannot take; `path` says where the value is written.

    Raises
    ------
    ContradictionError
        Naming what is expected and what was found.
    """
    try:
        _adapter(name).validate_python(value, strict=None if choices_of(name) else True)
    except ValidationError as error:
        near = nearest_word(value, choices_of(name)) if isinstance(value, str) else None
        nearest = f"; did you mean {near}?" if near else ""
        expected = expectation(Hyperparameters.model_fields[name])
        message = f"expected {expected}, got {found(value)}{nearest}"
        raise ContradictionError(message, path) from error


def default_of(name: str) -> Value | None:
    """Return the value of `name` in a study that leaves it out; None if another one replaces it."""
    default: Value | None = Hyperparameters.model_fields[name].default
    return default.value if isinstance(default, Enum) else default


def is_whole(name: str) -> bool:
    """Whether the hyperparameter `name` is a whole number."""
    return Hyperparameters.model_fields[name].annotation in (int, int | None)


def limits_of(name: str) -> tuple[float, float]:
    """Return the least and the greatest value of the hyperparameter `name`, a number; infinite without."""
    low, high = -inf, inf
    for constraint in Hyperparameters.model_fields[name].metadata:
        low = max(low, getattr(constraint, "ge", -inf), getattr(constraint, "gt", -inf))
        high = min(high, getattr(constraint, "le", inf), getattr(constraint, "lt", inf))
    return low, high


def choices_of(name: str) -> tuple[str, ...]:
    """Return the words that the hyperparameter `name` accepts; none where it is a number."""
    annotation = Hyperparameters.model_fields[name].annotation
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return tuple(member.value for member in annotation)
    return ()


@cache
def _adapter(name: str) -> TypeAdapter[object]:
    annotation = Hyperparameters.model_fields[name].rebuild_annotation()
    # A type that is itself a model or an enum takes no configuration; it needs none either.
    config = None if choices_of(name) else ConfigDict(allow_inf_nan=False)
    return TypeAdapter(annotation, config=config)
