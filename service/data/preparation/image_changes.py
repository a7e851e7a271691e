"""Which dimensions of a search space change images, so that features have to be pixels."""

from collections.abc import Mapping

from search_spaces.dimensions import Dimension, extremes
from search_spaces.fields import default_of

IMAGE_CHANGES = ("shift_fraction", "rotation_degrees", "zoom_fraction", "crop_fraction", "flip")
"""Hyperparameters that only images can have at other than their default."""


def image_changes(dimensions: Mapping[str, Dimension]) -> list[str]:
    """Return the names of those that a space has at other than their default."""
    return [
        name
        for name in IMAGE_CHANGES
        if name in dimensions and any(value != default_of(name) for value in extremes(dimensions[name]))
    ]
