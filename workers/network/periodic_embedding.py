"""Periodic embeddings: each number x beside a learned combination of its cosines.

Of column i: e_i = W_i cos(2 pi f_i x + p_i) + b_i, with 16 frequencies f_i and phases p_i, and 3 numbers e_i.
Layers that read x alone have to bend lines many times to follow a target that rises and falls with x; those
that read e as well have such curves to begin with.

References
----------
Holzmüller, Grinsztajn and Steinwart 2024, "Better by Default: Strong Pre-Tuned MLPs and Boosted Trees on
Tabular Data", appendix A ("PBLD" embeddings, and their constants); Gorishniy, Rubachev and Babenko 2022, "On
Embeddings for Numerical Features in Tabular Deep Learning", section 3.3.
"""

import math

import numpy as np
from numpy.typing import NDArray

N_WAVES = 16
"""Cosines of a number."""

N_OUTPUTS = 3
"""Numbers that they are combined to, beside the number itself."""


class EmbeddingParameters:
    """Views of a flat array: of the parameters of embeddings, or of the gradient by them.

    Attributes
    ----------
    flat
        The array (n_columns * `PER_COLUMN`,), contiguous.
    waves
        Frequency and phase of each cosine (n_columns, N_WAVES, 2): in cycles over 1, and in radians.
    weights
        (n_columns, N_OUTPUTS, N_WAVES).
    biases
        (n_columns, N_OUTPUTS).
    """

    PER_COLUMN = N_WAVES * 2 + N_OUTPUTS * N_WAVES + N_OUTPUTS

    def __init__(self, flat: NDArray[np.floating]) -> None:
        n = len(flat) // self.PER_COLUMN
        self.flat = flat
        ends = np.cumsum([n * N_WAVES * 2, n * N_OUTPUTS * N_WAVES])
        waves, weights, biases = np.split(flat, ends)
        self.waves = waves.reshape(n, N_WAVES, 2)
        self.weights = weights.reshape(n, N_OUTPUTS, N_WAVES)
        self.biases = biases.reshape(n, N_OUTPUTS)


class PeriodicEmbedding:
    """The embeddings of some columns, with the examples along the last axis: so all products are long ones.

    Buffers are made once, for the largest batch; a pass allocates no array.

    Parameters
    ----------
    parameters
        They belong to the caller, and are read in each pass as they are then.
    largest_batch
        The most examples in a pass.
    gradient
        Where `backward` writes; None where nothing is learned.
    """

    def __init__(
        self,
        parameters: EmbeddingParameters,
        *,
        largest_batch: int,
        gradient: EmbeddingParameters | None = None,
    ) -> None:
        self._parameters, self._gradient = parameters, gradient
        self._biases = parameters.biases[:, :, np.newaxis]
        self._weights_transposed = parameters.weights.transpose(0, 2, 1)
        n, dtype = len(parameters.waves), parameters.flat.dtype
        self._turn = np.array(2 * math.pi, dtype)
        self._all_times = np.empty(n * 2 * largest_batch, dtype)
        n_kept = 1 if gradient is None else 3  # only what is learned needs the angles, once it has cosines
        self._all_waves = np.empty((n_kept, n * N_WAVES * largest_batch), dtype)
        self._all_ones = np.ones(largest_batch, dtype)
        self._take(largest_batch)

    def forward(self, x: NDArray[np.floating], out: NDArray[np.floating]) -> None:
        """Write the embeddings.

        Parameters
        ----------
        x
            Numbers (n_columns, n_examples).
        out
            (n_columns, N_OUTPUTS, n_examples).
        """
        if x.shape[1] != self._n_examples:
            self._take(x.shape[1])
        np.multiply(x, self._turn, out=self._turns)
        np.matmul(self._parameters.waves, self._times, out=self._angles)
        np.cos(self._angles, out=self._cosines)
        np.matmul(self._parameters.weights, self._cosines, out=out)
        out += self._biases

    def backward(self, dE: NDArray[np.floating]) -> None:
        """Overwrite the gradient after the last forward pass.

        With A the angles, t = (2 pi x, 1) and C = cos A of a column: dW = dE C^T, db = the row sums of dE,
        dA = -(W^T dE) * sin A, and by frequency and phase dA t^T.

        Parameters
        ----------
        dE
            The loss's gradient by what `forward` wrote (n_columns, N_OUTPUTS, n_examples).
        """
        gradient = self._gradient
        if gradient is None:
            raise ValueError("these embeddings were made without a gradient")
        np.matmul(dE, self._ones, out=gradient.biases)
        np.matmul(dE, self._cosines.transpose(0, 2, 1), out=gradient.weights)
        np.matmul(self._weights_transposed, dE, out=self._dA)
        np.sin(self._angles, out=self._angles)
        self._dA *= self._angles
        np.matmul(self._dA, self._times.transpose(0, 2, 1), out=gradient.waves)
        np.negative(gradient.waves, out=gradient.waves)

    def _take(self, n_examples: int) -> None:
        """Keep views of all buffers for so many examples: batches of one size follow each other."""
        n = len(self._parameters.waves)
        self._n_examples = n_examples
        self._times = self._all_times[: n * 2 * n_examples].reshape(n, 2, n_examples)
        self._turns = self._times[:, 0]
        self._times[:, 1] = 1
        waves = self._all_waves[:, : n * N_WAVES * n_examples].reshape(-1, n, N_WAVES, n_examples)
        self._cosines, self._angles, self._dA = waves[0], waves[len(waves) // 2], waves[-1]
        self._ones = self._all_ones[:n_examples]
