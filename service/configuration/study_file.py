"""From a study file and the command line's flags to a validated study, or to one line on what is wrong.

Pydantic's errors are translated into plain words, with the line of a key, which the TOML parser does not say.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

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
from service.configuration.launch_config import LaunchConfig
from service.configuration.own_model import CodePlace
from service.configuration.study_config import StudyConfig
from service.errors import BadInputError

Key = str | int
"""A table's key, or an index into a list."""


class WrittenStudy(StudyConfig):
    """All that a study file may say. What is kept with the study is its `study` alone."""

    launch: LaunchConfig = LaunchConfig()
    """Where the study runs; changes nothing in its result."""

    @property
    def study(self) -> StudyConfig:
        """The study without where it runs."""
        return StudyConfig.model_validate({name: getattr(self, name) for name in StudyConfig.model_fields})


def read_study_file(path: Path, overrides: Mapping[str, object]) -> tuple[StudyConfig, LaunchConfig]:
    """Read a study file, with the command line's flags over it.

    Parameters
    ----------
    path
        The study file. A relative path of a table in it is relative to its directory.
    overrides
        Values of flags by dotted key: `{"data.target": "price", "launch.workers": 2, "space": "small"}`;
        None stands for a flag that was not given.

    Raises
    ------
    BadInputError
        The file cannot be read, is not TOML, or has a wrong value, with the line; or a flag has.
    """
    text = _read_text(path)
    written = _parse(text, path)
    _anchor_paths(written, path.parent)
    try:
        return _validated(written, overrides)
    except ValidationError as error:
        problem, more = _first_problem(error, WrittenStudy)
        place = _flag_place(problem, overrides)
        if place is None:
            line = line_of_key(text, problem.path)
            place = f"{path}: {problem.place}" if line is None else f"{path}:{line}: {problem.place}"
        raise BadInputError(f"{place}: {problem.sentence}{more}") from error


def study_from_flags(overrides: Mapping[str, object]) -> tuple[StudyConfig, LaunchConfig]:
    """Make a study from the command line's flags alone; `overrides` as for `read_study_file`.

    Raises
    ------
    BadInputError
        A flag has a wrong value, or there is no table.
    """
    try:
        return _validated({}, overrides)
    except ValidationError as error:
        problem, more = _first_problem(error, WrittenStudy)
        place = _flag_place(problem, overrides) or problem.place
        raise BadInputError(f"{place}: {problem.sentence}{more}") from error


def launch_from_flags(overrides: Mapping[str, object]) -> LaunchConfig:
    """Say where a stored study runs, from the flags alone; keys such as `launch.storage`.

    Raises
    ------
    BadInputError
        A flag has a wrong value.
    """
    places = {key.removeprefix("launch."): value for key, value in overrides.items() if value is not None}
    try:
        return LaunchConfig.model_validate(places)
    except ValidationError as error:
        problem, more = _first_problem(error, LaunchConfig)
        raise BadInputError(f"{flag_of(problem.place)}: {problem.sentence}{more}") from error


CONTEST = "contest"
"""The key of a contest's kinds of model, which a flag gives in one word."""


def flag_of(key: str) -> str:
    """Name the command line's flag for a dotted key: `--max-epochs` for `training.max_epochs`."""
    if key == "data.table":
        return "TABLE"
    if key == CONTEST:
        return "--model"
    return f"--{key.removesuffix('.kind').split('.')[-1].replace('_', '-')}"


def _read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise BadInputError(f"{path}: no such study file") from error
    except IsADirectoryError as error:
        raise BadInputError(f"{path}: expected a study file, got a directory") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BadInputError(f"{path}:{line}: expected UTF-8 text, got other bytes") from error
    except OSError as error:
        raise BadInputError(f"{path}: the study file cannot be read: {error.strerror}") from error


