"""Normal noise added to the features of a train batch."""

import numpy as np
from numpy.typing import NDArray

NUMBERS_AT_ONCE = 16384
"""Random numbers drawn at a time, a constant: whatever the batch, drawing takes 64 KiB of float32."""


class FeatureNoise:
    """Adds to each feature of each example a number of its own from N(0, deviation**2).

    Features are standardised, so that the deviation is in deviations of the feature. For the squared error
    of a linear model this is L2 regularization in expectation (Bishop 1995, "Training with Noise is
    Equivalent to Tikhonov Regularization").

    Parameters
    ----------
    deviation
        Of the noise, in deviations of the feature.
    seed
        Source of the noise.
    dtype
        The features'.
    """

    def __init__(
        self,
        deviation: float,
        *,
        seed: np.random.SeedSequence,
        dtype: type[np.floating] = np.float32,
    ) -> None:
        self._deviation = deviation
        self._stream = np.random.Generator(np.random.SFC64(seed))
        self._numbers = np.empty(NUMBERS_AT_ONCE, dtype)

    def apply(self, X: NDArray[np.floating]) -> None:
        """Add noise to features (n_examples, n_features) in place.

        Raises
        ------
        ValueError
            `X` is not C-contiguous: noise could only be added to a copy.
        """
        features = X.reshape(-1, copy=False)
        for start in range(0, len(features), NUMBERS_AT_ONCE):
            block = features[start : start + NUMBERS_AT_ONCE]
            noise = self._numbers[: len(block)]
            self._stream.standard_normal(out=noise, dtype=noise.dtype)
            np.multiply(noise, self._deviation, out=noise)
            np.add(block, noise, out=block)
