"""Whether every point of a search space can be trained on the data: asked before anything is begun."""

from search_spaces.dimensions import extremes
from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.errors import BadInputError
from workers.kinds import model_kind
from workers.network.augmentation.image_shape import insist_on_image_shape
from workers.network.augmentation.image_transforms import image_changes
from workers.train_dev_data import TrainDevData


def check_space_fits(space: SearchSpace, data: TrainDevData) -> None:
    """Refuse a space with a point that cannot be trained.

    Raises
    ------
    BadInputError
        Naming the dimension: a loss for another task, say, or changes of images where there are none.
    """
    try:
        model_kind(space.kind()).insist_on_fit(_values(space), data)
    except ValueError as error:
        raise BadInputError(f"space.{error}") from error


def changes_images(space: SearchSpace) -> list[str]:
    """Return the names of dimensions by which a point may change images."""
    return image_changes(_values(space))


def _values(space: SearchSpace) -> dict[str, tuple[Value, ...]]:
    return {name: tuple(extremes(dimension)) for name, dimension in space.dimensions.items()}


def taken_for_images(space: SearchSpace, data: TrainDevData) -> str | None:
    """Say which image features are read as, if images are augmented and no shape is given; None elsewhere."""
    changes = changes_images(space)
    if not changes or data.image_shape is not None:
        return None
    height, width, channels = insist_on_image_shape(None, n_features=data.X_train.shape[1])
    kind = "gray" if channels == 1 else "color"
    return (
        f"{', '.join(changes)}: each example's features are read as a {kind} image of {height} x {width}"
        f" pixels; set data.image_shape if that is wrong"
    )
