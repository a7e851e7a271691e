"""How a network's parameters start: by draws alone, or fitted to what train examples bring about in it.

References
----------
Holzmüller, Grinsztajn and Steinwart 2024, "Better by Default: Strong Pre-Tuned MLPs and Boosted Trees on
Tabular Data", appendix A. Steinwart 2019, "A Sober Look at Neural Network Initializations" (the biases).
"""

import numpy as np
from numpy.typing import NDArray

from search_spaces.network.point import BiasInit, InitScheme, NetworkPoint
from workers.network.batch_normalization import EPSILON
from workers.network.initialization import draw_parameters
from workers.network.network import Network

MOST_EXAMPLES = 1024
"""The most train examples that parameters are fitted to: they give a deviation to about 2 %."""

N_MIXED = 5
"""Examples whose pre-activations a bias is mixed of."""

SMALLEST_SPREAD = 1e-6
"""Of a unit's largest pre-activation: what varies by less may vary by rounding alone."""


def start_network(  # noqa: PLR0913 - what starts, by what, and two sources of chance
    network: Network,
    hyperparameters: NetworkPoint,
    X_train: NDArray[np.floating],
    *,
    initial_bias: NDArray[np.float64],
    draws: np.random.Generator,
    fit: np.random.Generator,
) -> None:
    """Overwrite an untrained network's parameters with those that training starts from.

    All is computed in float64 and rounded at the end, so that float32 and float64 networks start alike.

    Parameters
    ----------
    network
        As `Network.untrained` makes it.
    hyperparameters
        Init of weights and biases, activation, and frequency of embeddings.
    X_train
        The train set's features (n_examples, n_features). Where something is fitted, `MOST_EXAMPLES` of them
        are read, drawn at random.
    initial_bias
        The loss's, which is added to the output layer's biases (n_units,).
    draws
        Source of weights and embeddings.
    fit
        Source of what is fitted: which examples.
    """
    point = hyperparameters
    is_fitted = point.init_scheme is InitScheme.DATA or point.bias_init is BiasInit.DATA
    with np.errstate(over="ignore", invalid="ignore"):  # an absurd deviation is reported as divergence
        start = network
        if is_fitted:
            X = _some(X_train, fit).astype(np.float64)
            start = Network.untrained(network.architecture, largest_batch=len(X), dtype=np.float64)
        draw_parameters(start.parameters, point, rng=draws)
        if is_fitted:
            fit_to_examples(start, point, X, rng=fit)
        output_bias = start.parameters.biases[-1]
        np.add(output_bias, initial_bias, out=output_bias, casting="same_kind")
        if is_fitted:
            np.copyto(network.parameters.trainable, start.parameters.trainable, casting="same_kind")


def fit_to_examples(
    network: Network, hyperparameters: NetworkPoint, X: NDArray[np.float64], *, rng: np.random.Generator
) -> None:
    """Fit drawn weights, or biases that are 0, to examples: layer by layer, each reading the fitted ones.

    With `init_scheme` = data, a unit's weights are divided by the standard deviation of its pre-activation
    over the examples, which then is 1. With `bias_init` = data, its bias is minus a mean of its
    pre-activations at 5 random examples, weighted by shares that are uniform among those that add up to 1.
    So the place where the activation bends lies among the examples, elsewhere for each unit. Where there is
    batch normalization, this is of the normalized pre-activations.

    The output layer is fitted as the others are. A unit that is the same for all examples keeps the weights
    that were drawn for it, and a bias of 0.

    Parameters
    ----------
    network
        Of float64; its running statistics are spoilt.
    hyperparameters
        What is fitted.
    X
        Features (n_examples, n_features).
    rng
        Source of the mixes.
    """
    A = X if network.input_stage is None else network.input_stage.forward(X)
    for layer in network.layers:
        Z = A.dot(layer.W)
        deviation = Z.std(axis=0)
        varies = deviation > SMALLEST_SPREAD * np.abs(Z).max(axis=0)
        if hyperparameters.init_scheme is InitScheme.DATA:
            divisor = np.where(varies, deviation, 1.0)
            layer.W /= divisor
            Z /= divisor
        if hyperparameters.bias_init is BiasInit.DATA:
            if layer.is_normalized:
                Z = (Z - Z.mean(axis=0)) / np.sqrt(Z.var(axis=0) + EPSILON)
            layer.b[...] = np.where(varies, -_mixed(Z, rng), 0.0)
        A = layer.forward(A, is_training=True)


def _mixed(Z: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a random convex combination of each column's entries at `N_MIXED` random rows."""
    rows = rng.integers(len(Z), size=(N_MIXED, Z.shape[1]))
    shares = rng.dirichlet(np.ones(N_MIXED), Z.shape[1]).T
    mixed: NDArray[np.float64] = (np.take_along_axis(Z, rows, axis=0) * shares).sum(axis=0)
    return mixed


def _some(X: NDArray[np.floating], rng: np.random.Generator) -> NDArray[np.floating]:
    if len(X) <= MOST_EXAMPLES:
        return X
    return X[np.sort(rng.choice(len(X), MOST_EXAMPLES, replace=False))]
