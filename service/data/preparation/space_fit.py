"""Whether every point of a search space can be trained on the data: asked before anything is begun."""

from collections.abc import Mapping

from search_spaces.dimensions import Dimension, extremes
from search_spaces.network.point import NetworkPoint
from search_spaces.network.space import FIELDS
from search_spaces.space import SearchSpace
from service.errors import BadInputError
from workers.network.augmentation.image_shape import insist_on_image_shape
from workers.network.losses import resolved_loss
from workers.train_dev_data import TrainDevData

IMAGE_CHANGES = ("shift_fraction", "rotation_degrees", "zoom_fraction", "crop_fraction", "flip")
"""Hyperparameters that only images can have at other than their default."""


def image_changes(dimensions: Mapping[str, Dimension]) -> list[str]:
    """Return the names of those that a space has at other than their default."""
    return [
        name
        for name in IMAGE_CHANGES
        if name in dimensions
        and any(value != FIELDS.default_of(name) for value in extremes(dimensions[name]))
    ]


def check_space_fits(space: SearchSpace, data: TrainDevData) -> None:
    """Refuse a space with a point that cannot be trained.

    Raises
    ------
    BadInputError
        A loss is for another task or number of classes, or images are to be changed where there are none.
    """
    dimensions = space.dimensions
    try:
        for loss in extremes(dimensions["loss"]) if "loss" in dimensions else ():
            point = NetworkPoint.model_validate({"loss": loss})
            resolved_loss(point, task=data.task, n_outputs=data.n_outputs)
    except ValueError as error:
        raise BadInputError(f"space.loss: {error}") from error
    for name in image_changes(dimensions):
        try:
            insist_on_image_shape(data.image_shape, n_features=data.X_train.shape[1])
        except ValueError as error:
            raise BadInputError(f"space.{name}: {error}") from error


def taken_for_images(space: SearchSpace, data: TrainDevData) -> str | None:
    """Say which image features are read as, if images are augmented and no shape is given; None elsewhere."""
    changes = image_changes(space.dimensions)
    if not changes or data.image_shape is not None:
        return None
    height, width, channels = insist_on_image_shape(None, n_features=data.X_train.shape[1])
    kind = "gray" if channels == 1 else "color"
    return (
        f"{', '.join(changes)}: each example's features are read as a {kind} image of {height} x {width}"
        f" pixels; set data.image_shape if that is wrong"
    )
