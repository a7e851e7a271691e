"""What stands between the features and the first dense layer: embeddings of numbers, then learned scales."""

import numpy as np
from numpy.typing import NDArray

from workers.network.architecture import Architecture, Parameters
from workers.network.dense_layer import DenseLayer
from workers.network.feature_scale import FeatureScale
from workers.network.periodic_embedding import N_OUTPUTS, PeriodicEmbedding


class EmbeddedFeatures:
    """U = (X, E): the features, and after them the embeddings of some.

    In memory the examples lie along the last axis, as embeddings have them: U is a transposed view, which a
    matrix product reads as fast.

    Parameters
    ----------
    embedding
        Of the features that have one.
    columns
        Their positions (n_columns,).
    n_features
        Number of all.
    largest_batch
        The most examples in a pass.
    dtype
        The parameters' type.
    """

    def __init__(
        self,
        embedding: PeriodicEmbedding,
        columns: tuple[int, ...],
        *,
        n_features: int,
        largest_batch: int,
        dtype: np.dtype[np.floating],
    ) -> None:
        self._embedding, self._columns, self._n_features = embedding, np.array(columns), n_features
        self._n_embedded = len(columns) * N_OUTPUTS
        self._numbers = np.empty(len(columns) * largest_batch, dtype)
        self._joined = np.empty((n_features + self._n_embedded) * largest_batch, dtype)
        self._dE = np.empty(self._n_embedded * largest_batch, dtype)

    def forward(self, X: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return U (n_examples, n_in): a view of a buffer, valid until the next pass."""
        n_examples, n_features = X.shape
        n_columns = len(self._columns)
        joined = self._joined[: (n_features + self._n_embedded) * n_examples].reshape(-1, n_examples)
        np.copyto(joined[:n_features], X.T)
        numbers = self._numbers[: n_columns * n_examples].reshape(n_columns, n_examples)
        joined.take(self._columns, axis=0, out=numbers, mode="clip")  # "raise" would copy
        self._embedding.forward(numbers, joined[n_features:].reshape(n_columns, N_OUTPUTS, n_examples))
        return joined.T

    def backward(
        self, dZ: NDArray[np.floating], W: NDArray[np.floating], *, scale: NDArray[np.floating] | None
    ) -> None:
        """Overwrite the embeddings' gradient.

        Parameters
        ----------
        dZ
            The loss's gradient by the first layer's pre-activations (n_examples, n_units).
        W
            The first layer's weights (n_in, n_units).
        scale
            What U is multiplied by before them (n_in,); None for nothing.
        """
        dE = self._dE[: self._n_embedded * len(dZ)].reshape(self._n_embedded, len(dZ))
        np.dot(W[self._n_features :], dZ.T, out=dE)
        if scale is not None:
            dE *= scale[self._n_features :, np.newaxis]
        self._embedding.backward(dE.reshape(-1, N_OUTPUTS, len(dZ)))


class InputStage:
    """A = s * U, what the first dense layer reads; either part may be there alone.

    Buffers are made once, for the largest batch; a pass allocates no array.

    Parameters
    ----------
    architecture
        Sizes and options.
    parameters, gradient
        The network's.
    largest_batch
        The most examples in a pass.
    """

    def __init__(
        self, architecture: Architecture, parameters: Parameters, gradient: Parameters, *, largest_batch: int
    ) -> None:
        self._embedded: EmbeddedFeatures | None = None
        if parameters.embedding is not None:
            self._embedded = EmbeddedFeatures(
                PeriodicEmbedding(
                    parameters.embedding, largest_batch=largest_batch, gradient=gradient.embedding
                ),
                architecture.embedded,
                n_features=architecture.n_features,
                largest_batch=largest_batch,
                dtype=parameters.flat.dtype,
            )
        self._scale: FeatureScale | None = None
        if parameters.feature_scale is not None and gradient.feature_scale is not None:
            self._scale = FeatureScale(
                parameters.feature_scale,
                gradient.feature_scale,
                largest_batch=largest_batch,
                n_units=architecture.sizes[1],
                is_transposed=self._embedded is not None,
            )
        self._U = parameters.flat

    def forward(self, X: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return what the first layer reads (n_examples, n_in), valid until the next pass.

        Parameters
        ----------
        X
            Features (n_examples, n_features).
        """
        self._U = X if self._embedded is None else self._embedded.forward(X)
        return self._U if self._scale is None else self._scale.forward(self._U)

    def backward(self, dA: NDArray[np.floating], first: DenseLayer) -> None:
        """Overwrite the gradients by scales and embeddings, and those of the first layer.

        Parameters
        ----------
        dA
            The loss's gradient by what the first layer returned (n_examples, n_units), overwritten as
            `DenseLayer.backward` does.
        first
            That layer.
        """
        first.backward(dA, dX=None, X=self._U)  # dA is dZ from here on
        if self._embedded is not None:
            scale = None if self._scale is None else self._scale.scale
            self._embedded.backward(dA, first.W, scale=scale)
        if self._scale is not None:
            self._scale.backward(first)
