"""The rules that turn gradients into steps. Each works in place on flat arrays and allocates nothing.

In the docstrings g is the gradient, p the parameters, t the number of the step from 1, all products are
elementwise, and learning_rate is a parameter's own where they have factors. RMSProp and Adam keep their
running averages without the factor (1 - decay), and put it into the step's size: two passes over memory
fewer, and the same steps but for rounding.

A rule's passes go block by block, all of them over one block before the next. What they multiply by or add is
kept as an array without axes, of the parameters' type: NumPy makes one of any other number, which takes as
long as a pass over a thousand parameters.
"""

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from search_spaces.network.point import NetworkPoint, Optimizer
from workers.network.blocks import blocks

EPSILON = 1e-8
"""Added to a root mean square, so that a parameter without gradient does not divide by 0."""

Floats = NDArray[np.floating]


class OptimizerRule(Protocol):
    """Changes parameters by their gradient, both known to it from its construction, one step at a time."""

    def step(self, learning_rate: float) -> None:
        """Overwrite the parameters (n_parameters,) with those after one step; the gradient stays."""


RatedBlock = tuple[Floats | None, tuple[Floats, ...]]
"""Views of a rule's arrays, and of its learning rates' factors where they are not all 1."""


def _rated_blocks(factors: Floats | None, *arrays: Floats) -> list[RatedBlock]:
    if factors is None:
        return [(None, block) for block in blocks(*arrays)]
    return [(block[0], block[1:]) for block in blocks(factors, *arrays)]


class SGD:
    """Stochastic gradient descent: p <- p - learning_rate * g (Robbins and Monro 1951)."""

    def __init__(self, parameters: Floats, gradient: Floats, factors: Floats | None) -> None:
        self._blocks = _rated_blocks(factors, parameters, gradient)
        self._rate = np.empty((), parameters.dtype)

    def step(self, learning_rate: float) -> None:
        """Overwrite the parameters with those after one step."""
        self._rate[()] = learning_rate
        for factors, block in self._blocks:
            p, g, scratch = block
            np.multiply(g, self._rate, out=scratch)
            if factors is not None:
                scratch *= factors
            p -= scratch


class Momentum:
    """Classical momentum: v <- momentum * v - learning_rate * g; p <- p + v.

    The velocity holds the learning rates of its own steps, so a falling rate slows what comes, not what
    has been; PyTorch's velocity leaves the rate out.

    References
    ----------
    Polyak 1964, "Some methods of speeding up the convergence of iteration methods"; Sutskever et al. 2013,
    "On the importance of initialization and momentum in deep learning", eq. 1 and 2.
    """

    def __init__(self, parameters: Floats, gradient: Floats, factors: Floats | None, momentum: float) -> None:
        self._momentum, self._rate = np.array(momentum, parameters.dtype), np.empty((), parameters.dtype)
        self._blocks = _rated_blocks(factors, parameters, gradient, np.zeros_like(parameters))

    def step(self, learning_rate: float) -> None:
        """Overwrite the parameters with those after one step."""
        self._rate[()] = learning_rate
        for factors, block in self._blocks:
            p, g, velocity, scratch = block
            velocity *= self._momentum
            np.multiply(g, self._rate, out=scratch)
            if factors is not None:
                scratch *= factors
            velocity -= scratch
            p += velocity


class Nesterov:
    """Nesterov's momentum: v <- momentum * v - learning_rate * g; p <- p + momentum * v - learning_rate * g.

    p is the point that the gradient is taken at, already moved ahead by momentum * v: the form that needs no
    gradient elsewhere (Bengio et al. 2013, "Advances in Optimizing Recurrent Networks", eq. 6 and 7), as
    PyTorch has it.

    References
    ----------
    Nesterov 1983, "A method for solving the convex programming problem with convergence rate O(1/k^2)";
    Sutskever et al. 2013, eq. 3 and 4.
    """

    def __init__(self, parameters: Floats, gradient: Floats, factors: Floats | None, momentum: float) -> None:
        self._momentum, self._rate = np.array(momentum, parameters.dtype), np.empty((), parameters.dtype)
        self._blocks = _rated_blocks(factors, parameters, gradient, np.zeros_like(parameters))

    def step(self, learning_rate: float) -> None:
        """Overwrite the parameters with those after one step."""
        self._rate[()] = learning_rate
        for factors, block in self._blocks:
            p, g, velocity, scratch = block
            velocity *= self._momentum
            np.multiply(g, self._rate, out=scratch)
            if factors is not None:
                scratch *= factors
            velocity -= scratch
            p -= scratch
            np.multiply(velocity, self._momentum, out=scratch)
            p += scratch


