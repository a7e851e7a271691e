"""What a disturbance is."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.chaos.scene import Scene


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Something that befalls a running study.

    Attributes
    ----------
    name
        In words.
    strike
        Does it; returns whether it could. What it takes away it gives back before it returns.
    is_survived
        Whether the coordinator is to live through it; else the study is resumed.
    """

    name: str
    strike: Callable[[Scene, Random], bool]
    is_survived: bool = True
