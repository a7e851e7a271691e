"""What a field of a model accepts, in words for people: `a whole number of at least 1`."""

from enum import Enum
from types import NoneType
from typing import Annotated, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

_BOUNDS = (("ge", "of at least"), ("gt", "above"), ("le", "at most"), ("lt", "below"))
_NOUNS: dict[object, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    tuple: "a list",
}


def expectation(field: FieldInfo) -> str:
    """Describe the values that `field` accepts."""
    accepted = _bare(field.annotation)
    if isinstance(accepted, type) and issubclass(accepted, Enum):
        return f"one of {', '.join(str(member.value) for member in accepted)}"
    if get_origin(accepted) is Literal:
        return f"one of {', '.join(map(str, get_args(accepted)))}"
    if get_args(accepted) and get_origin(accepted) not in (dict, tuple):
        return "a number or text"
    noun = _NOUNS.get(get_origin(accepted) or accepted, "a table")
    limits = [
        f"{words} {getattr(constraint, name):g}"
        for name, words in _BOUNDS
        for constraint in field.metadata
        if hasattr(constraint, name)
    ]
    return f"{noun} {' and '.join(limits)}" if limits else noun


def _bare(annotation: object) -> object:
    """Strip `Annotated` and the None of a field that may be left out."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    members = get_args(annotation)
    if NoneType in members:
        (annotation, *others) = (member for member in members if member is not NoneType)
        return members if others else _bare(annotation)
    return annotation
