"""The forward pass of predictions: an example's bits depend on that example, and on nothing beside it.

A matrix product adds up each of its entries in an order that depends on where the entry lies: BLAS cuts the
matrix into tiles, and treats tiles at an edge otherwise than those within. So examples are multiplied as
columns of W^T X^T, always as many at once, and no example lies at an edge:

- Examples lie along the axis that kernels fill vectors with. All lanes of a vector are added up alike, and so
  are all vectors of a tile, as they differ in nothing but the example.
- `N_COLUMNS` is a multiple of 16, and no kernel has a longer tile along this axis: none is cut short.
- OpenBLAS's kernel for AVX2 (Haswell, Zen) adds up the first and the last 8 columns in another order than
  those between. Nothing is read from those: they are the margin.
- `N_COLUMNS` is small enough that no kernel goes through the columns in several parts, with edges of their
  own.
- A product with one row would be BLAS's product of matrix and vector, whose order depends on the place with
  some kernels. So a layer's only unit gets a second one beside it, of zeros.

What comes between the products is elementwise. Embeddings are such products too, one for each number of an
example, with the examples as columns between margins.

References
----------
OpenBLAS 0.3, kernel/x86_64/sgemm_kernel_8x4_haswell_2.c (the macro COMPUTE_n12) and
driver/level3/level3.c (how columns are divided). Goto and van de Geijn 2008, "Anatomy of High-Performance
Matrix Multiplication".
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workers.network.activation_mix import ActivationMix
from workers.network.activations import ActivationFunction, Scratch
from workers.network.architecture import Architecture, Parameters
from workers.network.batch_normalization import prediction_factor
from workers.network.periodic_embedding import N_OUTPUTS, PeriodicEmbedding

N_READ = 128
"""Examples in a product."""

MARGIN = 8
"""Columns on either side of them, which nothing is read from."""

N_COLUMNS = MARGIN + N_READ + MARGIN

NUMBERS_AT_ONCE = 65_536
"""About how many activations of a layer are computed before the next one's: they stay in the cache."""


class _Layer(NamedTuple):
    """Views of one layer's parameters and of its part of the buffers; the last layer has no activation."""

    W_transposed: NDArray[np.floating]
    b: NDArray[np.floating]
    Z: NDArray[np.floating]
    A: NDArray[np.floating]
    activation: ActivationFunction | None
    scratch: Scratch