def _parse(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise BadInputError(f"{path}: invalid TOML: nested too deeply") from error
    except ValueError as error:
        line, reason = line_and_reason(error, text)
        raise BadInputError(f"{path}:{line}: invalid TOML: {reason}") from error


def _validated(written: dict[str, Any], overrides: Mapping[str, object]) -> tuple[StudyConfig, LaunchConfig]:
    given = {"data": {}} | written
    for name in ("model", "sampler"):
        if isinstance(given.get(name), str):
            given[name] = {"kind": given[name]}  # short for it; a flag may name another
    flags: dict[str, Any] = {}
    for key, value in overrides.items():
        if value is not None:
            _set(flags, key, value)
    _anchor_paths(flags, Path())
    study = WrittenStudy.model_validate(_merged(given, flags))
    return study.study, study.launch


def _set(document: dict[str, Any], key: str, value: object) -> None:
    *tables, last = key.split(".")
    for table in tables:
        document = document.setdefault(table, {})
    document[last] = value


def _merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Lay flags over the file, table by table; what the file wrongly has for a table stays, to be named."""
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key, {})
        if not isinstance(value, dict):
            merged[key] = value
        elif isinstance(below, dict):
            merged[key] = _merged(below, value)
    return merged


def _anchor_paths(document: dict[str, Any], directory: Path) -> None:
    """Make paths of tables and of a model's code absolute, so that the study can be resumed from anywhere.

    A word without a dot or a slash is a built-in table's name; `./digits` is a file.
    """
    model = document.get("model")
    if isinstance(model, dict):
        for key in ("estimator", "learner"):
            with suppress(KeyError, TypeError, ValueError):  # refused later, with its place
                model[key] = CodePlace.of(model[key]).anchored(directory)
    data = document.get("data")
    if not isinstance(data, dict):
        return
    for key in ("table", "dev_table", "test_table"):
        table = data.get(key)
        if isinstance(table, str) and ("." in table or "/" in table):
            data[key] = str((directory / Path(table).expanduser()).absolute())


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


_FOLLOWS = "default_factory_not_called"
"""An error of a default that rests on a wrong value, which has an error of its own."""


def problems(error: ValidationError, model: type[BaseModel]) -> tuple[Problem, ...]:
    """Translate the errors of validating `model`; last what is missing, often for a slip named before."""
    told = [each for each in error.errors(include_url=False) if each["type"] != _FOLLOWS]
    details = sorted(told, key=lambda detail: detail["type"] == "missing")
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


_ERROR_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_ERROR_AT_END = " (at end of document)"


def line_of_key(text: str, path: Sequence[Key]) -> int | None:
    """Return the line, counted from 1, on which the value at `path` is complete; None for the whole text.

    A path that leads nowhere is shortened until it leads to something: a missing key stands where its table
    does. The text's growing prefixes are parsed until one has the path, which spares a second parser; that
    is quadratic in the lines, and only done to say where an error is.
    """
    lines = text.split("\n")
    prefixes = ["\n".join(lines[:end]) for end in range(1, len(lines) + 1)]
    documents = list(enumerate(map(_parsed, prefixes), start=1))
    for length in range(len(path), 0, -1):
        for number, document in documents:
            if reduce(_entry, path[:length], document) is not None:
                return number
    return None


def line_and_reason(error: ValueError, text: str) -> tuple[int, str]:
    """Tell the line, counted from 1, from the parser's words about what is wrong there."""
    message = str(error)
    if message.endswith(_ERROR_AT_END):
        return len(text.rstrip("\n").split("\n")), message.removesuffix(_ERROR_AT_END)
    match = _ERROR_LINE.search(message)
    return (int(match[1]), message[: match.start()]) if match else (1, message)


def _parsed(text: str) -> object | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None  # ends within a value of several lines


def _entry(document: object, key: Key) -> object | None:
    """Step into a table or a list; None where there is no such entry (TOML itself has no None)."""
    if isinstance(document, list):
        return document[key] if isinstance(key, int) and key < len(document) else None
    return document.get(key) if isinstance(document, dict) else None


def _first_problem(error: ValidationError, model: type[BaseModel]) -> tuple[Problem, str]:
    first, *others = problems(error, model)
    return first, f" (and {len(others)} more)" if others else ""


def _flag_place(problem: Problem, overrides: Mapping[str, object]) -> str | None:
    """Name the flag that has the wrong value, if one has."""
    for key, value in overrides.items():
        parts = tuple(key.split("."))
        if value is not None and problem.path[: len(parts)] == parts:
            return flag_of(key)
    return None
