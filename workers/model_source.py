"""The user's own model as it is sent to workers: the text of its file, so that no worker needs the file."""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from hashlib import sha256


class Role(StrEnum):
    """What the user's function makes."""

    ESTIMATOR = "estimator"
    LEARNER = "learner"


@dataclass(frozen=True)
class ModelSource:
    """Where a model's code comes from.

    Attributes
    ----------
    role
        What is made: an estimator is fitted at once, a learner in epochs.
    path
        The Python file, absolute. What lies beside it can be imported where there is such a directory.
    attribute
        Name of the function or class in it.
    content
        The file's bytes.
    """

    role: Role
    path: str
    attribute: str
    content: bytes = field(repr=False)

    @cached_property
    def sha256(self) -> str:
        """Checksum of the file, in hexadecimal digits."""
        return sha256(self.content).hexdigest()

    @cached_property
    def module_name(self) -> str:
        """Name that the file is imported under: the same in each process, another for another content."""
        return f"proctor_own_model_{sha256(self.path.encode() + self.content).hexdigest()[:16]}"
