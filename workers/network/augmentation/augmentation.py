"""Augmentation: train batches changed at random, so that no epoch shows an example twice the same."""

import numpy as np
from numpy.typing import NDArray

from search_spaces.network.point import NetworkPoint
from workers.network.augmentation.feature_noise import FeatureNoise
from workers.network.augmentation.image_shape import insist_on_image_shape
from workers.network.augmentation.image_transforms import ImageTransforms, transforms_images
from workers.network.augmentation.mixup import Mixup


def is_augmented(hyperparameters: NetworkPoint) -> bool:
    """Whether any augmentation is on; where none is, a training needs no `Augmentation`."""
    return (
        hyperparameters.noise_deviation > 0
        or hyperparameters.mixup_alpha > 0
        or transforms_images(hyperparameters)
    )


class Augmentation:
    """Changes train batches in place: images first, then noise, then mixup.

    In this order noise is not blurred by resampling, and what is mixed is what would else have been shown.
    Each kind has a stream of its own: one that is turned on leaves the others' draws as they were.

    Parameters
    ----------
    hyperparameters
        `noise_deviation`, `mixup_alpha`, `shift_fraction`, `rotation_degrees`, `zoom_fraction`,
        `crop_fraction` and `flip` are read.
    image_shape
        Height, width and channels; None: those of the square image with so many features. Read only where
        images are changed.
    n_features
        Of an example.
    largest_batch
        The most examples a batch may have.
    seed
        Source of all streams; children are spawned from it, so it is used for nothing else.
    dtype
        The batches'.

    Raises
    ------
    ValueError
        Images are to be augmented, and the features do not have this shape.
    """

    def __init__(  # noqa: PLR0913 - each is a fact about the batches, and all go by name
        self,
        hyperparameters: NetworkPoint,
        *,
        image_shape: tuple[int, int, int] | None,
        n_features: int,
        largest_batch: int,
        seed: np.random.SeedSequence,
        dtype: type[np.floating] = np.float32,
    ) -> None:
        self._largest_batch = largest_batch
        images_seed, noise_seed, mixup_seed = seed.spawn(3)
        self._images: ImageTransforms | None = None
        if transforms_images(hyperparameters):
            self._images = ImageTransforms(
                hyperparameters,
                insist_on_image_shape(image_shape, n_features=n_features),
                largest_batch=largest_batch,
                seed=images_seed,
                dtype=dtype,
            )
        self._noise: FeatureNoise | None = None
        if hyperparameters.noise_deviation > 0:
            self._noise = FeatureNoise(hyperparameters.noise_deviation, seed=noise_seed, dtype=dtype)
        self._mixup: Mixup | None = None
        if hyperparameters.mixup_alpha > 0:
            self._mixup = Mixup(
                hyperparameters.mixup_alpha,
                n_features=n_features,
                largest_batch=largest_batch,
                seed=mixup_seed,
                dtype=dtype,
            )

    def apply(self, X: NDArray[np.floating], targets: NDArray[np.floating]) -> None:
        """Change one gathered mini-batch in place.

        Parameters
        ----------
        X
            Normalised features, C-contiguous (n_examples, n_features).
        targets
            As the loss encodes them (n_examples, n_outputs).

        Raises
        ------
        ValueError
            More examples than the largest batch, or noise for features that are not C-contiguous.
        """
        if len(X) > self._largest_batch:
            raise ValueError(f"a batch has at most {self._largest_batch} examples here, got {len(X)}")
        if self._images:
            self._images.apply(X)
        if self._noise:
            self._noise.apply(X)
        if self._mixup:
            self._mixup.apply(X, targets)
