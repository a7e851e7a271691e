"""Resampling moves pixels where the map says, to the bit where it can, and as scipy does everywhere else."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from tests.workers.network.augmentation.image_changes import Changed, image_changes
from workers.network.augmentation.affine_maps import AffineMaps, affine_maps
from workers.network.augmentation.bilinear_resampling import PIXELS_AT_ONCE, BilinearResampling

Images = NDArray[np.floating]


def images(n: int, shape: tuple[int, int, int], dtype: type[np.floating] = np.float32) -> Images:
    return np.random.default_rng(5).normal(size=(n, *shape)).astype(dtype)


def resampled(old: Images, maps: AffineMaps, *, largest_batch: int | None = None) -> Images:
    """Resample a copy."""
    new = old.copy()
    _, height, width, channels = old.shape
    resampling = BilinearResampling(
        (height, width, channels), largest_batch=largest_batch or len(old), dtype=old.dtype.type
    )
    resampling.apply(new, maps)
    return new


def changed(old: Images, change: Changed) -> Images:
    _, height, width, _ = old.shape
    return resampled(old, affine_maps(image_changes(len(old), **change), height=height, width=width))


def by_scipy(old: Images, maps: AffineMaps) -> Images:
    """Resample one channel of one image at a time."""
    new = np.empty_like(old)
    for image, matrix, offset, out in zip(old, maps.matrices, maps.offsets, new, strict=True):
        for channel in range(old.shape[3]):
            ndimage.affine_transform(
                image[..., channel], matrix, offset, output=out[..., channel], order=1, mode="nearest"
            )
    return new


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(28, 28, 1), (8, 5, 3), (1, 6, 1), (6, 1, 2), (1, 1, 1)])
def test_the_identity_changes_no_bit(shape: tuple[int, int, int], dtype: type[np.floating]) -> None:
    old = images(7, shape, dtype)
    np.testing.assert_array_equal(changed(old, {}).view(np.uint8), old.view(np.uint8))


@pytest.mark.parametrize("shape", [(28, 28, 1), (8, 5, 3)])
def test_a_flip_is_exactly_the_mirror_image(shape: tuple[int, int, int]) -> None:
    old = images(6, shape)
    mirrored = np.array([True, False, True, True, False, False])
    expected = np.where(mirrored[:, np.newaxis, np.newaxis, np.newaxis], old[:, :, ::-1], old)
    np.testing.assert_array_equal(changed(old, {"mirrored": mirrored}), expected)


@pytest.mark.parametrize("down", [-9, -1, 0, 3])
@pytest.mark.parametrize("right", [-2, 0, 1, 7])
def test_a_shift_by_whole_pixels_is_exact_and_repeats_the_edge(down: int, right: int) -> None:
    old = images(4, (8, 6, 2))
    rows, columns = np.clip(np.arange(8) - down, 0, 7), np.clip(np.arange(6) - right, 0, 5)
    expected = old[:, rows][:, :, columns]
    np.testing.assert_array_equal(changed(old, {"shifts": (down, right)}), expected)


@pytest.mark.parametrize("quarters", [-1, 1, 2])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-5), (np.float64, 1e-12)])
def test_quarter_turns_are_those_of_numpy(quarters: int, dtype: type[np.floating], tolerance: float) -> None:
    old = images(3, (9, 9, 2), dtype)
    new = changed(old, {"angles": quarters * math.pi / 2})
    np.testing.assert_allclose(new, np.rot90(old, quarters, axes=(1, 2)), rtol=0, atol=tolerance)


def test_a_zoom_by_2_shows_the_middle_half() -> None:
    """On a ramp, interpolation is exact: a pixel has the value of the point it comes from."""
    ramp = np.broadcast_to(np.arange(9.0)[:, np.newaxis, np.newaxis], (1, 9, 9, 1)).copy()
    np.testing.assert_allclose(changed(ramp, {"zooms": 2.0})[0, :, 0, 0], np.linspace(2, 6, 9), rtol=1e-12)


@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.tuples(st.integers(1, 12), st.integers(1, 12), st.integers(1, 3)),
    n_images=st.integers(1, 5),
    scale=st.sampled_from([0.1, 1.0, 30.0]),
)
def test_any_map_gives_what_scipy_gives(
    seed: int, shape: tuple[int, int, int], n_images: int, scale: float
) -> None:
    rng = np.random.default_rng(seed)
    old = rng.normal(size=(n_images, *shape))
    maps = AffineMaps(
        rng.normal(size=(n_images, 2, 2)) * scale,
        rng.normal(size=(n_images, 2)) * scale + (shape[0] / 2, shape[1] / 2),
    )
    np.testing.assert_allclose(resampled(old, maps), by_scipy(old, maps), rtol=0, atol=1e-9)


def test_float32_is_within_its_precision_of_scipy() -> None:
    """A source point near pixel 28 is known to 2e-6 pixels, and neighbors differ by up to about 8."""
    old = images(64, (28, 28, 1))
    rng = np.random.default_rng(3)
    changes = image_changes(
        64, angles=rng.uniform(-3, 3, 64), zooms=rng.uniform(0.5, 1.5, 64), shifts=rng.uniform(-9, 9, (64, 2))
    )
    maps = affine_maps(changes, height=28, width=28)
    np.testing.assert_allclose(resampled(old, maps), by_scipy(old, maps), rtol=0, atol=5e-5)


@pytest.mark.parametrize(
    ("n_images", "shape"),
    [(200, (28, 28, 1)), (3, (200, 200, 1)), (2, (300, 250, 1))],
    ids=["blocks of images", "an image a block", "an image larger than a block"],
)
def test_blocks_make_no_difference(n_images: int, shape: tuple[int, int, int]) -> None:
    assert n_images * shape[0] * shape[1] > PIXELS_AT_ONCE
    old = images(n_images, shape)
    angles = np.linspace(-1, 1, n_images)
    maps = affine_maps(image_changes(n_images, angles=angles), height=shape[0], width=shape[1])
    singly = [
        resampled(old[i : i + 1], AffineMaps(maps.matrices[i : i + 1], maps.offsets[i : i + 1]))[0]
        for i in range(n_images)
    ]
    np.testing.assert_array_equal(resampled(old, maps), singly)


def test_a_smaller_batch_sees_nothing_of_the_one_before() -> None:
    resampling = BilinearResampling((8, 8, 1), largest_batch=10)
    before, old = images(10, (8, 8, 1)) * np.float32(np.inf), images(4, (8, 8, 1))
    maps = affine_maps(image_changes(10, angles=0.5), height=8, width=8)
    with np.errstate(invalid="ignore"):
        resampling.apply(before, maps)
    new = old.copy()
    resampling.apply(new, AffineMaps(maps.matrices[:4], maps.offsets[:4]))
    np.testing.assert_array_equal(new, resampled(old, AffineMaps(maps.matrices[:4], maps.offsets[:4])))
