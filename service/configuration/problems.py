"""Errors in a configuration, in plain words: pydantic's errors translated."""

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from search_spaces.conditions import Condition
from search_spaces.contradiction import ContradictionError
from search_spaces.dimensions import CategoricalDimension, ConstantDimension
from search_spaces.expectation import expectation
from search_spaces.nearest_word import hint
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.values import found
from service.configuration.toml_text import Key

_KINDS: dict[str, type[BaseModel]] = {
    "float": FloatDimension,
    "integer": IntegerDimension,
    "categorical": CategoricalDimension,
    "constant": ConstantDimension,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes
    ----------
    path
        The keys that lead to it, as they are written in a study file.
    sentence
        What is wrong, what was expected, what was found.
    """

    path: tuple[Key, ...]
    sentence: str

    @property
    def place(self) -> str:
        """The path as people write it: `space.depth.low`; list items counted from 1."""
        parts = (f"[{key + 1}]" if isinstance(key, int) else f".{key}" for key in self.path)
        return "".join(parts).removeprefix(".")


def problems(error: ValidationError, model: type[BaseModel]) -> tuple[Problem, ...]:
    """Translate the errors of validating `model`; last what is missing, often for a slip named before."""
    details = sorted(error.errors(include_url=False), key=lambda detail: detail["type"] == "missing")
    return tuple(_problem(detail, model) for detail in details)


def _problem(detail: ErrorDetails, model: type[BaseModel]) -> Problem:
    location = detail["loc"]
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, ContradictionError):
        return Problem(_as_written((*location, *cause.path)), cause.rule)
    if isinstance(cause, ValueError):
        return Problem(_as_written(location), str(cause))
    return Problem(_as_written(location), _sentence(detail, _fields(location[:-1], model)))


def _sentence(detail: ErrorDetails, fields: dict[str, FieldInfo]) -> str:
    key = detail["loc"][-1]
    match detail["type"]:
        case "extra_forbidden":
            return f"no such key; {hint(str(key), fields)}"
        case "union_tag_invalid":
            return f"expected a kind among {', '.join(_KINDS)}, got {found(detail['ctx']['tag'])}"
        case "enum" if key not in fields:  # a value of a mapping, such as a column's kind
            words = detail["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
            return f"expected one of {words}, got {found(detail['input'])}"
        case "missing":
            what_it_is = (fields[str(key)].description or "").rstrip(".")
            return f"missing; expected {_expected(key, fields)}: {what_it_is[:1].lower()}{what_it_is[1:]}"
        case _:
            return f"expected {_expected(key, fields)}, got {found(detail['input'])}"


def _expected(key: Key, fields: dict[str, FieldInfo]) -> str:
    # What is no field is a dimension or a condition: an entry of a mapping.
    return expectation(fields[key]) if isinstance(key, str) and key in fields else "a table"


def _fields(location: Iterable[Key], model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Fields of the model that an error's location leads to."""
    for key in location:
        if key in _KINDS:
            model = _KINDS[str(key)]
        elif key == "when":
            model = Condition
        elif key in model.model_fields:
            annotation = model.model_fields[str(key)].annotation
            if isinstance(annotation, type) and issubclass(annotation, BaseModel):
                model = annotation
    return dict(model.model_fields)


def _as_written(location: tuple[Key, ...]) -> tuple[Key, ...]:
    """Leave out of a location what only the models know: kinds, the insides of constants and conditions."""
    if location[:1] != ("space",) or len(location) < 3:
        return location
    place, inside = location[:2], location[2:]
    if inside[0] in _KINDS:
        inside = () if inside[0] == "constant" and inside[1:] == ("value",) else inside[1:]
    return (*place, *(key for key in inside if key != "among"))
