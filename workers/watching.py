"""What is watched while a network trains: spreads through its layers, and whether it still learns.

Spreads that shrink or grow from layer to layer are vanishing and exploding activations and gradients (Glorot
and Bengio 2010, section 4.2).
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from workers.failures import DeadError, DivergedError
from workers.network import Network
from workers.prediction import BLOCK_SIZE

FLAT_EPOCHS = 5
"""Epochs without any change of the train loss after which a network counts as dead."""

FLAT_CHANGE = 1e-6
"""Relative change of the train loss below which it has not changed: a few roundings of float32."""


def activation_spreads(network: Network, n_examples: int) -> tuple[float, ...]:
    """Return the standard deviation of each hidden layer's activations over a batch, after a pass."""
    return tuple(_spread(layer.A[:n_examples]) for layer in network.layers[:-1])


def gradient_spreads(network: Network, n_examples: int) -> tuple[float, ...]:
    """Return that of the loss's gradient by each hidden layer's pre-activations, after `backward`."""
    return tuple(_spread(layer.dZ[:n_examples]) for layer in network.layers[:-1])


def insist_on_finite(figures: Mapping[str, float], *, epoch: int, learning_rate: float) -> None:
    """Refuse figures that are NaN or infinite.

    Parameters
    ----------
    figures
        By what they are, in words.
    epoch, learning_rate
        For the message.

    Raises
    ------
    DivergedError
        Naming the first that is not finite.
    """
    for name, value in figures.items():
        if not math.isfinite(value):
            raise DivergedError(
                f"diverged in epoch {epoch}: {name} became {value} (learning rate {learning_rate})"
            )


def insist_on_life(
    network: Network, *, trained: Network, n_last: int, X: NDArray[np.floating], epoch: int
) -> None:
    """Refuse a network in which a hidden layer is 0 for every train example, and has no gradient either.

    With ReLU that is a layer whose units are all off: no gradient passes it, so it stays so. The last
    mini-batch is looked at first; all train examples only where that one is dead.

    Parameters
    ----------
    network
        For predictions, of `BLOCK_SIZE` examples at a time.
    trained
        The same parameters, as the last step left its buffers.
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
    for index, layer in enumerate(trained.layers[:-1]):
        if layer.A[:n_last].any() or layer.dZ[:n_last].any():
            continue
        if all(
            _is_off(network, index, X[start : start + BLOCK_SIZE]) for start in range(0, len(X), BLOCK_SIZE)
        ):
            raise DeadError(
                f"dead in epoch {epoch}: hidden layer {index + 1} is 0 for every train example, "
                "and no gradient passes it"
            )


def insist_on_movement(train_losses: Sequence[float]) -> None:
    """Refuse a train loss that has stood still for `FLAT_EPOCHS` epochs, from the first on.

    Parameters
    ----------
    train_losses
        After each epoch.

    Raises
    ------
    DeadError
        Saying where it stands.
    """
    if len(train_losses) == FLAT_EPOCHS and all(
        abs(later - earlier) <= FLAT_CHANGE * abs(earlier) for earlier, later in pairwise(train_losses)
    ):
        raise DeadError(
            f"dead: the train loss has stood still at {train_losses[0]:.6g} since the first of "
            f"{FLAT_EPOCHS} epochs"
        )


def _is_off(network: Network, layer: int, X: NDArray[np.floating]) -> bool:
    network.forward(X)
    return not network.layers[layer].A[: len(X)].any()


def _spread(values: NDArray[np.floating]) -> float:
    """Return the standard deviation by two products, a third of the time of `np.std`."""
    flat = values.reshape(-1)
    mean = float(np.add.reduce(flat)) / flat.size
    return math.sqrt(max(0.0, float(np.dot(flat, flat)) / flat.size - mean * mean))
