"""Checks while a network trains: spreads through its layers, and whether it still learns.

Spreads that shrink or grow from layer to layer are vanishing and exploding activations and gradients (Glorot
and Bengio 2010, section 4.2).
"""

import math

import numpy as np
from numpy.typing import NDArray

from workers.failures import DeadError
from workers.network.network import Network

NUMBERS_AT_ONCE = 8_192
"""Numbers that are looked at together, in float64: 64 KiB."""

EXAMPLES_AT_ONCE = 128
"""Train examples that are looked at together, where a layer may be dead."""

SMALLEST_MOVE = 1e-9
"""Of the largest parameter: far less than a rounding of float32, which a bias of 0 may still make."""


def activation_spreads(network: Network, n_examples: int) -> tuple[float, ...]:
    """Return the standard deviation of each hidden layer's activations over a batch, after a pass."""
    return tuple(_spread(layer.A[:n_examples]) for layer in network.layers[:-1])


def gradient_spreads(network: Network, n_examples: int) -> tuple[float, ...]:
    """Return that of the loss's gradient by each hidden layer's pre-activations, after `backward`."""
    return tuple(_spread(layer.dZ[:n_examples]) for layer in network.layers[:-1])


def insist_on_life(network: Network, *, n_last: int, X: NDArray[np.floating], epoch: int) -> None:
    """Refuse a network in which a hidden layer is 0 for every train example, and has no gradient either.

    With ReLU that is a layer whose units are all off: no gradient passes it, so it stays so. The last
    mini-batch is looked at first; all train examples only where that one is dead.

    Parameters
    ----------
    network
        As the last step left it; its buffers stay so.
    n_last
        Examples of the last mini-batch.
    X
        The train set's features (n_examples, n_features).
    epoch
        For the message.

    Raises
    ------
    DeadError
        Naming the layer.
    """
    for index, layer in enumerate(network.layers[:-1]):
        if layer.A[:n_last].any() or layer.dZ[:n_last].any() or _learns_its_mix(network, index):
            continue
        apart = Network(network.architecture, network.parameters.flat, largest_batch=EXAMPLES_AT_ONCE)
        batches = (X[start : start + EXAMPLES_AT_ONCE] for start in range(0, len(X), EXAMPLES_AT_ONCE))
        if all(_is_off(apart, index, batch) for batch in batches):
            raise DeadError(
                f"dead in epoch {epoch}: hidden layer {index + 1} is 0 for every train example, "
                "and no gradient passes it"
            )


def insist_on_movement(parameters: NDArray[np.floating], *, initial: NDArray[np.floating]) -> None:
    """Refuse a first epoch in which no parameter moved more than next to nothing: nothing will.

    A loss that stands still while parameters move is another matter: small weights in deep networks begin so.

    Parameters
    ----------
    parameters, initial
        Those that are trained, now and before the first step (n_trainable,).

    Raises
    ------
    DeadError
        None moved.
    """
    largest = float(max(np.max(initial), -np.min(initial)))
    for start in range(0, len(parameters), NUMBERS_AT_ONCE):
        part = slice(start, start + NUMBERS_AT_ONCE)
        if np.max(np.abs(parameters[part] - initial[part])) > SMALLEST_MOVE * largest:
            return
    raise DeadError("dead in epoch 1: no step moved any parameter, so the train loss stands still")


def _learns_its_mix(network: Network, layer: int) -> bool:
    """Whether units that are off are learning to let their input through."""
    of_shares = network.gradient.activation_shares
    return bool(of_shares) and bool(of_shares[layer].any())


def _is_off(network: Network, layer: int, X: NDArray[np.floating]) -> bool:
    network.forward(X)
    return not network.layers[layer].A[: len(X)].any()


def _spread(values: NDArray[np.floating]) -> float:
    """Return the standard deviation, from sums in float64: of numbers far from 0, and of large ones too."""
    flat = values.reshape(-1)
    total = squares = 0.0
    for start in range(0, flat.size, NUMBERS_AT_ONCE):
        part = flat[start : start + NUMBERS_AT_ONCE].astype(np.float64)
        total += float(np.add.reduce(part))
        squares += float(np.dot(part, part))
    mean = total / flat.size
    variance = squares / flat.size - mean * mean
    return math.sqrt(variance) if not variance < 0 else 0.0
