"""The built-in search spaces: data files beside their kind's space, written as in a study file."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TypeVar, cast

from search_spaces.nearest_word import hint
from search_spaces.space import SearchSpace

Space = TypeVar("Space", bound=SearchSpace)


class UnknownPresetError(ValueError):
    """A kind of model has no built-in search space of this name; the nearest is offered."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A built-in search space: its name, one line on what it is for, the space."""

    name: str
    description: str
    space: SearchSpace


def preset_names(space_type: type[SearchSpace]) -> tuple[str, ...]:
    """Names of a kind's built-in search spaces, in alphabetical order: `default`, and others.

    Of the user's own model, nothing is known before: it has none.
    """
    directory = _directory(space_type)
    names = (file.name for file in directory.iterdir()) if directory.is_dir() else ()
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def read_preset(space_type: type[SearchSpace], name: str) -> Preset:
    """Read a kind's built-in search space `name` with its description.

    Raises
    ------
    UnknownPresetError
        There is no search space of this name.
    """
    names = preset_names(space_type)
    if not names:
        raise UnknownPresetError("a model of one's own has no built-in search space: expected a table")
    if name not in names:
        raise UnknownPresetError(f"no built-in search space {name!r}; {hint(name, names)}")
    written = tomllib.loads((_directory(space_type) / f"{name}.toml").read_text("utf-8"))
    return Preset(name, written["description"], space_type.model_validate(written["space"]))


def load_preset(space_type: type[Space], name: str) -> Space:
    """Return a kind's built-in search space `name`.

    Raises
    ------
    UnknownPresetError
        There is no search space of this name.
    """
    return cast("Space", read_preset(space_type, name).space)


def _directory(space_type: type[SearchSpace]) -> Traversable:
    return files(space_type.__module__.rpartition(".")[0]) / "presets"
