"""From a study file and the command line's flags to a validated study, or to one line on what is wrong."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from service.configuration.launch_config import LaunchConfig
from service.configuration.problems import Problem, problems
from service.configuration.study_config import StudyConfig
from service.configuration.toml_text import line_and_reason, line_of_key
from service.errors import BadInputError


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
    _anchor_tables(written, path.parent)
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


def flag_of(key: str) -> str:
    """Name the command line's flag for a dotted key: `--max-epochs` for `training.max_epochs`."""
    if key == "data.table":
        return "TABLE"
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
    if isinstance(given.get("sampler"), str):
        given["sampler"] = {"kind": given["sampler"]}  # short for it; a flag may name another
    flags: dict[str, Any] = {}
    for key, value in overrides.items():
        if value is not None:
            _set(flags, key, value)
    _anchor_tables(flags, Path())
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


def _anchor_tables(document: dict[str, Any], directory: Path) -> None:
    """Make tables' paths absolute, so that the study can be resumed from anywhere.

    A word without a dot or a slash is a built-in table's name; `./digits` is a file.
    """
    data = document.get("data")
    if not isinstance(data, dict):
        return
    for key in ("table", "dev_table", "test_table"):
        table = data.get(key)
        if isinstance(table, str) and ("." in table or "/" in table):
            data[key] = str((directory / Path(table).expanduser()).absolute())


def _first_problem(error: ValidationError, model: type[BaseModel]) -> tuple[Problem, str]:
    first, *others = problems(error, model)
    return first, f" (and {len(others)} more)" if others else ""


def _flag_place(problem: Problem, overrides: Mapping[str, object]) -> str | None:
    """Name the flag that has the wrong value, if one has."""
    for key, value in overrides.items():
        if value is not None and f"{problem.place}.".startswith(f"{key}."):
            return flag_of(key)
    return None
