"""A search space as rows of plain text, for whoever prints it."""

from collections.abc import Mapping
from dataclasses import dataclass

from search_spaces.space import SearchSpace
from search_spaces.values import Value


@dataclass(frozen=True, slots=True)
class DimensionRow:
    """One dimension in words; an empty text where there is nothing to say.

    Attributes
    ----------
    name, kind
        The hyperparameter, and float, integer, categorical or constant.
    values
        The range, choices or constant.
    default
        What trial 0 tries, where the dimension is active in it: a value, or that the metric decides.
    condition
        When the dimension is searched, where that is not always.
    """

    name: str
    kind: str
    values: str
    default: str
    condition: str


BY_METRIC = "by the metric"
"""The default of what follows the study's metric."""


def describe(space: SearchSpace) -> tuple[DimensionRow, ...]:
    """Describe each dimension of `space`, in order."""
    defaults = space.default_values()
    return tuple(
        DimensionRow(
            name=name,
            kind=dimension.kind,
            values=str(dimension),
            default=_default(name, space, defaults),
            condition=" and ".join(f"{other} {condition}" for other, condition in dimension.when.items()),
        )
        for name, dimension in space.dimensions.items()
    )


def _default(name: str, space: SearchSpace, defaults: Mapping[str, Value]) -> str:
    if name not in defaults:
        return ""
    return BY_METRIC if name in space.left_to_the_metric else f"{defaults[name]}"
