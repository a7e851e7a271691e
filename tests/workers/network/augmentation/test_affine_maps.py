"""The map of an image's changes is what the changes give one after the other."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.workers.network.augmentation.image_changes import image_changes
from workers.network.augmentation.affine_maps import affine_maps

SHARES = st.floats(0, 0.9)
PLACES = st.floats(-1, 1)
SIDES = st.integers(1, 40)


def point_in_the_picture(
    source: NDArray[np.float64],
    *,
    center: NDArray[np.float64],
    mirrored: bool,
    cut_share: float,
    cut_place: tuple[float, float],
    zoom: float,
    angle: float,
    shift: tuple[float, float],
) -> NDArray[np.float64]:
    """Move a point of the old picture by one change after the other."""
    y, x = source - center
    if mirrored:
        x = -x
    y, x = (np.array([y, x]) - cut_share * center * cut_place) / (1 - cut_share) * zoom
    # Rows run downward: counterclockwise takes a point on the right (0, 1) to the top (-1, 0).
    y, x = y * math.cos(angle) - x * math.sin(angle), x * math.cos(angle) + y * math.sin(angle)
    return np.array([y, x]) + center + shift


@given(
    height=SIDES,
    width=SIDES,
    mirrored=st.booleans(),
    cut_share=SHARES,
    cut_place=st.tuples(PLACES, PLACES),
    zoom=st.floats(0.1, 1.9),
    angle=st.floats(-math.pi, math.pi),
    shift=st.tuples(st.floats(-10, 10), st.floats(-10, 10)),
    pixel=st.tuples(st.integers(0, 39), st.integers(0, 39)),
)
def test_changes_made_one_after_the_other_undo_the_map(  # noqa: PLR0917 - hypothesis passes all by name
    height: int,
    width: int,
    mirrored: bool,  # noqa: FBT001 - hypothesis passes it by name
    cut_share: float,
    cut_place: tuple[float, float],
    zoom: float,
    angle: float,
    shift: tuple[float, float],
    pixel: tuple[int, int],
) -> None:
    changes = image_changes(
        1,
        mirrored=mirrored,
        cut_shares=cut_share,
        cut_places=cut_place,
        zooms=zoom,
        angles=angle,
        shifts=shift,
    )
    maps = affine_maps(changes, height=height, width=width)
    back = point_in_the_picture(
        maps.matrices[0] @ pixel + maps.offsets[0],
        center=np.array([(height - 1) / 2, (width - 1) / 2]),
        mirrored=mirrored,
        cut_share=cut_share,
        cut_place=cut_place,
        zoom=zoom,
        angle=angle,
        shift=shift,
    )
    np.testing.assert_allclose(back, pixel, atol=1e-9)


def test_no_change_is_the_identity() -> None:
    maps = affine_maps(image_changes(3), height=5, width=8)
    np.testing.assert_array_equal(maps.matrices, np.broadcast_to(np.eye(2), (3, 2, 2)))
    np.testing.assert_array_equal(maps.offsets, np.zeros((3, 2)))


@given(SIDES, SIDES, SHARES, st.tuples(PLACES, PLACES), st.booleans())
def test_a_crop_reads_no_point_outside_the_image(
    height: int,
    width: int,
    cut_share: float,
    cut_place: tuple[float, float],
    mirrored: bool,  # noqa: FBT001 - hypothesis passes it by place
) -> None:
    changes = image_changes(1, cut_shares=cut_share, cut_places=cut_place, mirrored=mirrored)
    maps = affine_maps(changes, height=height, width=width)
    corners = np.array([[0, 0, height - 1, height - 1], [0, width - 1, 0, width - 1]])
    y, x = maps.matrices[0] @ corners + maps.offsets[0][:, np.newaxis]
    assert y.min() >= -1e-9
    assert y.max() <= height - 1 + 1e-9
    assert x.min() >= -1e-9
    assert x.max() <= width - 1 + 1e-9


@pytest.mark.parametrize(("place", "first"), [(-1.0, 0.0), (0.0, 2.0), (1.0, 4.0)])
def test_a_cut_of_half_an_image_of_9_pixels_begins_at_its_place(place: float, first: float) -> None:
    maps = affine_maps(image_changes(1, cut_shares=0.5, cut_places=place), height=9, width=9)
    np.testing.assert_array_equal(maps.offsets, [[first, first]])
    np.testing.assert_array_equal(maps.matrices[0], np.eye(2) / 2)
