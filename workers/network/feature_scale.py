"""A learned scale for each input of the first dense layer."""

import numpy as np
from numpy.typing import NDArray

from workers.network.dense_layer import DenseLayer


class FeatureScale:
    """A = s * U, a scale an input.

    Parameters
    ----------
    scale, gradient
        s and where the gradient by it goes (n_in,), views of the network's arrays.
    largest_batch
        The most examples in a pass.
    n_units
        Units of the first dense layer.
    is_transposed
        Whether U is a transposed view, as `EmbeddedFeatures` makes it: A is laid out alike.
    """

    def __init__(
        self,
        scale: NDArray[np.floating],
        gradient: NDArray[np.floating],
        *,
        largest_batch: int,
        n_units: int,
        is_transposed: bool,
    ) -> None:
        self.scale, self._gradient, self._is_transposed = scale, gradient, is_transposed
        self._scaled = np.empty(largest_batch * len(scale), scale.dtype)
        self._W_scratch = np.empty((len(scale), n_units), scale.dtype)
        self._unit_ones = np.ones(n_units, scale.dtype)

    def forward(self, U: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return A (n_examples, n_in): a view of a buffer, valid until the next pass."""
        A = self._scaled[: U.size]
        A = A.reshape(U.shape[::-1]).T if self._is_transposed else A.reshape(U.shape)
        np.multiply(U, self.scale, out=A)
        return A

    def backward(self, first: DenseLayer) -> None:
        """Overwrite the gradient, and that by the first layer's weights.

        With G = U^T dZ: dW = s * G, ds = the row sums of W * G.

        Parameters
        ----------
        first
            The layer that reads A; its `dW` is G.
        """
        np.multiply(first.W, first.dW, out=self._W_scratch)
        np.dot(self._W_scratch, self._unit_ones, out=self._gradient)
        np.multiply(first.dW, self.scale[:, np.newaxis], out=first.dW)
