"""A fully connected network: its parameters and its forward pass."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from search_spaces.hyperparameters import Hyperparameters
from workers.activations import ActivationFunction


def layer_sizes(hyperparameters: Hyperparameters, *, n_features: int, n_outputs: int) -> tuple[int, ...]:
    """Return the units of each layer, from the features to the outputs: depth + 2 numbers."""
    return (n_features, *hyperparameters.layer_widths, n_outputs)


def weight_count(sizes: Sequence[int]) -> int:
    """Return the number of weights of a network with these layer sizes."""
    return sum(n_in * n_out for n_in, n_out in pairwise(sizes))


def parameter_count(sizes: Sequence[int]) -> int:
    """Return the number of weights and biases of a network with these layer sizes."""
    return weight_count(sizes) + sum(sizes[1:])


def split_by_layer(
    flat: NDArray[np.floating], sizes: Sequence[int]
) -> tuple[list[NDArray[np.floating]], list[NDArray[np.floating]]]:
    """Return views of a flat array of parameters, or of a gradient: the layers' weights and their biases.

    All weights come first, then all biases, so that regularization acts on one slice.

    Parameters
    ----------
    flat
        (n_parameters,), contiguous.
    sizes
        Units of each layer.

    Returns
    -------
    weights, biases
        (n_in, n_out) and (n_out,) for each layer but the first of `sizes`.
    """
    weights, biases = [], []
    start, bias_start = 0, weight_count(sizes)
    for n_in, n_out in pairwise(sizes):
        weights.append(flat[start : start + n_in * n_out].reshape(n_in, n_out))
        biases.append(flat[bias_start : bias_start + n_out])
        start += n_in * n_out
        bias_start += n_out
    return weights, biases


class Network:
    """Parameters, and buffers in which the forward pass writes what each layer makes of a batch.

    Every product and sum goes into a buffer made here once; a pass allocates no array.

    Attributes
    ----------
    sizes
        Units of each layer, from the features to the outputs.
    largest_batch
        The most examples in a pass.
    parameters
        All weights and biases (n_parameters,); its type is the type that is computed in. It belongs to the
        caller: changing it changes the network.
    weights, biases
        Views of it, (n_in, n_out) and (n_out,) a layer.
    activation
        Applied to every hidden layer; the output layer's function belongs to the loss.
    hidden
        Each hidden layer's activations, before dropout, (largest_batch, n_units).
    inputs
        What each layer but the first read in the last pass, dropout included; `len(X)` rows of it are valid.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: ActivationFunction,
        parameters: NDArray[np.floating],
        *,
        largest_batch: int,
    ) -> None:
        self.sizes = tuple(sizes)
        self.largest_batch = largest_batch
        self.activation = activation
        self.parameters = parameters
        self.weights, self.biases = split_by_layer(parameters, sizes)
        self.hidden = [np.empty((largest_batch, width), parameters.dtype) for width in sizes[1:-1]]
        self._dropped = [np.empty_like(A) for A in self.hidden]
        self._outputs = np.empty((largest_batch, sizes[-1]), parameters.dtype)
        self.inputs = self.hidden

    def forward(
        self, X: NDArray[np.floating], masks: Sequence[NDArray[np.floating]] | None = None
    ) -> NDArray[np.floating]:
        """Return the output layer's pre-activations for X; a view of a buffer, valid until the next pass.

        Parameters
        ----------
        X
            (n_examples, n_features), at most `largest_batch` examples.
        masks
            Dropout's masks, one a hidden layer, (n_examples, n_units); None for no dropout.

        Returns
        -------
        Z
            (n_examples, n_outputs).
        """
        n_examples = len(X)
        self.inputs = self.hidden if masks is None else self._dropped
        A = X
        for layer, buffer in enumerate(self.hidden):
            Z = buffer[:n_examples]
            np.dot(A, self.weights[layer], out=Z)
            np.add(Z, self.biases[layer], out=Z)
            self.activation.activate(Z)
            A = Z
            if masks is not None:
                A = self._dropped[layer][:n_examples]
                np.multiply(Z, masks[layer], out=A)
        Z = self._outputs[:n_examples]
        np.dot(A, self.weights[-1], out=Z)
        np.add(Z, self.biases[-1], out=Z)
        return Z
