"""What may be searched of it."""

from typing import ClassVar

from pydantic import Field

from search_spaces.fields import Fields
from search_spaces.point import Point
from search_spaces.space import SearchSpace


class TinyPoint(Point):
    """One point."""

    kind: ClassVar[str] = "tiny"

    rate: float = Field(default=0.5, gt=0, le=1)
    """Share of the way that a center goes towards its class's mean in an epoch."""

    sharpness: float = Field(default=1.0, gt=0)
    """How much nearer centers are more probable."""


class TinySpace(SearchSpace):
    """Its space."""

    fields: ClassVar[Fields] = Fields(TinyPoint)
