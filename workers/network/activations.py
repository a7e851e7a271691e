"""Activation functions and their derivatives, in place. The output layer's functions are in `losses`.

A function g overwrites a layer's pre-activations Z with A = g(Z). What its derivative needs beyond A, and
room to compute in, is `scratch`, arrays of the layer's shape that belong to the layer.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, expit

from search_spaces.network.point import Activation, NetworkPoint

Floats = NDArray[np.floating]
Scratch = tuple[NDArray[Any], ...]
"""What a function has for itself in a layer, as its `scratch_types` say: (n_examples, n_units) each."""


@dataclass(frozen=True, slots=True)
class ActivationFunction:
    """A function of a layer's pre-activations, and the product with its derivative.

    Attributes
    ----------
    activate
        `activate(Z, scratch)` overwrites Z (n_examples, n_units) with A = g(Z).
    multiply_by_derivative
        `multiply_by_derivative(dA, A, scratch)` overwrites dA (n_examples, n_units) with dA * g'(Z); A stays,
        and scratch is as `activate` left it.
    scratch_types
        Of the arrays in `scratch`; None for the layer's own type.
    is_smooth
        Whether the derivative exists everywhere.
    """

    activate: Callable[[Floats, Scratch], None]
    multiply_by_derivative: Callable[[Floats, Floats, Scratch], None]
    scratch_types: tuple[type[np.bool_] | None, ...] = (None,)
    is_smooth: bool = True

    def scratch(self, shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> Scratch:
        """Return the room for a layer of this shape and type: zeros, and the function's own from then on."""
        return tuple(np.zeros(shape, kind or dtype) for kind in self.scratch_types)


def relu(Z: Floats, scratch: Scratch) -> None:
    """Overwrite Z with max(Z, 0); NaN stays NaN."""
    np.maximum(Z, scratch[0], out=Z)  # zeros: NumPy compares arrays three times as fast as with a number


def multiply_by_relu_derivative(dA: Floats, A: Floats, scratch: Scratch) -> None:
    """Overwrite dA with dA * [Z > 0]; the derivative at 0, which does not exist, is taken as 0."""
    zeros, slopes, is_positive = scratch
    np.greater(A, zeros, out=is_positive)
    slopes[...] = is_positive  # a comparison or a product that converts on the way takes twice as long
    dA *= slopes


def leaky_relu(Z: Floats, scratch: Scratch, *, slope: float) -> None:
    """Overwrite Z with max(Z, slope * Z), for a slope below 1 (Maas et al. 2013)."""
    np.multiply(Z, slope, out=scratch[0])
    np.maximum(Z, scratch[0], out=Z)


def multiply_by_leaky_relu_derivative(dA: Floats, A: Floats, scratch: Scratch, *, slope: float) -> None:
    """Overwrite dA with dA where Z > 0 and with slope * dA elsewhere."""
    slopes, is_positive = scratch
    np.greater(A, 0, out=is_positive)
    slopes[...] = is_positive
    slopes *= 1 - slope
    slopes += slope
    dA *= slopes


def tanh(Z: Floats, scratch: Scratch) -> None:
    """Overwrite Z with tanh(Z)."""
    del scratch
    np.tanh(Z, out=Z)


def multiply_by_tanh_derivative(dA: Floats, A: Floats, scratch: Scratch) -> None:
    """Overwrite dA with dA * (1 - A**2)."""
    np.multiply(A, A, out=scratch[0])
    np.subtract(1, scratch[0], out=scratch[0])
    np.multiply(dA, scratch[0], out=dA)


def sigmoid(Z: Floats, scratch: Scratch) -> None:
    """Overwrite Z with 1 / (1 + exp(-Z))."""
    del scratch
    expit(Z, out=Z)


def multiply_by_sigmoid_derivative(dA: Floats, A: Floats, scratch: Scratch) -> None:
    """Overwrite dA with dA * A * (1 - A)."""
    np.subtract(1, A, out=scratch[0])
    np.multiply(scratch[0], A, out=scratch[0])
    np.multiply(dA, scratch[0], out=dA)


def gelu(Z: Floats, scratch: Scratch) -> None:
    """Overwrite Z with Z * Phi(Z), Phi the normal distribution function: exact, not the tanh approximation.

    scratch[0] becomes the derivative, Phi(Z) + Z * phi(Z) with phi the normal density (Hendrycks and Gimpel
    2016, "Gaussian Error Linear Units").
    """
    Phi, phi = scratch
    np.multiply(Z, Z, out=phi)
    np.multiply(phi, -0.5, out=phi)
    np.exp(phi, out=phi)
    np.multiply(phi, 1 / math.sqrt(2 * math.pi), out=phi)
    np.multiply(phi, Z, out=phi)
    np.multiply(Z, 1 / math.sqrt(2), out=Phi)
    erf(Phi, out=Phi)
    np.add(Phi, 1, out=Phi)
    np.multiply(Phi, 0.5, out=Phi)
    np.multiply(Z, Phi, out=Z)
    np.add(Phi, phi, out=Phi)


