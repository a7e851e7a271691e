"""What a step does to hidden layers alone: max-norm, and masks that are no one else's."""

import numpy as np
from numpy.typing import NDArray

from search_spaces.network.point import NetworkPoint, Optimizer
from workers.network.architecture import architecture_of
from workers.network.gradient_descent import GradientDescent
from workers.network.losses import SquaredError
from workers.network.network import Masks, Network

N_EXAMPLES, N_FEATURES = 50, 40


class RememberingNetwork(Network):
    """Keeps the masks of its last pass."""

    seen: Masks = ()

    def forward(
        self, X: NDArray[np.floating], masks: Masks | None = None, *, is_training: bool = False
    ) -> NDArray[np.floating]:
        """Return what the network gives."""
        self.seen = masks or ()
        return super().forward(X, masks, is_training=is_training)


def network_after_a_step(point: NetworkPoint) -> RememberingNetwork:
    architecture = architecture_of(point, n_features=N_FEATURES, n_units=1)
    parameters = np.random.default_rng(0).standard_normal(architecture.n_parameters)
    network = RememberingNetwork(architecture, parameters, largest_batch=N_EXAMPLES)
    loss, dropout_seed = SquaredError(1, dtype=np.float32), np.random.SeedSequence(0)
    descent = GradientDescent(network, loss, point, n_train=N_EXAMPLES, dropout_seed=dropout_seed)
    X, targets = np.zeros((N_EXAMPLES, N_FEATURES)), np.zeros((N_EXAMPLES, 1))
    descent.step(X, targets, learning_rate=1e-9, predictions=np.empty_like(targets))
    return network


def test_max_norm_leaves_the_output_layer_alone() -> None:
    point = NetworkPoint(optimizer=Optimizer.SGD, depth=2, width=9, max_norm=0.1)
    first, second, output = network_after_a_step(point).parameters.weights

    for hidden in (first, second):
        np.testing.assert_allclose(np.linalg.norm(hidden, axis=0), 0.1)
    assert np.linalg.norm(output) > 1


def test_features_and_units_are_dropped_independently() -> None:
    """Of two masks of 2000 entries half agree, within 4 standard errors."""
    point = NetworkPoint(depth=2, width=N_FEATURES, keep_prob=0.5, input_keep_prob=0.5)
    features, first, second = network_after_a_step(point).seen

    assert features is not None
    assert first is not None
    assert second is not None
    for one, other in ((features, first), (features, second), (first, second)):
        assert abs(np.mean(one == other) - 0.5) < 4 * 0.5 / np.sqrt(one.size)
