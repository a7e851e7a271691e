"""A search space as rows of plain text, for whoever prints it."""

from dataclasses import dataclass

from search_spaces.space import SearchSpace


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
        What trial 0 tries, where the dimension is active in it.
    condition
        When the dimension is searched, where that is not always.
    """

    name: str
    kind: str
    values: str
    default: str
    condition: str


def describe(space: SearchSpace) -> tuple[DimensionRow, ...]:
    """Describe each dimension of `space`, in order."""
    defaults = space.default_values()
    return tuple(
        DimensionRow(
            name=name,
            kind=dimension.kind,
            values=str(dimension),
            default=f"{defaults[name]}" if name in defaults else "",
            condition=" and ".join(f"{other} {condition}" for other, condition in dimension.when.items()),
        )
        for name, dimension in space.dimensions.items()
    )
