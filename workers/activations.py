"""Activation functions and their derivatives, in place. The output layer's functions are in `losses`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search_spaces.hyperparameters import Activation


@dataclass(frozen=True, slots=True)
class ActivationFunction:
    """A function g of a layer's pre-activations Z, and its derivative as a function of A = g(Z).

    Attributes
    ----------
    activate
        `activate(Z)` overwrites Z (n_examples, n_units) with g(Z).
    multiply_by_derivative
        `multiply_by_derivative(dA, A, scratch)` overwrites dA (n_examples, n_units) with dA * g'(Z), where
        scratch is a boolean array of the same shape to compute in and A may be overwritten.
    """

    activate: Callable[[NDArray[np.floating]], None]
    multiply_by_derivative: Callable[[NDArray[np.floating], NDArray[np.floating], NDArray[np.bool_]], None]


def relu(Z: NDArray[np.floating]) -> None:
    """Overwrite Z with max(Z, 0); NaN stays NaN."""
    np.maximum(Z, 0, out=Z)


def multiply_by_relu_derivative(
    dA: NDArray[np.floating], A: NDArray[np.floating], scratch: NDArray[np.bool_]
) -> None:
    """Overwrite dA with dA * [Z > 0]; the derivative at 0, which does not exist, is taken as 0."""
    np.greater(A, 0, out=scratch)
    np.multiply(dA, scratch, out=dA)


def tanh(Z: NDArray[np.floating]) -> None:
    """Overwrite Z with tanh(Z)."""
    np.tanh(Z, out=Z)


def multiply_by_tanh_derivative(
    dA: NDArray[np.floating], A: NDArray[np.floating], scratch: NDArray[np.bool_]
) -> None:
    """Overwrite dA with dA * (1 - A**2), and A with 1 - A**2."""
    del scratch
    np.multiply(A, A, out=A)
    np.subtract(1, A, out=A)
    np.multiply(dA, A, out=dA)


ACTIVATION_FUNCTIONS: Mapping[Activation, ActivationFunction] = {
    Activation.RELU: ActivationFunction(relu, multiply_by_relu_derivative),
    Activation.TANH: ActivationFunction(tanh, multiply_by_tanh_derivative),
}
