"""Which conditions stand over a dimension, and whether any point can fulfill them together."""

from collections.abc import Iterable, Mapping

from search_spaces.conditions import Condition
from search_spaces.dimensions import CategoricalDimension, ConstantDimension, Dimension
from search_spaces.values import Value


def conditions_over(name: str, dimensions: Mapping[str, Dimension]) -> dict[str, list[Condition]]:
    """Collect the conditions on `name` and on every dimension that these name, by the dimension they name.

    A dimension is active exactly where all of them hold. The dimensions named by conditions must exist
    and come earlier.
    """
    collected: dict[str, list[Condition]] = {}
    for earlier, condition in dimensions[name].when.items():
        collected.setdefault(earlier, []).append(condition)
        for ancestor, conditions in conditions_over(earlier, dimensions).items():
            collected.setdefault(ancestor, []).extend(conditions)
    return collected


def allowed_value(dimension: Dimension, conditions: Iterable[Condition]) -> Value | None:
    """Return a value of `dimension` that fulfills all `conditions`, or None where there is none."""
    conditions = tuple(conditions)
    return next(
        (
            value
            for value in _candidates(dimension, conditions)
            if dimension.contains(value) and all(condition.allows(value) for condition in conditions)
        ),
        None,
    )


def _candidates(dimension: Dimension, conditions: tuple[Condition, ...]) -> tuple[Value, ...]:
    """Few values, among which one fulfills all conditions if any value of the dimension does."""
    if isinstance(dimension, CategoricalDimension):
        return dimension.choices
    if isinstance(dimension, ConstantDimension):
        return (dimension.value,)
    for condition in conditions:
        if condition.among is not None:
            return condition.among
    bounds = (condition.at_least for condition in conditions if condition.at_least is not None)
    return (dimension.first_from(max(bounds, default=dimension.low)),)
