"""The built-in search spaces: data files beside this one, written as in a study file."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from search_spaces.nearest_word import hint
from search_spaces.space import SearchSpace


class UnknownPresetError(ValueError):
    """No built-in search space has this name; the nearest is offered."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A built-in search space: its name, one line on what it is for, the space."""

    name: str
    description: str
    space: SearchSpace


def preset_names() -> tuple[str, ...]:
    """Names of the built-in search spaces, in alphabetical order."""
    directory = files(__package__) / "presets"
    return tuple(
        sorted(f.name.removesuffix(".toml") for f in directory.iterdir() if f.name.endswith(".toml"))
    )


@cache
def read_preset(name: str) -> Preset:
    """Read the built-in search space `name` with its description.

    Raises
    ------
    UnknownPresetError
        There is no search space of this name.
    """
    if name not in preset_names():
        raise UnknownPresetError(f"no built-in search space {name!r}; {hint(name, preset_names())}")
    written = tomllib.loads((files(__package__) / "presets" / f"{name}.toml").read_text("utf-8"))
    return Preset(name, written["description"], SearchSpace.model_validate(written["space"]))


def load_preset(name: str) -> SearchSpace:
    """Return the built-in search space `name`.

    Raises
    ------
    UnknownPresetError
        There is no search space of this name.
    """
    return read_preset(name).space
