"""The user's own model as a study names it: `my_models:make_forest`, in a file beside the study's."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from search_spaces.values import found

_WRITTEN = re.compile(r"(?P<module>[^\W\d]\w*(\.[^\W\d]\w*)*|.*\.py):(?P<attribute>[^\W\d]\w*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class CodePlace:
    """Where the code of a model is: a file, and the name of a function or class in it."""

    path: Path
    attribute: str

    @classmethod
    def of(cls, written: str) -> Self:
        """Read what is written in a study file: `my_models:make_forest`, or `my_models.py:make_forest`.

        Raises
        ------
        ValueError
            It is neither.
        """
        match = _WRITTEN.fullmatch(written)
        if match is None:
            raise ValueError(f'expected a module and a name, "my_models:make_forest", got {found(written)}')
        module = match["module"]
        path = module if module.endswith(".py") else f"{module.replace('.', '/')}.py"
        return cls(Path(path), match["attribute"])

    def anchored(self, directory: Path) -> str:
        """Write it with the file's absolute path."""
        return f"{(directory / self.path.expanduser()).absolute()}:{self.attribute}"
