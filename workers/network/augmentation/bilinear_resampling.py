"""Bilinear resampling of a batch of small images, each by an affine map of its own, in place."""

import numpy as np
from numpy.typing import NDArray

from workers.network.augmentation.affine_maps import AffineMaps

PIXELS_AT_ONCE = 65536
"""Pixels resampled at a time, or one image: the buffers take 40 bytes a pixel, and 4 more a channel."""


class BilinearResampling:
    """Gives each pixel the value at its source point, interpolated between the four pixels around it.

    With the source point at (y, x), i = floor(y), j = floor(x), v = y - i, u = x - j:

        upper = (1 - u) image[i, j] + u image[i, j + 1]
        lower = (1 - u) image[i + 1, j] + u image[i + 1, j + 1]
        value = (1 - v) upper + v lower

    A point outside has the value of the nearest pixel of the edge. A constant would need to be the
    background, which normalised features do not show: 0 is their mean, and would frame a dark background in
    gray. Where all source points are whole pixels, the values are exactly theirs.

    What scipy.ndimage gives with order=1 and mode="nearest", several times faster: it makes one call an
    image, or interpolates in three dimensions where a batch needs two.

    Parameters
    ----------
    image_shape
        Height, width and channels.
    largest_batch
        The most images that are changed at once.
    dtype
        The images'.
    """

    def __init__(
        self,
        image_shape: tuple[int, int, int],
        *,
        largest_batch: int,
        dtype: type[np.floating] = np.float32,
    ) -> None:
        height, width, channels = image_shape
        self._at_once = min(largest_batch, max(1, PIXELS_AT_ONCE // (height * width)))
        block = (self._at_once, height, width)
        self._y, self._x = np.empty(block, dtype), np.empty(block, dtype)
        self._corners = [np.empty(block, dtype) for _ in range(4)]
        self._index, self._column = np.empty(block, np.intp), np.empty(block, np.intp)
        # A channel after the other. A row and a column more, so that each pixel has a next one: where that is
        # outside, its weight is 0, and so is its value, always.
        self._source = np.zeros((channels, self._at_once, height + 1, width + 1), dtype)
        self._first_pixels = (np.arange(self._at_once) * (height + 1) * (width + 1)).reshape(-1, 1, 1)
        self._rows, self._columns = np.arange(height), np.arange(width)

    def apply(self, images: NDArray[np.floating], maps: AffineMaps) -> None:
        """Resample images (n_images, height, width, channels) in place, a map each."""
        for start in range(0, len(images), self._at_once):
            block = slice(start, start + self._at_once)
            self._resample(images[block], maps.matrices[block], maps.offsets[block])

    def _resample(
        self, images: NDArray[np.floating], matrices: NDArray[np.float64], offsets: NDArray[np.float64]
    ) -> None:
        n_images = len(images)
        y, x = self._y[:n_images], self._x[:n_images]
        index, column = self._index[:n_images], self._column[:n_images]
        self._locate(matrices[:, 0], offsets[:, 0], last=images.shape[1] - 1, points=y, whole=index)
        self._locate(matrices[:, 1], offsets[:, 1], last=images.shape[2] - 1, points=x, whole=column)
        row_length = self._source.shape[3]
        np.multiply(index, row_length, out=index)
        np.add(index, column, out=index)
        np.add(index, self._first_pixels[:n_images], out=index)

        np.copyto(self._source[:, :n_images, :-1, :-1], images.transpose(3, 0, 1, 2))
        steps = (0, 1, row_length, row_length + 1)
        upper, upper_right, lower, lower_right = corners = [corner[:n_images] for corner in self._corners]
        for channel, source in enumerate(self._source.reshape(len(self._source), -1)):
            for corner, step in zip(corners, steps, strict=True):
                # The mode "clip" changes no valid index; under "raise" NumPy would fill a copy first.
                np.take(source[step:], index, out=corner, mode="clip")
            _interpolate(upper, upper_right, x, out=upper)
            _interpolate(lower, lower_right, x, out=lower)
            _interpolate(upper, lower, y, out=images[..., channel])

    def _locate(
        self,
        factors: NDArray[np.float64],
        offsets: NDArray[np.float64],
        *,
        last: int,
        points: NDArray[np.floating],
        whole: NDArray[np.intp],
    ) -> None:
        """Write one coordinate of the source points: the last pixel that is not beyond, and the rest."""
        by_row = (factors[:, :1] * self._rows + offsets[:, np.newaxis]).astype(points.dtype)
        by_column = (factors[:, 1:] * self._columns).astype(points.dtype)
        np.add(by_row[:, :, np.newaxis], by_column[:, np.newaxis, :], out=points)
        np.clip(points, 0, last, out=points)
        floors = self._corners[0][: len(points)]
        np.floor(points, out=floors)
        np.subtract(points, floors, out=points)
        np.copyto(whole, floors, casting="unsafe")


def _interpolate(
    start: NDArray[np.floating],
    end: NDArray[np.floating],
    share: NDArray[np.floating],
    *,
    out: NDArray[np.floating],
) -> None:
    """Write start + share * (end - start), which is exactly `start` where the share is 0; `end` is lost."""
    np.subtract(end, start, out=end)
    np.multiply(end, share, out=end)
    np.add(start, end, out=out)