class PredictionPass:
    """A trained network's pre-activations for any number of examples, without dropout.

    Buffers are made once. The parameters are read in each pass, as they are then.

    Parameters
    ----------
    architecture
        Sizes and options.
    parameters
        All parameters (n_parameters,); they belong to the caller.
    n_examples
        The most examples in a pass.
    """

    def __init__(
        self, architecture: Architecture, parameters: NDArray[np.floating], *, n_examples: int
    ) -> None:
        self._parameters = Parameters(parameters, architecture)
        self._activations = self._activation_functions(architecture)
        n_inputs, *widths = architecture.sizes
        widest = max(*widths, 2)
        n_parts = -(-n_examples // N_READ)
        self._n_parts = max(1, min(n_parts, NUMBERS_AT_ONCE // (N_COLUMNS * widest)))
        length = self._n_parts * widest * N_COLUMNS
        dtype = parameters.dtype
        self._inputs = np.zeros((self._n_parts, N_COLUMNS, n_inputs), dtype)
        self._embedding: PeriodicEmbedding | None = None
        if self._parameters.embedding is not None:
            self._inputs = np.zeros((self._n_parts, n_inputs, N_COLUMNS), dtype).transpose(0, 2, 1)
            self._embedding = PeriodicEmbedding(self._parameters.embedding, largest_batch=N_COLUMNS)
        self._embedded = np.array(architecture.embedded, np.intp)
        self._numbers = np.empty((len(self._embedded), N_COLUMNS), dtype)
        self._turns = np.empty((2, length), dtype)  # a layer reads one, and writes the other
        self._scratch = self._activations[0].scratch((length,), dtype)
        self._W_transposed = [
            W.T if W.shape[1] > 1 else np.zeros((2, len(W)), dtype) for W in self._parameters.weights
        ]
        self._means = [mean[:, np.newaxis] for mean in self._parameters.running_means]
        self._layers_by_parts: dict[int, list[_Layer]] = {}

    def run(self, X: NDArray[np.floating], out: NDArray[np.floating]) -> None:
        """Write the output layer's pre-activations.

        Parameters
        ----------
        X
            (n_examples, n_features).
        out
            (n_examples, n_units).
        """
        views = self._parameters
        for W, W_transposed in zip(views.weights, self._W_transposed, strict=True):
            if W.shape[1] == 1:
                np.copyto(W_transposed[0], W[:, 0])
        factors = [
            prediction_factor(gain, variance)[:, np.newaxis]
            for gain, variance in zip(views.gains, views.running_variances, strict=True)
        ]
        size = self._n_parts * N_READ
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite shows in the predictions
            for start in range(0, len(X), size):
                Z = self._outputs(self._columns(X[start : start + size]), factors)
                for first, part in zip(range(start, len(X), N_READ), Z, strict=False):
                    rows = out[first : first + N_READ]
                    np.copyto(rows, part[:, MARGIN : MARGIN + len(rows)].T)

    def _columns(self, X: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return what the first layer reads as columns (n_parts, n_in, N_COLUMNS), between margins."""
        scale = self._parameters.feature_scale
        n_parts = -(-len(X) // N_READ)
        inputs = self._inputs[:n_parts]
        for first, part in zip(range(0, len(X), N_READ), inputs, strict=True):
            rows = X[first : first + N_READ]
            within = part[MARGIN : MARGIN + len(rows)]
            if self._embedding is not None:
                np.copyto(within[:, : X.shape[1]], rows)
                self._embed(part.T, n_features=X.shape[1])
                if scale is not None:
                    np.multiply(within, scale, out=within)
            elif scale is None:
                np.copyto(within, rows)
            else:
                np.multiply(rows, scale, out=within)
        return inputs.transpose(0, 2, 1)

    def _embed(self, columns: NDArray[np.floating], *, n_features: int) -> None:
        """Write the embeddings below the features, in one part's columns (n_in, N_COLUMNS)."""
        if self._embedding is None:
            return
        columns.take(self._embedded, axis=0, out=self._numbers, mode="clip")  # "raise" would copy
        out = columns[n_features:].reshape(len(self._embedded), N_OUTPUTS, N_COLUMNS)
        self._embedding.forward(self._numbers, out)

    def _outputs(self, A: NDArray[np.floating], factors: list[NDArray[np.floating]]) -> NDArray[np.floating]:
        """Return the pre-activations (n_parts, n_units, N_COLUMNS) of features as columns."""
        layers = self._layers_by_parts.get(len(A))
        if layers is None:  # two numbers of parts ever come: the most, and what is left over
            layers = self._layers_by_parts[len(A)] = self._layers(len(A))
        for index, layer in enumerate(layers):
            Z = layer.Z
            np.matmul(layer.W_transposed, A, out=Z)
            if index < len(factors):
                np.subtract(Z, self._means[index], out=Z)
                np.multiply(Z, factors[index], out=Z)
            np.add(Z, layer.b, out=Z)
            if layer.activation is not None:
                layer.activation.activate(Z, layer.scratch)
            A = layer.A
        return A

    def _layers(self, n_parts: int) -> list[_Layer]:
        views = self._parameters
        last = len(views.weights) - 1
        layers = []
        for index, (W_transposed, b) in enumerate(zip(self._W_transposed, views.biases, strict=True)):
            shape = (n_parts, len(W_transposed), N_COLUMNS)
            size = math.prod(shape)
            Z = self._turns[index % 2, :size].reshape(shape)
            activation = self._activations[index] if index < last else None
            scratch = tuple(array[:size].reshape(shape) for array in self._scratch)
            layers.append(_Layer(W_transposed, b[:, np.newaxis], Z, Z[:, : len(b)], activation, scratch))
        return layers

    def _activation_functions(self, architecture: Architecture) -> list[ActivationFunction]:
        """Return each hidden layer's."""
        if not architecture.has_activation_mix:
            return [architecture.activation] * (len(architecture.sizes) - 2)
        return [
            ActivationMix(architecture.activation, shares[:, np.newaxis]).function
            for shares in self._parameters.activation_shares
        ]
