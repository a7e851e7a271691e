"""What a network is made of: its sizes, its options, and where its parameters lie in one flat array."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from search_spaces.network.point import NetworkPoint, NumericEmbedding, Switch
from workers.network.activations import ActivationFunction, activation_function
from workers.network.periodic_embedding import N_OUTPUTS, EmbeddingParameters


@dataclass(frozen=True, slots=True)
class Architecture:
    """Everything that the number and the meaning of a network's parameters depend on.

    Attributes
    ----------
    sizes
        Units of each layer, from what the first reads to the output units: depth + 2 numbers. The first
        layer reads the features, and after them the embeddings of those that have one.
    activation
        Applied to every hidden layer; the output layer's function belongs to the loss.
    has_batch_normalization, has_feature_scale, has_activation_mix
        The three options.
    embedded
        Positions of the features that have a periodic embedding, ascending.
    """

    sizes: tuple[int, ...]
    activation: ActivationFunction
    has_batch_normalization: bool
    has_feature_scale: bool
    has_activation_mix: bool = False
    embedded: tuple[int, ...] = ()

    @property
    def n_features(self) -> int:
        """Number of features."""
        return self.sizes[0] - N_OUTPUTS * len(self.embedded)

    @property
    def n_weights(self) -> int:
        """Number of weights, the parameters that are regularized."""
        return sum(n_in * n_out for n_in, n_out in pairwise(self.sizes))

    @property
    def n_decayed(self) -> int:
        """Number of parameters that weight decay acts on: the weights, and all that embeddings have."""
        return self.n_weights + EmbeddingParameters.PER_COLUMN * len(self.embedded)

    @property
    def n_hidden_units(self) -> int:
        """Units in all hidden layers."""
        return sum(self.sizes[1:-1])

    @property
    def n_trainable(self) -> int:
        """Number of parameters that gradient descent moves."""
        n_gains = self.n_hidden_units if self.has_batch_normalization else 0
        n_scales = self.sizes[0] if self.has_feature_scale else 0
        n_shares = self.n_hidden_units if self.has_activation_mix else 0
        return self.n_decayed + sum(self.sizes[1:]) + n_gains + n_scales + n_shares

    @property
    def n_parameters(self) -> int:
        """Number of all parameters, with batch normalization's running statistics."""
        return self.n_trainable + (2 * self.n_hidden_units if self.has_batch_normalization else 0)


def architecture_of(
    hyperparameters: NetworkPoint,
    *,
    n_features: int,
    n_units: int,
    numeric_features: Sequence[int] | None = None,
) -> Architecture:
    """Return the architecture of the network that hyperparameters, features and output units make.

    Parameters
    ----------
    hyperparameters
        The point.
    n_features, n_units
        Number of features, and of output units.
    numeric_features
        Positions of the features that are numbers, ascending; None for all. They are read where
        the point embeds numbers.

    Raises
    ------
    ValueError
        There are no such features.
    """
    embedded = embedded_features(hyperparameters, n_features=n_features, numeric_features=numeric_features)
    return Architecture(
        sizes=(n_features + N_OUTPUTS * len(embedded), *hyperparameters.layer_widths, n_units),
        activation=activation_function(hyperparameters),
        has_batch_normalization=hyperparameters.batch_normalization is Switch.ON,
        has_feature_scale=hyperparameters.feature_scale is Switch.ON,
        has_activation_mix=hyperparameters.activation_mix is Switch.ON,
        embedded=embedded,
    )


def embeds_numbers(hyperparameters: NetworkPoint) -> bool:
    """Return whether features that are numbers have embeddings."""
    return hyperparameters.numeric_embedding is not NumericEmbedding.OFF


def embedded_features(
    hyperparameters: NetworkPoint, *, n_features: int, numeric_features: Sequence[int] | None
) -> tuple[int, ...]:
    """Return the positions of the features that a network embeds; see `architecture_of`."""
    if not embeds_numbers(hyperparameters):
        return ()
    if numeric_features is None:
        return tuple(range(n_features))
    positions = tuple(numeric_features)
    if any(after <= before for before, after in pairwise((-1, *positions, n_features))):
        raise ValueError(
            f"expected ascending positions of numbers among {n_features} features, got {list(positions)}"
        )
    return positions


class Parameters:
    """Views of one flat array: of a network's parameters, or of the gradient by them.

    In this order: all weights, so that regularization acts on one slice; the embeddings', which decay with
    the weights; all biases; the hidden layers' gains of batch normalization; the scales of what the first
    layer reads; the hidden units' shares of their activation; and last what is not trained, batch
    normalization's running means and variances.

    Attributes
    ----------
    flat
        The array (n_parameters,), contiguous.
    trainable, all_weights
        Its first `n_trainable` and `n_weights` entries.
    weights, biases
        (n_in, n_out) and (n_out,) for each layer but the features.
    gains, running_means, running_variances
        (n_units,) for each hidden layer; empty lists without batch normalization.
    embedding
        Of the embeddings; None where no feature has one.
    feature_scale
        (n_in,) of the first layer, or None.
    activation_shares
        (n_units,) for each hidden layer; an empty list without a learned mix.

    Raises
    ------
    ValueError
        The array has not as many entries as the architecture has parameters.
    """

    def __init__(self, flat: NDArray[np.floating], architecture: Architecture) -> None:
        if flat.shape != (architecture.n_parameters,):
            raise ValueError(
                f"a network with layers of {architecture.sizes} units has {architecture.n_parameters} "
                f"parameters, got an array of shape {flat.shape}"
            )
        sizes = architecture.sizes
        normalized = sizes[1:-1] if architecture.has_batch_normalization else ()
        mixed = sizes[1:-1] if architecture.has_activation_mix else ()
        self.flat = flat
        self.trainable = flat[: architecture.n_trainable]
        self.all_weights = flat[: architecture.n_weights]
        self.weights: list[NDArray[np.floating]] = []
        start = 0
        for n_in, n_out in pairwise(sizes):
            self.weights.append(flat[start : start + n_in * n_out].reshape(n_in, n_out))
            start += n_in * n_out
        of_embedding = flat[start : architecture.n_decayed]
        self.embedding = EmbeddingParameters(of_embedding) if architecture.embedded else None
        self.biases, start = _vectors(flat, architecture.n_decayed, sizes[1:])
        self.gains, start = _vectors(flat, start, normalized)
        scales, start = _vectors(flat, start, sizes[:1] if architecture.has_feature_scale else ())
        self.feature_scale = scales[0] if scales else None
        self.activation_shares, start = _vectors(flat, start, mixed)
        self.running_means, start = _vectors(flat, start, normalized)
        self.running_variances, start = _vectors(flat, start, normalized)


def _vectors(
    flat: NDArray[np.floating], start: int, lengths: tuple[int, ...]
) -> tuple[list[NDArray[np.floating]], int]:
    vectors = []
    for length in lengths:
        vectors.append(flat[start : start + length])
        start += length
    return vectors, start