class RMSProp:
    """RMSProp: s <- decay * s + (1 - decay) * g**2; p <- p - learning_rate * g / (sqrt(s) + EPSILON).

    References
    ----------
    Tieleman and Hinton 2012, "Lecture 6.5: rmsprop", Coursera: Neural Networks for Machine Learning.
    """

    def __init__(self, parameters: Floats, gradient: Floats, factors: Floats | None, decay: float) -> None:
        self._root = math.sqrt(1 - decay)  # sqrt(s) = root * sqrt(squares)
        self._decay = np.array(decay, parameters.dtype)
        self._epsilon = np.array(EPSILON / self._root, parameters.dtype)
        self._size = np.empty((), parameters.dtype)
        squares = np.zeros_like(parameters)  # s / (1 - decay)
        self._blocks = _rated_blocks(factors, parameters, gradient, squares)

    def step(self, learning_rate: float) -> None:
        """Overwrite the parameters with those after one step."""
        self._size[()] = learning_rate / self._root
        for factors, block in self._blocks:
            p, g, squares, scratch = block
            np.multiply(g, g, out=scratch)
            squares *= self._decay
            squares += scratch
            np.sqrt(squares, out=scratch)
            scratch += self._epsilon
            np.divide(g, scratch, out=scratch)
            scratch *= self._size
            if factors is not None:
                scratch *= factors
            p -= scratch


class Adam:
    """Adam: RMSProp of a running mean of gradients, both averages freed of their bias to the start's 0.

    m <- beta_1 * m + (1 - beta_1) * g; v <- beta_2 * v + (1 - beta_2) * g**2;
    p <- p - learning_rate * (m / (1 - beta_1**t)) / (sqrt(v / (1 - beta_2**t)) + EPSILON).

    References
    ----------
    Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization", algorithm 1.
    """

    def __init__(
        self, parameters: Floats, gradient: Floats, factors: Floats | None, beta_1: float, beta_2: float
    ) -> None:
        self._beta_1, self._beta_2 = beta_1, beta_2
        dtype = parameters.dtype
        self._factor_1, self._factor_2 = np.array(beta_1, dtype), np.array(beta_2, dtype)
        self._epsilon, self._size = np.empty((), dtype), np.empty((), dtype)
        averages = np.zeros((2, len(parameters)), dtype)  # m / (1 - beta_1) and v / (1 - beta_2)
        self._blocks = _rated_blocks(factors, parameters, gradient, *averages)
        self._t = 0

    def step(self, learning_rate: float) -> None:
        """Overwrite the parameters with those after one step."""
        self._t += 1
        beta_1, beta_2 = self._beta_1, self._beta_2
        # In the unbiased averages: m / (1 - beta_1**t) = share * mean, sqrt(v / ...) = root * sqrt(squares).
        share = (1 - beta_1) / (1 - beta_1**self._t)
        root = math.sqrt((1 - beta_2) / (1 - beta_2**self._t))
        self._epsilon[()] = EPSILON / root
        self._size[()] = learning_rate * share / root
        for factors, block in self._blocks:
            p, g, mean, squares, scratch = block
            mean *= self._factor_1
            mean += g
            np.multiply(g, g, out=scratch)
            squares *= self._factor_2
            squares += scratch
            np.sqrt(squares, out=scratch)
            scratch += self._epsilon
            np.divide(mean, scratch, out=scratch)
            scratch *= self._size
            if factors is not None:
                scratch *= factors
            p -= scratch


class AdamW:
    """Adam with decoupled weight decay: weights <- (1 - learning_rate * decay) * weights before each step.

    Unlike L2, the decay does not pass through the running averages, and so is the same for every weight;
    unlike in PyTorch, biases and scales do not decay. Embeddings of numbers do, in all that they have. The
    learning rate here is the one without factors.

    Attributes
    ----------
    decay
        Share of every weight, times the learning rate, taken off in a step; it may be changed between steps.

    References
    ----------
    Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", algorithm 2.
    """

    def __init__(self, adam: Adam, weights: Floats, decay: float) -> None:
        self._adam, self._weights, self.decay = adam, weights, decay
        self._kept = np.empty((), weights.dtype)

    def step(self, learning_rate: float) -> None:
        """Overwrite the parameters with those after one step."""
        self._kept[()] = 1 - learning_rate * self.decay
        self._weights *= self._kept
        self._adam.step(learning_rate)


def optimizer_rule(
    hyperparameters: NetworkPoint,
    parameters: Floats,
    gradient: Floats,
    *,
    n_weights: int,
    factors: Floats | None = None,
) -> OptimizerRule:
    """Return the rule that the hyperparameters name.

    Parameters
    ----------
    hyperparameters
        The rule and what it reads.
    parameters, gradient
        What it changes, and by what (n_parameters,), weights first.
    n_weights
        How many of them are weights, which decay.
    factors
        What the learning rate of each parameter is multiplied by (n_parameters,); None for 1.
    """
    point = hyperparameters
    match point.optimizer:
        case Optimizer.SGD:
            return SGD(parameters, gradient, factors)
        case Optimizer.MOMENTUM:
            return Momentum(parameters, gradient, factors, point.momentum)
        case Optimizer.NESTEROV:
            return Nesterov(parameters, gradient, factors, point.momentum)
        case Optimizer.RMSPROP:
            return RMSProp(parameters, gradient, factors, point.squares_decay)
        case Optimizer.ADAM:
            return Adam(parameters, gradient, factors, point.beta_1, point.beta_2)
        case Optimizer.ADAMW:
            adam = Adam(parameters, gradient, factors, point.beta_1, point.beta_2)
            return AdamW(adam, parameters[:n_weights], point.weight_decay)
