"""The shape of an image whose pixels are an example's features."""

from math import isqrt


def image_shape_of(n_features: int) -> tuple[int, int, int] | None:
    """Return height, width and channels of the square image that has so many features, or None.

    n_features = side**2 is a gray image, n_features = 3 * side**2 one of three colors: 64 is 8x8x1, 784 is
    28x28x1, 3072 is 32x32x3. No number is both, as the square root of 3 is irrational.
    """
    for channels in (1, 3):
        side = isqrt(max(n_features, 0) // channels)
        if side > 0 and channels * side**2 == n_features:
            return side, side, channels
    return None


def insist_on_image_shape(
    image_shape: tuple[int, int, int] | None, *, n_features: int
) -> tuple[int, int, int]:
    """Return the shape given, or the square one where none is.

    Raises
    ------
    ValueError
        The given shape has another number of pixels and channels than there are features, or none is given
        and the features make no square.
    """
    if image_shape is None:
        squared = image_shape_of(n_features)
        if squared is None:
            raise ValueError(
                f"without an image shape, augmentation of images needs side**2 or 3 * side**2 features, got"
                f" {n_features} features"
            )
        return squared
    height, width, channels = image_shape
    if min(image_shape) < 1 or height * width * channels != n_features:
        raise ValueError(
            f"an image shape needs height * width * channels = the number of features, got "
            f"{height} * {width} * {channels} for {n_features} features"
        )
    return image_shape
