"""One point of a search space of the user's own model: whatever names and values the space has."""

from typing import ClassVar

from pydantic import ConfigDict

from search_spaces.input_choices import InputChoices, TargetScale
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

    target_scale: TargetScale = TargetScale.STANDARD
    """What a regression learns: its target, or the target's logarithm; both are standardised."""

    @property
    def arguments(self) -> dict[str, Value]:
        """The arguments by name."""
        return dict(self.__pydantic_extra__)

    @property
    def input_choices(self) -> InputChoices:
        """Scaled inputs, and the targets that it learns."""
        return InputChoices(target_scale=self.target_scale)
