"""Which dimensions of a search space change images, so that features have to be pixels."""

from collections.abc import Mapping

from search_spaces.dimensions import CategoricalDimension, ConstantDimension, Dimension
from search_spaces.fields import default_of
from search_spaces.values import Value

IMAGE_CHANGES = ("shift_fraction", "rotation_degrees", "zoom_fraction", "crop_fraction", "flip")
"""Hyperparameters that only images can have at other than their default."""


def image_changes(dimensions: Mapping[str, Dimension]) -> list[str]:
    """Return the names of those that a space has at other than their default."""
    return [
        name
        for name in IMAGE_CHANGES
        if name in dimensions and any(value != default_of(name) for value in extremes(dimensions[name]))
    ]


def extremes(dimension: Dimension) -> tuple[Value, ...]:
    """Return a dimension's values, or the ends of its range."""
    match dimension:
        case CategoricalDimension():
            return dimension.choices
        case ConstantDimension():
            return (dimension.value,)
        case _:
            return (dimension.low, dimension.high)
