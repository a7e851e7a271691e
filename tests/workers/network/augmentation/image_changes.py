"""Image changes that do nothing but what a test names."""

from typing import TypedDict, Unpack

import numpy as np
from numpy.typing import ArrayLike

from workers.network.augmentation.affine_maps import ImageChanges


class Changed(TypedDict, total=False):
    """One change for all images, or one an image."""

    mirrored: ArrayLike
    cut_shares: ArrayLike
    cut_places: ArrayLike
    zooms: ArrayLike
    angles: ArrayLike
    shifts: ArrayLike


def image_changes(n_images: int, **changed: Unpack[Changed]) -> ImageChanges:
    """Return changes of images that stay as they are but for what is given."""
    return ImageChanges(
        mirrored=np.array(np.broadcast_to(changed.get("mirrored", False), n_images), dtype=np.bool_),
        cut_shares=np.array(np.broadcast_to(changed.get("cut_shares", 0.0), n_images), dtype=np.float64),
        cut_places=np.array(np.broadcast_to(changed.get("cut_places", 0.0), (n_images, 2)), dtype=np.float64),
        zooms=np.array(np.broadcast_to(changed.get("zooms", 1.0), n_images), dtype=np.float64),
        angles=np.array(np.broadcast_to(changed.get("angles", 0.0), n_images), dtype=np.float64),
        shifts=np.array(np.broadcast_to(changed.get("shifts", 0.0), (n_images, 2)), dtype=np.float64),
    )
