"""A space that has a point which cannot be trained on the data is refused before anything is begun."""

from dataclasses import replace

import pytest

from search_spaces.network.space import NetworkSpace
from search_spaces.presets import load_preset, preset_names
from service.data.preparation.space_fit import check_space_fits, taken_for_images
from service.errors import BadInputError
from tests.workers.train_dev_sets import diabetes, digits
from workers.train_dev_data import TrainDevData


@pytest.mark.parametrize("name", preset_names(NetworkSpace))
@pytest.mark.parametrize("data", [digits(), diabetes()], ids=["digits", "diabetes"])
def test_built_in_spaces_fit_any_table(name: str, data: TrainDevData) -> None:
    check_space_fits(load_preset(NetworkSpace, name), data)


@pytest.mark.parametrize(
    ("written", "data", "message"),
    [
        ({"loss": "huber"}, digits(), "space.loss: the loss huber is not for classification"),
        (
            {"loss": {"choices": ["auto", "binary"]}},
            digits(),
            "space.loss: the loss binary is for 2 classes, and there are 10",
        ),
        (
            {"loss": {"choices": ["huber", "cross_entropy"]}},
            diabetes(),
            "loss cross_entropy is not for regre",
        ),
        ({"flip": "horizontal"}, diabetes(), "space.flip: without an image shape, .* side"),
        ({"shift_fraction": {"low": 0.0, "high": 0.2}}, diabetes(), "space.shift_fraction: without an image"),
        (
            {"zoom_fraction": 0.1},
            replace(digits(), image_shape=(4, 4, 1)),
            r"space.zoom_fraction: an image shape needs .* got 4 \* 4 \* 1 for 64 features",
        ),
    ],
)
def test_a_point_that_cannot_be_trained_is_named(
    written: dict[str, object], data: TrainDevData, message: str
) -> None:
    with pytest.raises(BadInputError, match=message):
        check_space_fits(NetworkSpace.model_validate(written), data)


@pytest.mark.parametrize(
    ("written", "data"),
    [
        ({"loss": {"choices": ["auto", "cross_entropy"]}}, digits()),
        ({"loss": {"choices": ["auto", "huber"]}}, diabetes()),
        ({"label_smoothing": 0.1}, diabetes()),
        ({"class_balance": {"low": 0.0, "high": 1.0}}, digits()),
        ({"flip": "off", "rotation_degrees": 0.0}, diabetes()),
        ({"rotation_degrees": {"low": 0.0, "high": 10.0}}, digits()),
        ({"rotation_degrees": 5.0}, replace(diabetes(), image_shape=(5, 2, 1))),
    ],
)
def test_a_space_that_fits_is_accepted(written: dict[str, object], data: TrainDevData) -> None:
    check_space_fits(NetworkSpace.model_validate(written), data)


def test_what_features_are_taken_for_is_said_where_the_shape_is_not_told() -> None:
    shifted = NetworkSpace.model_validate({"shift_fraction": 0.1, "flip": "off"})
    said = taken_for_images(shifted, digits())
    assert said is not None
    assert said.startswith("shift_fraction: each example's features are read as a gray image of 8 x 8 pixels")
    assert taken_for_images(shifted, replace(digits(), image_shape=(8, 8, 1))) is None
    assert taken_for_images(load_preset(NetworkSpace, "default"), digits()) is None
