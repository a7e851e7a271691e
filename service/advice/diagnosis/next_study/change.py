"""A change of a search space: another dimension for a hyperparameter, the kind of change, and why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from search_spaces.dimensions import ConstantDimension, Dimension
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.regularizers import DROPOUT


class Claim(StrEnum):
    """The kind of a change: the first words of its reason."""

    ENLARGED = "enlarged"
    MADE_SMALLER = "made smaller"
    MADE_STRONGER = "made stronger"
    MADE_SHALLOWER = "made shallower"
    MOVED = "moved"
    NARROWED = "narrowed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Change:
    """One hyperparameter's.

    Attributes
    ----------
    name
        The hyperparameter.
    dimension
        What the next study searches for it.
    claim
        What that is, beside what was searched.
    because
        Why, in a few words.
    """

    name: str
    dimension: Dimension
    claim: Claim
    because: str

    @property
    def reason(self) -> str:
        """The change and its reason, as the next study's file has them."""
        return f"{self.claim}: {self.because}"


def is_true_of(claim: Claim, name: str, *, old: Dimension | None, new: Dimension) -> bool:
    """Tell whether the change is of the kind that is claimed.

    Parameters
    ----------
    claim
        What it is said to be.
    name
        The hyperparameter.
    old
        What was searched of it; None where it had its own default.
    new
        What is written.
    """
    if claim is Claim.ADDED:
        return isinstance(old, ConstantDimension | None) and not isinstance(new, ConstantDimension)
    was, will_be = _ends(old), _ends(new)
    if was is None:  # at its default, which the change is made from: any range adds to it
        return claim in (Claim.ENLARGED, Claim.MADE_SMALLER, Claim.MADE_STRONGER)
    if will_be is None:
        return False
    return _RULES[claim](name, was, will_be)


Ends = tuple[float, float]


def _ends(dimension: Dimension | None) -> Ends | None:
    """Return a dimension's least and greatest value; None of what has none."""
    if isinstance(dimension, FloatDimension | IntegerDimension):
        return float(dimension.low), float(dimension.high)
    if isinstance(dimension, ConstantDimension) and not isinstance(dimension.value, str):
        return float(dimension.value), float(dimension.value)
    return None


def _is_stronger(name: str, was: Ends, will_be: Ends) -> bool:
    return will_be[0] < was[0] if name in DROPOUT else will_be[1] > was[1]


_RULES: Mapping[Claim, Callable[[str, Ends, Ends], bool]] = {
    Claim.ENLARGED: lambda _, was, will_be: will_be[1] > was[1],
    Claim.MADE_SMALLER: lambda _, was, will_be: will_be[1] < was[1] or will_be[0] < was[0],
    Claim.MADE_SHALLOWER: lambda _, was, will_be: will_be[1] < was[1],
    Claim.MADE_STRONGER: _is_stronger,
    Claim.MOVED: lambda _, was, will_be: will_be[1] > was[1] or will_be[0] < was[0],
    Claim.NARROWED: lambda _, was, will_be: was[0] <= will_be[0] and will_be[1] <= was[1] and will_be != was,
}
