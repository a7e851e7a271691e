"""How weights are drawn before training. Biases start at 0, which breaks no symmetry that weights keep.

`start` fits both to examples where that is asked for.
"""

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from search_spaces.network.point import (
    Activation,
    InitDistribution,
    InitScheme,
    NetworkPoint,
)
from workers.network.architecture import Parameters
from workers.network.periodic_embedding import N_WAVES, EmbeddingParameters

_HE_ACTIVATIONS = (Activation.RELU, Activation.LEAKY_RELU, Activation.GELU, Activation.MISH)


def weight_deviation(hyperparameters: NetworkPoint, *, n_in: int, n_out: int) -> float:
    """Return the standard deviation of a layer's weights at the start.

    | scheme      | variance               | keeps                                             | source      |
    |-------------|------------------------|---------------------------------------------------|-------------|
    | `he`        | 2 / (n_in (1 + a**2))  | activations under ReLU; a is `leaky_slope`, or 0  | He 2015     |
    | `xavier`    | 2 / (n_in + n_out)     | a compromise of activations and gradients (tanh)  | Glorot 2010 |
    | `xavier_in` | 1 / n_in               | activations under tanh: its form in course notes  | Glorot 2010 |
    | `lecun`     | 1 / n_in               | the same rule by its older name                   | LeCun 1998  |
    | `normal`    | `init_deviation` ** 2  | nothing: what vanishing and exploding look like   |             |
    | `zeros`     | 0                      | nothing: the units of a layer stay alike          |             |
    | `data`      | 1 / n_in, then fitted  | pre-activations, on the train set                 |             |

    `auto` is `he` for ReLU, leaky ReLU, GELU and Mish, `lecun` for SELU, which keeps activations with it
    (Klambauer et al. 2017), and `xavier` for tanh and sigmoid.

    Parameters
    ----------
    hyperparameters
        Scheme, activation, `leaky_slope` and `init_deviation` are read.
    n_in, n_out
        Units that the layer reads and units that it has.

    References
    ----------
    He et al. 2015, "Delving Deep into Rectifiers", eq. 10 and 15; Glorot and Bengio 2010, "Understanding the
    difficulty of training deep feedforward neural networks", eq. 10 and 12; LeCun et al. 1998, "Efficient
    BackProp", eq. 16.
    """
    match resolved_scheme(hyperparameters):
        case InitScheme.HE:
            is_leaky = hyperparameters.activation is Activation.LEAKY_RELU
            slope = hyperparameters.leaky_slope if is_leaky else 0.0
            return math.sqrt(2 / (n_in * (1 + slope**2)))
        case InitScheme.XAVIER:
            return math.sqrt(2 / (n_in + n_out))
        case InitScheme.NORMAL:
            return hyperparameters.init_deviation
        case InitScheme.ZEROS:
            return 0.0
        case InitScheme.XAVIER_IN | InitScheme.LECUN | InitScheme.DATA | InitScheme.AUTO:  # auto: resolved
            return math.sqrt(1 / n_in)


def resolved_scheme(hyperparameters: NetworkPoint) -> InitScheme:
    """Return the scheme that is used: what `auto` stands for, or the one that is named."""
    if hyperparameters.init_scheme is not InitScheme.AUTO:
        return hyperparameters.init_scheme
    if hyperparameters.activation is Activation.SELU:
        return InitScheme.LECUN
    return InitScheme.HE if hyperparameters.activation in _HE_ACTIVATIONS else InitScheme.XAVIER


def draw_parameters(
    parameters: Parameters, hyperparameters: NetworkPoint, *, rng: np.random.Generator
) -> None:
    """Overwrite a network's weights, and after them its embeddings, with draws."""
    draw_weights(parameters.weights, hyperparameters, rng=rng)
    if parameters.embedding is not None:
        draw_embedding(parameters.embedding, hyperparameters.embedding_frequency, rng=rng)


def draw_embedding(parameters: EmbeddingParameters, frequency: float, *, rng: np.random.Generator) -> None:
    """Overwrite embeddings' parameters with draws: frequencies normal, of mean 0 and the deviation given.

    Phases are uniform over a turn, so that each cosine is as likely to rise as to fall where numbers are
    dense; weights and biases are uniform within 1 / sqrt(`N_WAVES`), as PyTorch's linear layers begin.

    References
    ----------
    Holzmüller, Grinsztajn and Steinwart 2024, "Better by Default: Strong Pre-Tuned MLPs and Boosted Trees on
    Tabular Data", appendix A.
    """
    waves, bound = parameters.waves, 1 / math.sqrt(N_WAVES)
    waves[..., 0] = rng.normal(0.0, frequency, waves.shape[:2])
    waves[..., 1] = rng.uniform(-math.pi, math.pi, waves.shape[:2])
    parameters.weights[...] = rng.uniform(-bound, bound, parameters.weights.shape)
    parameters.biases[...] = rng.uniform(-bound, bound, parameters.biases.shape)


def draw_weights(
    weights: Iterable[NDArray[np.floating]],
    hyperparameters: NetworkPoint,
    *,
    rng: np.random.Generator,
) -> None:
    """Overwrite each layer's weights (n_in, n_out) with draws of mean 0 and deviation `weight_deviation`.

    The draws are made in float64 and rounded, so that float32 and float64 networks start alike. Uniform ones
    lie within sqrt(3) deviations. The scheme `normal` is normal whatever `init_distribution` says.
    """
    is_uniform = (
        hyperparameters.init_distribution is InitDistribution.UNIFORM
        and hyperparameters.init_scheme is not InitScheme.NORMAL
    )
    for W in weights:
        n_in, n_out = W.shape
        deviation = weight_deviation(hyperparameters, n_in=n_in, n_out=n_out)
        if is_uniform:
            W[...] = rng.uniform(-1.0, 1.0, W.shape) * (math.sqrt(3) * deviation)
        else:
            W[...] = rng.normal(0.0, deviation, W.shape)
