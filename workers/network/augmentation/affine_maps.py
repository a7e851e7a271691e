"""From how images are to be changed to the affine maps that say where each pixel's value comes from.

The five changes of an image are one map, so that it is resampled, and thereby blurred, only once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class ImageChanges:
    """What happens to each image of a batch, in this order: flip, crop, zoom, rotation, shift.

    Attributes
    ----------
    mirrored
        Whether left and right change places: bool (n_images,).
    cut_shares
        Share of height and width that is cut away; the rest is enlarged to the old size: (n_images,).
    cut_places
        Where the rest lies, downward and to the right: from -1, at the upper or left edge, to 1, at the
        other: (n_images, 2).
    zooms
        Factor by which the picture grows about its center: (n_images,).
    angles
        Rotation about the center, counterclockwise (radians): (n_images,).
    shifts
        Downward and to the right (pixels): (n_images, 2).
    """

    mirrored: NDArray[np.bool_]
    cut_shares: NDArray[np.float64]
    cut_places: NDArray[np.float64]
    zooms: NDArray[np.float64]
    angles: NDArray[np.float64]
    shifts: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class AffineMaps:
    """For each image, source = matrix @ (row, column) + offset, in pixels.

    Attributes
    ----------
    matrices
        (n_images, 2, 2).
    offsets
        (n_images, 2).
    """

    matrices: NDArray[np.float64]
    offsets: NDArray[np.float64]


def affine_maps(changes: ImageChanges, *, height: int, width: int) -> AffineMaps:
    """Return where each pixel of the changed images comes from in the old ones.

    With c = ((height - 1) / 2, (width - 1) / 2) the center, t the shift, R the counterclockwise rotation's
    inverse, z the zoom, k the share kept, d the cut's place and F the mirror, the changes undone in reverse
    order give

        source = F (k / z R (pixel - c - t) + (1 - k) c d) + c

    in coordinates of which the first runs downward. A crop alone reads no point outside the image: for
    pixel - c between -c and c and d between -1 and 1, source - c stays between -c and c.
    """
    center = np.array([(height - 1) / 2, (width - 1) / 2])
    cos, sin = np.cos(changes.angles), np.sin(changes.angles)
    matrices = np.array([[cos, sin], [-sin, cos]]).transpose(2, 0, 1)
    matrices *= ((1 - changes.cut_shares) / changes.zooms)[:, np.newaxis, np.newaxis]
    kept_centers = changes.cut_shares[:, np.newaxis] * center * changes.cut_places
    matrices[changes.mirrored, 1] *= -1
    kept_centers[changes.mirrored, 1] *= -1
    moved = (matrices @ (center + changes.shifts)[:, :, np.newaxis])[:, :, 0]
    return AffineMaps(matrices, kept_centers - moved + center)
