"""How weights are drawn before training. Biases start at 0, which breaks no symmetry that weights keep."""

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from search_spaces.hyperparameters import InitScheme


def weight_deviation(scheme: InitScheme, *, n_in: int, n_out: int, init_deviation: float) -> float:
    """Return the standard deviation of a layer's weights at the start.

    He: sqrt(2 / n_in), which keeps the variance of activations from layer to layer under ReLU, where half
    of the units are 0. Xavier: sqrt(2 / (n_in + n_out)), the compromise between the variances of
    activations and of gradients under tanh. LeCun: sqrt(1 / n_in). Normal: `init_deviation`, whatever the
    layer; a contrast that shows how activations vanish or explode with depth.

    Parameters
    ----------
    scheme
        Which of the four.
    n_in, n_out
        Units that the layer reads and units that it has.
    init_deviation
        The deviation of `normal`; read by no other scheme.

    References
    ----------
    He et al. 2015, "Delving Deep into Rectifiers", eq. 10; Glorot and Bengio 2010, "Understanding the
    difficulty of training deep feedforward neural networks", eq. 12; LeCun et al. 1998, "Efficient
    BackProp", eq. 16.
    """
    match scheme:
        case InitScheme.HE:
            return math.sqrt(2 / n_in)
        case InitScheme.XAVIER:
            return math.sqrt(2 / (n_in + n_out))
        case InitScheme.LECUN:
            return math.sqrt(1 / n_in)
        case InitScheme.NORMAL:
            return init_deviation


def draw_weights(
    weights: Iterable[NDArray[np.floating]],
    scheme: InitScheme,
    *,
    init_deviation: float,
    rng: np.random.Generator,
) -> None:
    """Overwrite each layer's weights (n_in, n_out) with draws from N(0, `weight_deviation` squared).

    The draws are made in float64 and rounded, so that float32 and float64 networks start alike.
    """
    for W in weights:
        n_in, n_out = W.shape
        deviation = weight_deviation(scheme, n_in=n_in, n_out=n_out, init_deviation=init_deviation)
        W[...] = rng.normal(0.0, deviation, W.shape)
