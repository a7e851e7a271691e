"""The network as nodes: its layers as they predict, without dropout, in float32."""

import math

import numpy as np
from numpy.typing import NDArray

from search_spaces.hyperparameters import Activation, Hyperparameters
from service.winner.models.onnx_export.tensor_graph import Tensor
from workers.architecture import Parameters, architecture_of
from workers.batch_normalization import EPSILON


def output_units(
    X: Tensor, hyperparameters: Hyperparameters, flat: NDArray[np.float32], *, n_inputs: int, n_units: int
) -> Tensor:
    """Return the output layer's pre-activations, float32 (n_examples, n_units).

    Parameters
    ----------
    X
        The inputs, float32 (n_examples, n_inputs).
    hyperparameters
        Those that the network was trained with.
    flat
        Its parameters (n_parameters,).
    n_inputs, n_units
        Sizes of the first and the last layer.
    """
    architecture = architecture_of(hyperparameters, n_features=n_inputs, n_units=n_units)
    parameters = Parameters(flat, architecture)
    A = X if parameters.feature_scale is None else X * parameters.feature_scale
    n_hidden = len(architecture.sizes) - 2
    for layer, (W, b) in enumerate(zip(parameters.weights, parameters.biases, strict=True)):
        if layer < len(parameters.gains):
            A = A.apply("MatMul", W).apply(
                "BatchNormalization",
                parameters.gains[layer],
                b,
                parameters.running_means[layer],
                parameters.running_variances[layer],
                epsilon=EPSILON,
            )
        else:
            A = A.apply("Gemm", W, b)
        if layer < n_hidden:
            A = activated(A, hyperparameters)
    return A


def activated(Z: Tensor, hyperparameters: Hyperparameters) -> Tensor:
    """Return g(Z), elementwise: the activation that the hyperparameters name."""
    match hyperparameters.activation:
        case Activation.RELU:
            return Z.apply("Relu")
        case Activation.LEAKY_RELU:
            return Z.apply("LeakyRelu", alpha=hyperparameters.leaky_slope)
        case Activation.TANH:
            return Z.apply("Tanh")
        case Activation.SIGMOID:
            return Z.apply("Sigmoid")
        case Activation.GELU:
            return Z * (((Z * (1 / math.sqrt(2))).apply("Erf") + 1) * 0.5)
