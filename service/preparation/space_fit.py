"""Whether every point of a search space can be trained on the data: asked before anything is begun."""

from collections.abc import Mapping

from search_spaces.dimensions import CategoricalDimension, ConstantDimension, Dimension
from search_spaces.fields import default_of
from search_spaces.hyperparameters import Hyperparameters
from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.errors import BadInputError
from workers.augmentation.image_shape import insist_on_image_shape
from workers.losses import resolved_loss
from workers.train_dev_data import TrainDevData

IMAGE_CHANGES = ("shift_fraction", "rotation_degrees", "zoom_fraction", "crop_fraction", "flip")
"""Hyperparameters that only images can have at other than their default."""


def check_space_fits(space: SearchSpace, data: TrainDevData) -> None:
    """Refuse a space with a point that cannot be trained.

    Raises
    ------
    BadInputError
        A loss is for another task or number of classes, or images are to be changed where there are none.
    """
    dimensions = space.dimensions
    try:
        for loss in _extremes(dimensions["loss"]) if "loss" in dimensions else ():
            point = Hyperparameters.model_validate({"loss": loss})
            resolved_loss(point, task=data.task, n_outputs=data.n_outputs)
    except ValueError as error:
        raise BadInputError(f"space.loss: {error}") from error
    for name in _image_changes(dimensions):
        try:
            insist_on_image_shape(data.image_shape, n_features=data.X_train.shape[1])
        except ValueError as error:
            raise BadInputError(f"space.{name}: {error}") from error


def taken_for_images(space: SearchSpace, data: TrainDevData) -> str | None:
    """Say what features are taken for where images are changed and no shape is told; None elsewhere."""
    changes = _image_changes(space.dimensions)
    if not changes or data.image_shape is not None:
        return None
    height, width, channels = insist_on_image_shape(None, n_features=data.X_train.shape[1])
    kind = "gray" if channels == 1 else "color"
    return (
        f"{', '.join(changes)}: each example's features are taken for a {kind} image of {height} x {width}"
        " pixels; data.image_shape tells another shape"
    )


def _extremes(dimension: Dimension) -> tuple[Value, ...]:
    """Return a dimension's values, or the ends of its range."""
    match dimension:
        case CategoricalDimension():
            return dimension.choices
        case ConstantDimension():
            return (dimension.value,)
        case _:
            return (dimension.low, dimension.high)


def _image_changes(dimensions: Mapping[str, Dimension]) -> list[str]:
    return [
        name
        for name in IMAGE_CHANGES
        if name in dimensions and any(value != default_of(name) for value in _extremes(dimensions[name]))
    ]
