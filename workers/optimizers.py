"""The rules that turn gradients into steps. Each works in place on flat arrays and allocates nothing.

In the docstrings g is the gradient, p the parameters, t the number of the step from 1, all products are
elementwise. RMSProp and Adam keep their running averages without the factor (1 - decay), and put it into
the step's size: two passes over memory fewer, and the same steps but for rounding.
"""

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from search_spaces.hyperparameters import Hyperparameters, Optimizer

EPSILON = 1e-8
"""Added to a root mean square, so that a parameter without gradient does not divide by 0."""


class OptimizerRule(Protocol):
    """Changes parameters by their gradient, one step at a time."""

    def step(
        self, parameters: NDArray[np.floating], gradient: NDArray[np.floating], *, learning_rate: float
    ) -> None:
        """Overwrite the parameters (n_parameters,) with those after one step; the gradient stays."""


class SGD:
    """Stochastic gradient descent: p <- p - learning_rate * g (Robbins and Monro 1951)."""

    def __init__(self, parameters: NDArray[np.floating]) -> None:
        self._scratch = np.empty_like(parameters)

    def step(
        self, parameters: NDArray[np.floating], gradient: NDArray[np.floating], *, learning_rate: float
    ) -> None:
        """Overwrite the parameters with those after one step."""
        np.multiply(gradient, learning_rate, out=self._scratch)
        np.subtract(parameters, self._scratch, out=parameters)


class Momentum:
    """Classical momentum: v <- momentum * v - learning_rate * g; p <- p + v.

    The velocity holds the learning rates of its own steps, so a falling rate slows what comes, not what
    has been; PyTorch's velocity leaves the rate out.

    References
    ----------
    Polyak 1964, "Some methods of speeding up the convergence of iteration methods"; Sutskever et al. 2013,
    "On the importance of initialization and momentum in deep learning", eq. 1 and 2.
    """

    def __init__(self, parameters: NDArray[np.floating], momentum: float) -> None:
        self._momentum = momentum
        self._velocity = np.zeros_like(parameters)
        self._scratch = np.empty_like(parameters)

    def step(
        self, parameters: NDArray[np.floating], gradient: NDArray[np.floating], *, learning_rate: float
    ) -> None:
        """Overwrite the parameters with those after one step."""
        np.multiply(self._velocity, self._momentum, out=self._velocity)
        np.multiply(gradient, learning_rate, out=self._scratch)
        np.subtract(self._velocity, self._scratch, out=self._velocity)
        np.add(parameters, self._velocity, out=parameters)


class RMSProp:
    """RMSProp: s <- decay * s + (1 - decay) * g**2; p <- p - learning_rate * g / (sqrt(s) + EPSILON).

    References
    ----------
    Tieleman and Hinton 2012, "Lecture 6.5: rmsprop", Coursera: Neural Networks for Machine Learning.
    """

    def __init__(self, parameters: NDArray[np.floating], decay: float = 0.9) -> None:
        self._decay = decay
        self._squares = np.zeros_like(parameters)  # s / (1 - decay)
        self._scratch = np.empty_like(parameters)

    def step(
        self, parameters: NDArray[np.floating], gradient: NDArray[np.floating], *, learning_rate: float
    ) -> None:
        """Overwrite the parameters with those after one step."""
        squares, scratch = self._squares, self._scratch
        np.multiply(gradient, gradient, out=scratch)
        np.multiply(squares, self._decay, out=squares)
        np.add(squares, scratch, out=squares)
        root = math.sqrt(1 - self._decay)  # sqrt(s) = root * sqrt(squares)
        np.sqrt(squares, out=scratch)
        np.add(scratch, EPSILON / root, out=scratch)
        np.divide(gradient, scratch, out=scratch)
        np.multiply(scratch, learning_rate / root, out=scratch)
        np.subtract(parameters, scratch, out=parameters)


class Adam:
    """Adam: RMSProp of a running mean of gradients, both averages freed of their bias to the start's 0.

    m <- beta_1 * m + (1 - beta_1) * g; v <- beta_2 * v + (1 - beta_2) * g**2;
    p <- p - learning_rate * (m / (1 - beta_1**t)) / (sqrt(v / (1 - beta_2**t)) + EPSILON).

    References
    ----------
    Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization", algorithm 1.
    """

    def __init__(self, parameters: NDArray[np.floating], beta_1: float = 0.9, beta_2: float = 0.999) -> None:
        self._beta_1, self._beta_2 = beta_1, beta_2
        self._mean = np.zeros_like(parameters)  # m / (1 - beta_1)
        self._squares = np.zeros_like(parameters)  # v / (1 - beta_2)
        self._scratch = np.empty_like(parameters)
        self._t = 0

    def step(
        self, parameters: NDArray[np.floating], gradient: NDArray[np.floating], *, learning_rate: float
    ) -> None:
        """Overwrite the parameters with those after one step."""
        mean, squares, scratch = self._mean, self._squares, self._scratch
        self._t += 1
        np.multiply(mean, self._beta_1, out=mean)
        np.add(mean, gradient, out=mean)
        np.multiply(gradient, gradient, out=scratch)
        np.multiply(squares, self._beta_2, out=squares)
        np.add(squares, scratch, out=squares)
        # In the unbiased averages: m / (1 - beta_1**t) = share * mean, sqrt(v / ...) = root * sqrt(squares).
        share = (1 - self._beta_1) / (1 - self._beta_1**self._t)
        root = math.sqrt((1 - self._beta_2) / (1 - self._beta_2**self._t))
        np.sqrt(squares, out=scratch)
        np.add(scratch, EPSILON / root, out=scratch)
        np.divide(mean, scratch, out=scratch)
        np.multiply(scratch, learning_rate * share / root, out=scratch)
        np.subtract(parameters, scratch, out=parameters)


def optimizer_rule(hyperparameters: Hyperparameters, parameters: NDArray[np.floating]) -> OptimizerRule:
    """Return the rule that the hyperparameters name, for parameters of this shape and type."""
    match hyperparameters.optimizer:
        case Optimizer.SGD:
            return SGD(parameters)
        case Optimizer.MOMENTUM:
            return Momentum(parameters, hyperparameters.momentum)
        case Optimizer.RMSPROP:
            return RMSProp(parameters)
        case Optimizer.ADAM:
            return Adam(parameters)
