"""Random changes of the images of a train batch: shift, rotation, zoom, crop and flip."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from search_spaces.network.point import Flip, NetworkPoint
from search_spaces.network.regularizers import IMAGE_CHANGES
from search_spaces.values import Value
from workers.network.augmentation.affine_maps import ImageChanges, affine_maps
from workers.network.augmentation.bilinear_resampling import BilinearResampling


def transforms_images(hyperparameters: NetworkPoint) -> bool:
    """Whether any change of images is on."""
    return hyperparameters.flip is not Flip.OFF or any(
        (
            hyperparameters.shift_fraction,
            hyperparameters.rotation_degrees,
            hyperparameters.zoom_fraction,
            hyperparameters.crop_fraction,
        )
    )


def image_changes(values: Mapping[str, Sequence[Value]]) -> list[str]:
    """Return which hyperparameters change images, of those that a space has with these values."""
    nothing: dict[str, Value] = {**dict.fromkeys(IMAGE_CHANGES, 0.0), "flip": Flip.OFF.value}
    return [name for name, none in nothing.items() if any(value != none for value in values.get(name, ()))]


class ImageTransforms:
    """Draws how each image of a batch changes, anew for each batch, and changes it in place.

    Each kind of change has a stream of its own: one that is turned on leaves the others' draws as they were.

    Parameters
    ----------
    hyperparameters
        `shift_fraction`, `rotation_degrees`, `zoom_fraction`, `crop_fraction` and `flip` are read.
    image_shape
        Height, width and channels; an example's features are its pixels row by row, a pixel's channels
        together.
    largest_batch
        The most examples a batch may have.
    seed
        Source of the streams.
    dtype
        The features'.
    """

    def __init__(
        self,
        hyperparameters: NetworkPoint,
        image_shape: tuple[int, int, int],
        *,
        largest_batch: int,
        seed: np.random.SeedSequence,
        dtype: type[np.floating] = np.float32,
    ) -> None:
        self._hyperparameters, self._image_shape = hyperparameters, image_shape
        self._resampling = BilinearResampling(image_shape, largest_batch=largest_batch, dtype=dtype)
        streams = [np.random.Generator(np.random.SFC64(child)) for child in seed.spawn(5)]
        self._flips, self._crops, self._zooms, self._rotations, self._shifts = streams

    def apply(self, X: NDArray[np.floating]) -> None:
        """Change images (n_examples, n_features) in place."""
        height, width, _ = self._image_shape
        images = X.reshape(len(X), *self._image_shape)  # a view: one axis is split
        self._resampling.apply(images, affine_maps(self.draw(len(X)), height=height, width=width))

    def draw(self, n_images: int) -> ImageChanges:
        """Return the next batch's changes.

        A flip has probability 1/2. All else is uniform: the share cut away from 0 to `crop_fraction`, its
        place over all there are; zooms from 1 - `zoom_fraction` to 1 + `zoom_fraction`; rotations up to
        `rotation_degrees` and shifts up to `shift_fraction` of height and of width, either way.
        """
        largest = self._hyperparameters
        height, width, _ = self._image_shape
        flip_probability = 0.5 if largest.flip is Flip.HORIZONTAL else 0.0
        angle = np.deg2rad(largest.rotation_degrees)
        return ImageChanges(
            mirrored=self._flips.random(n_images) < flip_probability,
            cut_shares=self._crops.uniform(0, largest.crop_fraction, n_images),
            cut_places=self._crops.uniform(-1, 1, (n_images, 2)),
            zooms=self._zooms.uniform(1 - largest.zoom_fraction, 1 + largest.zoom_fraction, n_images),
            angles=self._rotations.uniform(-angle, angle, n_images),
            shifts=self._shifts.uniform(-largest.shift_fraction, largest.shift_fraction, (n_images, 2))
            * (height, width),
        )
