"""How fast each group of a network's parameters learns: factors of the learning rate.

A layer z = x W / sqrt(n_in) + b, with weights W of deviation 1, is the parametrization in which the neural
tangent kernel has a limit (Jacot, Gabriel and Hongler 2018, "Neural Tangent Kernel", section 2). It changes
nothing but how fast the layer's weights learn. So here weights stay what a product needs, and their steps
have the factor instead.
"""

import math

import numpy as np
from numpy.typing import NDArray

from search_spaces.network.point import LayerRates, NetworkPoint, Optimizer, Switch
from workers.network.architecture import Architecture, Parameters, embeds_numbers


def rate_factors(
    hyperparameters: NetworkPoint, architecture: Architecture, dtype: type[np.floating] = np.float32
) -> NDArray[np.floating] | None:
    """Return what each parameter's learning rate is multiplied by; None where that is 1 for all of them.

    Biases: `bias_rate`; embeddings: `embedding_rate`; features' scales: `feature_scale_rate`; shares of a
    mix: `activation_mix_rate`; weights into a layer: see `layer_factor`; all else: 1.

    Parameters
    ----------
    hyperparameters
        Optimizer and rates are read.
    architecture
        Of the network.
    dtype
        Of the parameters.

    Returns
    -------
    factors
        (n_trainable,), or None.
    """
    views = Parameters(np.ones(architecture.n_parameters, dtype), architecture)
    for W in views.weights:
        W.fill(layer_factor(hyperparameters, n_in=len(W)))
    if views.embedding is not None:
        views.embedding.flat.fill(hyperparameters.embedding_rate)
    for b in views.biases:
        b.fill(hyperparameters.bias_rate)
    if views.feature_scale is not None:
        views.feature_scale.fill(hyperparameters.feature_scale_rate)
    for shares in views.activation_shares:
        shares.fill(hyperparameters.activation_mix_rate)
    return views.trainable if has_own_rates(hyperparameters) else None


def has_own_rates(hyperparameters: NetworkPoint) -> bool:
    """Whether any parameter's learning rate has another factor than 1."""
    point = hyperparameters
    return (
        point.layer_rates is not LayerRates.EQUAL
        or point.bias_rate != 1
        or (embeds_numbers(point) and point.embedding_rate != 1)
        or (point.feature_scale is Switch.ON and point.feature_scale_rate != 1)
        or (point.activation_mix is Switch.ON and point.activation_mix_rate != 1)
    )


def layer_factor(hyperparameters: NetworkPoint, *, n_in: int) -> float:
    """Return the factor of the weights of a layer that reads `n_in` units.

    By `layer_rates`: equal: 1; fan_in: 1 / sqrt(n_in) with `adam`, `adamw` and `rmsprop`, and 1 / n_in with
    `sgd`, `momentum` and `nesterov`.

    So W moves as if it were V / sqrt(n_in), and V were trained. V has W's gradient divided by sqrt(n_in), and
    a step of V moves W by 1 / sqrt(n_in) of it. A plain step has both roots. A step of the first three does
    not depend on the gradient's size, and has one (their epsilon is sqrt(n_in) times less beside the gradient
    than it would be for V).

    Weight decay takes off a share of each weight, the same of V as of W, and so goes by the learning rate
    alone; proximal L1 is a step, and has the factor.
    """
    if hyperparameters.layer_rates is LayerRates.EQUAL:
        return 1.0
    match hyperparameters.optimizer:
        case Optimizer.ADAM | Optimizer.ADAMW | Optimizer.RMSPROP:
            return 1 / math.sqrt(n_in)
        case Optimizer.SGD | Optimizer.MOMENTUM | Optimizer.NESTEROV:
            return 1 / n_in
