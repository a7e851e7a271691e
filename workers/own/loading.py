"""The user's function or class, from the text of its file."""

import importlib
import sys
from collections.abc import Callable
from inspect import Parameter, signature
from pathlib import Path
from types import ModuleType
from typing import Any

from search_spaces.nearest_word import hint
from search_spaces.own.fields import GIVEN
from workers.failures import TrainingFailedError
from workers.model_source import ModelSource, Role
from workers.own.user_code import ONE_AT_A_TIME, users_code


class ModelCodeError(TrainingFailedError):
    """The user's code cannot be loaded, or does not have what it is asked for; the message says which."""


def loaded(source: ModelSource) -> Callable[..., Any]:
    """Return the user's function or class; its file is run once in a process.

    Raises
    ------
    ModelCodeError
        The file raises an error as it is imported, or has no such function or class.
    """
    with ONE_AT_A_TIME:  # a module is found before all of it has been run
        module = sys.modules.get(source.module_name) or _imported(source)
    name = Path(source.path).name
    if not hasattr(module, source.attribute):
        public = [word for word, value in vars(module).items() if callable(value) and word[0] != "_"]
        offer = f"; {hint(source.attribute, public)}" if public else ""
        raise ModelCodeError(f"{name} has no {source.attribute}{offer}")
    factory = getattr(module, source.attribute)
    if not callable(factory):
        raise ModelCodeError(
            f"expected a function or a class, got {source.attribute} = {factory!r:.60} in {name}"
        )
    if source.role is Role.LEARNER and isinstance(factory, type):
        for method in ("advance", "predict"):
            if not callable(getattr(factory, method, None)):
                raise ModelCodeError(f"the class {source.attribute} of {name} has no method {method}")
    return factory  # type: ignore[no-any-return]


def _imported(source: ModelSource) -> ModuleType:
    directory = Path(source.path).parent
    # At the end, so that no file of the user's hides a module of ours or of Python's.
    if directory.is_dir() and str(directory) not in sys.path:
        sys.path.append(str(directory))
        importlib.invalidate_caches()
    module = ModuleType(source.module_name)
    module.__file__ = source.path
    sys.modules[source.module_name] = module  # dataclasses and pickle look it up there
    try:
        with users_code(source):
            exec(compile(source.content, source.path, "exec"), vars(module))  # noqa: S102 (the user's own file)
    except BaseException as error:  # a memory limit, say, which the next trial may keep
        del sys.modules[source.module_name]
        if isinstance(error, TrainingFailedError):
            raise ModelCodeError(f"cannot be imported: {error}") from error
        raise
    return module


def check_arguments(source: ModelSource, names: dict[str, bool]) -> None:
    """Refuse a space that the user's function cannot be called with.

    Parameters
    ----------
    source
        The function or class.
    names
        The space's, and whether each has a value at every point.

    Raises
    ------
    ModelCodeError
        `max_depht: make_forest takes no such argument; ...`, naming the dimension first.
    """
    parameters = _parameters(source)
    takes_any = any(each.kind is Parameter.VAR_KEYWORD for each in parameters)
    taken = {
        each.name: each
        for each in parameters
        if each.kind in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    }
    own = [name for name in taken if name not in GIVEN]
    for name in names:
        if name not in taken and not takes_any:
            offer = hint(name, own) if own else "it takes none"
            raise ModelCodeError(f"{name}: {source.attribute} takes no such argument; {offer}")
    for each in parameters:
        is_needed = each.default is Parameter.empty and each.kind not in (
            Parameter.VAR_KEYWORD,
            Parameter.VAR_POSITIONAL,
        )
        if not is_needed or (each.name in GIVEN and each.name in taken):
            continue
        if each.name not in taken:
            raise ModelCodeError(
                f"{each.name}: {source.attribute} takes it by position: expected an argument with a name"
            )
        if each.name not in names:
            raise ModelCodeError(f"{each.name}: missing; {source.attribute} has no default for it")
        if not names[each.name]:
            raise ModelCodeError(
                f"{each.name}: it has no value where its condition does not hold, and {source.attribute} has"
                " no default for it"
            )


def given_arguments(source: ModelSource, values: dict[str, Any]) -> dict[str, Any]:
    """Return what the function takes of that which the study gives by itself."""
    names = {each.name for each in _parameters(source)}
    return {name: value for name, value in values.items() if name in names}


def _parameters(source: ModelSource) -> list[Parameter]:
    try:
        return list(signature(loaded(source)).parameters.values())
    except (TypeError, ValueError) as error:
        raise ModelCodeError(f"{source.attribute}: its arguments cannot be told: {error}") from None
