"""One point of a search space of the user's own model: whatever names and values the space has."""

from typing import ClassVar

from pydantic import ConfigDict

from search_spaces.point import Point
from search_spaces.values import Value


class OwnPoint(Point):
    """The arguments that the user's function or class is called with, by name, and what it learns; frozen.

    Raises
    ------
    pydantic.ValidationError
        A value that is neither a finite number nor a word.
    """

    model_config = ConfigDict(extra="allow")

    kind: ClassVar[str] = "own"

    __pydantic_extra__: dict[str, Value]

    @property
    def arguments(self) -> dict[str, Value]:
        """The arguments by name."""
        return dict(self.__pydantic_extra__)
