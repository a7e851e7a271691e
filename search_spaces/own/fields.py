"""What a space of the user's own model may search: any argument, of any value."""

from dataclasses import dataclass
from keyword import iskeyword
from math import inf

from search_spaces.contradiction import ContradictionError
from search_spaces.fields import Fields
from search_spaces.own.point import OwnPoint
from search_spaces.values import Value

GIVEN = ("n_features", "n_outputs", "task", "seed")
"""Arguments that the study gives by itself, where the user's function takes them."""


@dataclass(frozen=True, slots=True)
class OwnFields(Fields):
    """Nothing is known of an argument but what the space says; what the point names is Proctor's own."""

    point_type: type[OwnPoint] = OwnPoint

    def check_name(self, name: str) -> None:
        """Refuse a name that no function can take, or that the study gives.

        Raises
        ------
        ContradictionError
            It is one of them.
        """
        if name in GIVEN:
            raise ContradictionError(f"the study gives {name} by itself: expected another name", (name,))
        if not name.isidentifier() or iskeyword(name):
            raise ContradictionError(f"expected the name of an argument in Python, got {name!r}", (name,))

    def check_value(self, name: str, value: Value, path: tuple[str, ...]) -> None:
        """Refuse no argument's value: a dimension's values are numbers or words."""
        if name in self.names:
            Fields.check_value(self, name, value, path)

    def default_of(self, name: str) -> Value | None:
        """Return None for an argument: the default is in the user's code."""
        return Fields.default_of(self, name) if name in self.names else None

    def is_whole(self, name: str) -> bool:  # noqa: ARG002 (`OwnSpace` tells by the ends)
        """Return False: a range without a kind is one of real numbers."""
        return False

    def limits_of(self, name: str) -> tuple[float, float]:  # noqa: ARG002
        """Return no limits."""
        return -inf, inf

    def choices_of(self, name: str) -> tuple[str, ...]:
        """Return no words for an argument: any is accepted."""
        return Fields.choices_of(self, name) if name in self.names else ()
