"""The user's function or class as a study names it: by its file, which workers import too."""

import sys
from collections.abc import Mapping
from inspect import getsourcefile
from pathlib import Path

from service.errors import BadInputError


def with_places(settings: Mapping[str, object]) -> dict[str, object]:
    """Return settings of `proctor.run` in which an estimator and a learner are named, not given.

    Raises
    ------
    BadInputError
        One lies in no file that can be imported: it was typed in, or is made in another function.
    """
    return {
        name: _place(name, value) if name in ("estimator", "learner") and callable(value) else value
        for name, value in settings.items()
    }


def _place(setting: str, function: object) -> str:
    name, module_name = getattr(function, "__name__", None), getattr(function, "__module__", None)
    module = sys.modules.get(str(module_name))
    where = "a file of its own, and import it from there"
    if module_name == "__main__":
        raise BadInputError(f"{setting}: workers cannot import {name} of this program: put it into {where}")
    if name is None or getattr(module, name, None) is not function:
        raise BadInputError(
            f"{setting}: expected a function or a class at the top of a module, got {function!r:.60}: put it"
            f" into {where}"
        )
    try:
        path = getsourcefile(function)  # type: ignore[arg-type] # callable, which mypy does not narrow
    except TypeError:
        path = None
    if path is None or not Path(path).is_file():
        raise BadInputError(f"{setting}: {name} lies in no file: put it into {where}")
    return f"{Path(path).absolute()}:{name}"
