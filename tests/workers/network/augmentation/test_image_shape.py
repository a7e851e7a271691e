"""Images are recognised by their number of features, and a wrong shape is refused in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.network.augmentation.image_shape import image_shape_of, insist_on_image_shape


@pytest.mark.parametrize(
    ("n_features", "shape"),
    [
        (1, (1, 1, 1)),
        (3, (1, 1, 3)),
        (64, (8, 8, 1)),
        (784, (28, 28, 1)),
        (3072, (32, 32, 3)),
        (0, None),
        (-4, None),
        (2, None),
        (65, None),
        (785, None),
    ],
)
def test_the_square_image_of_so_many_features(n_features: int, shape: tuple[int, int, int] | None) -> None:
    assert image_shape_of(n_features) == shape


@given(st.integers(1, 10_000), st.sampled_from([1, 3]))
def test_every_square_image_is_found_by_its_number_of_features(side: int, channels: int) -> None:
    assert image_shape_of(side * side * channels) == (side, side, channels)


def test_a_shape_told_goes_before_the_square_one() -> None:
    assert insist_on_image_shape((4, 16, 1), n_features=64) == (4, 16, 1)
    assert insist_on_image_shape(None, n_features=64) == (8, 8, 1)


@pytest.mark.parametrize("shape", [(8, 8, 3), (8, 9, 1), (-8, -8, 1), (0, 8, 1)])
def test_a_shape_of_other_features_is_refused(shape: tuple[int, int, int]) -> None:
    height, width, channels = shape
    with pytest.raises(ValueError, match=rf"got {height} \* {width} \* {channels} for 64 features"):
        insist_on_image_shape(shape, n_features=64)


def test_features_that_make_no_square_are_refused_where_no_shape_is_told() -> None:
    with pytest.raises(ValueError, match=r"needs side\*\*2 or 3 \* side\*\*2 features, got 13 features"):
        insist_on_image_shape(None, n_features=13)