def multiply_by_gelu_derivative(dA: Floats, A: Floats, scratch: Scratch) -> None:
    """Overwrite dA with dA times the derivative that `gelu` left."""
    del A
    np.multiply(dA, scratch[0], out=dA)


SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805
"""Those with which units of mean 0 and variance 1 stay so (Klambauer et al. 2017, eq. 14)."""


def selu(Z: Floats, scratch: Scratch) -> None:
    """Overwrite Z with scale * Z where Z > 0, and with scale * alpha * (exp(Z) - 1) elsewhere.

    scale = 1.0507 and alpha = 1.6733 (Klambauer et al. 2017, "Self-Normalizing Neural Networks", eq. 2).
    """
    zeros, below, _, _ = scratch
    np.minimum(Z, zeros, out=below)
    np.exp(below, out=below)
    np.subtract(below, 1, out=below)
    np.multiply(below, SELU_SCALE * SELU_ALPHA, out=below)
    np.maximum(Z, zeros, out=Z)
    np.multiply(Z, SELU_SCALE, out=Z)
    np.add(Z, below, out=Z)


def multiply_by_selu_derivative(dA: Floats, A: Floats, scratch: Scratch) -> None:
    """Overwrite dA with scale * dA where Z > 0, and with (A + scale * alpha) * dA elsewhere."""
    zeros, below, slopes, is_above = scratch
    np.greater(A, zeros, out=is_above)
    slopes[...] = is_above
    slopes *= SELU_SCALE - SELU_SCALE * SELU_ALPHA
    slopes += SELU_SCALE * SELU_ALPHA
    np.minimum(A, zeros, out=below)
    slopes += below
    dA *= slopes


MISH_CEILING = 20.0
"""Above it Mish is Z to the last bit of float64, and its formula's powers of e stay within float32."""


def mish(Z: Floats, scratch: Scratch) -> None:
    """Overwrite Z with Z * tanh(log(1 + exp(Z))) (Misra 2019, "Mish").

    With e = exp(Z) and n = e * (e + 2), it is Z * n / (n + 2). scratch[0] becomes the derivative,
    n / (n + 2) + 4 * Z * e * (e + 1) / (n + 2)**2.
    """
    slopes, capped, powers = scratch
    np.minimum(Z, MISH_CEILING, out=capped)
    np.exp(capped, out=powers)
    np.add(powers, 2, out=slopes)
    slopes *= powers
    np.subtract(slopes, powers, out=powers)  # e * (e + 1)
    capped *= powers
    capped *= 4
    np.add(slopes, 2, out=powers)
    slopes /= powers
    Z *= slopes
    capped /= powers
    capped /= powers
    slopes += capped


def multiply_by_mish_derivative(dA: Floats, A: Floats, scratch: Scratch) -> None:
    """Overwrite dA with dA times the derivative that `mish` left."""
    del A
    np.multiply(dA, scratch[0], out=dA)


def activation_function(hyperparameters: NetworkPoint) -> ActivationFunction:  # noqa: PLR0911 (each its own)
    """Return the activation that the hyperparameters name, with its slope where it has one."""
    match hyperparameters.activation:
        case Activation.RELU:
            types = (None, None, np.bool_)
            return ActivationFunction(relu, multiply_by_relu_derivative, types, is_smooth=False)
        case Activation.LEAKY_RELU:
            slope = hyperparameters.leaky_slope
            return ActivationFunction(
                partial(leaky_relu, slope=slope),
                partial(multiply_by_leaky_relu_derivative, slope=slope),
                (None, np.bool_),
                is_smooth=False,
            )
        case Activation.TANH:
            return ActivationFunction(tanh, multiply_by_tanh_derivative)
        case Activation.SIGMOID:
            return ActivationFunction(sigmoid, multiply_by_sigmoid_derivative)
        case Activation.GELU:
            return ActivationFunction(gelu, multiply_by_gelu_derivative, (None, None))
        case Activation.SELU:
            return ActivationFunction(
                selu, multiply_by_selu_derivative, (None, None, None, np.bool_), is_smooth=False
            )
        case Activation.MISH:
            return ActivationFunction(mish, multiply_by_mish_derivative, (None, None, None))
