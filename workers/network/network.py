"""A fully connected network: the forward pass over its layers, and backpropagation through them."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from workers.network.activation_mix import ActivationMix
from workers.network.activations import ActivationFunction
from workers.network.architecture import Architecture, Parameters
from workers.network.batch_normalization import BatchNormalization
from workers.network.dense_layer import DenseLayer
from workers.network.input_stage import InputStage

Masks = Sequence[NDArray[np.floating] | None]
"""Dropout's masks of one mini-batch: of the features (n_examples, n_features), or None, then of each hidden
layer (n_examples, n_units), or None."""


class Network:
    """Layers over parameters that belong to the caller: changing those changes the network.

    Buffers are made once, for the largest batch; a pass allocates no array.

    Attributes
    ----------
    architecture
        Sizes and options.
    parameters
        All weights, biases and the rest (n_parameters,), in views; their type is what is computed in.
    gradient
        Of the loss by them, laid out alike; valid after `backward`.
    layers
        The hidden layers, and last the output layer.
    input_stage
        What stands before them; None for nothing.
    largest_batch
        The most examples in a pass.
    """

    def __init__(
        self, architecture: Architecture, parameters: NDArray[np.floating], *, largest_batch: int
    ) -> None:
        self.architecture = architecture
        self.largest_batch = largest_batch
        self.parameters = Parameters(parameters, architecture)
        self.gradient = Parameters(np.zeros(parameters.shape, parameters.dtype), architecture)
        views, gradient = self.parameters, self.gradient
        self.layers = [
            DenseLayer(
                W,
                views.biases[index],
                dW=gradient.weights[index],
                db=gradient.biases[index],
                largest_batch=largest_batch,
                activation=self._activation(index) if index < len(views.weights) - 1 else None,
                normalization=self._normalization(index),
            )
            for index, W in enumerate(views.weights)
        ]
        self._backwards = list(pairwise(reversed(self.layers)))
        self._features = np.empty((0, architecture.n_features), parameters.dtype)
        self.input_stage = None
        if architecture.has_feature_scale or architecture.embedded:
            self.input_stage = InputStage(architecture, views, gradient, largest_batch=largest_batch)

    @classmethod
    def untrained(
        cls, architecture: Architecture, *, largest_batch: int, dtype: type[np.floating] = np.float32
    ) -> "Network":
        """Make a network whose weights and biases are 0; gains, scales, shares and variances are 1."""
        network = cls(architecture, np.zeros(architecture.n_parameters, dtype), largest_batch=largest_batch)
        views = network.parameters
        for ones in (*views.gains, *views.activation_shares, *views.running_variances):
            ones.fill(1)
        if views.feature_scale is not None:
            views.feature_scale.fill(1)
        return network

    def forward(
        self, X: NDArray[np.floating], masks: Masks | None = None, *, is_training: bool = False
    ) -> NDArray[np.floating]:
        """Return the output layer's pre-activations for X; a view of a buffer, valid until the next pass.

        Parameters
        ----------
        X
            (n_examples, n_features), at most `largest_batch` examples.
        masks
            Dropout's; None for no dropout.
        is_training
            Whether batch normalization uses and learns the mini-batch's statistics.

        Returns
        -------
        Z
            (n_examples, n_units).
        """
        n_examples = len(X)
        A = X
        if masks is not None and masks[0] is not None:
            if len(self._features) == 0:
                self._features = np.empty((self.largest_batch, X.shape[1]), X.dtype)
            A = self._features[:n_examples]
            np.multiply(X, masks[0], out=A)
        if self.input_stage is not None:
            A = self.input_stage.forward(A)
        if masks is None:
            for layer in self.layers:
                A = layer.forward(A, is_training=is_training)
        else:
            for layer, mask in zip(self.layers, (*masks[1:], None), strict=True):
                A = layer.forward(A, mask=mask, is_training=is_training)
        return A

    def backward(self, dZ: NDArray[np.floating]) -> None:
        """Overwrite `gradient` with that of the last forward pass, by the chain rule from the outputs back.

        Parameters
        ----------
        dZ
            The loss's gradient by what `forward` returned (n_examples, n_units).
        """
        dA = dZ
        for upper, lower in self._backwards:
            upper.backward(dA, dX=lower.dZ_rows)
            dA = lower.dZ_rows
        if self.input_stage is None:
            self.layers[0].backward(dA, dX=None)
        else:
            self.input_stage.backward(dA, self.layers[0])

    def _activation(self, layer: int) -> ActivationFunction:
        if not self.architecture.has_activation_mix:
            return self.architecture.activation
        return ActivationMix(
            self.architecture.activation,
            self.parameters.activation_shares[layer],
            gradient=self.gradient.activation_shares[layer],
            largest_batch=self.largest_batch,
        ).function

    def _normalization(self, layer: int) -> BatchNormalization | None:
        views = self.parameters
        if layer >= len(views.gains):
            return None
        return BatchNormalization(
            views.gains[layer],
            views.running_means[layer],
            views.running_variances[layer],
            gain_gradient=self.gradient.gains[layer],
            largest_batch=self.largest_batch,
        )
