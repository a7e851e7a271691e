"""How activations and gradients spread through a network's layers before training, for good and bad inits."""

from dataclasses import dataclass

import numpy as np

from search_spaces.network.point import NetworkPoint
from workers.network.architecture import architecture_of
from workers.network.losses import make_loss
from workers.network.network import Network
from workers.network.start import start_network
from workers.network.watching import activation_spreads, gradient_spreads
from workers.train_dev_data import TrainDevData

N_EXAMPLES = 256
"""The most train examples that spreads are measured on."""

LARGEST_RATIO = 10.0
"""What a spread may grow or shrink by from one end of the network to the other."""


@dataclass(frozen=True, slots=True)
class Spreads:
    """Standard deviations by hidden layer, before any step.

    Attributes
    ----------
    activations
        Of each layer's activations.
    gradients
        Of the loss's gradient by each layer's pre-activations.
    """

    activations: tuple[float, ...]
    gradients: tuple[float, ...]

    @property
    def are_kept(self) -> bool:
        """Whether neither vanishes nor explodes: layers differ by at most `LARGEST_RATIO`, and none is 0."""
        return all(
            0 < max(spreads) <= LARGEST_RATIO * min(spreads) < np.inf
            for spreads in (self.activations, self.gradients)
        )


def measure_spreads(data: TrainDevData, hyperparameters: NetworkPoint, *, seed: int) -> Spreads:
    """Pass examples forward and back through an untrained network, in float64, without dropout.

    Parameters
    ----------
    data
        Of its train set the first `N_EXAMPLES` are used; an init that is fitted reads more.
    hyperparameters
        The network, its init and its loss.
    seed
        Source of the start.
    """
    X, y = data.X_train[:N_EXAMPLES].astype(np.float64), data.y_train[:N_EXAMPLES]
    loss = make_loss(
        hyperparameters,
        task=data.task,
        n_outputs=data.n_outputs,
        class_counts=data.class_counts,
        dtype=np.float64,
    )
    architecture = architecture_of(
        hyperparameters,
        n_features=X.shape[1],
        n_units=loss.n_units,
        numeric_features=data.numeric_features,
    )
    network = Network.untrained(architecture, largest_batch=len(X), dtype=np.float64)
    start_network(
        network,
        hyperparameters,
        data.X_train,
        initial_bias=loss.initial_bias,
        draws=np.random.default_rng(seed),
        fit=np.random.default_rng((seed, 1)),
    )
    targets, predictions = np.empty((2, len(X), data.n_outputs))
    output_gradient = np.empty((len(X), loss.n_units))
    loss.encode(y, targets)
    with np.errstate(over="ignore", invalid="ignore"):
        loss.predict_weighted(network.forward(X, is_training=True), predictions)
        loss.differentiate(predictions, targets, output_gradient)
        network.backward(output_gradient)
        return Spreads(activation_spreads(network, len(X)), gradient_spreads(network, len(X)))
