"""The network as a kind of model."""

import numpy as np
from numpy.typing import NDArray

from search_spaces.network.point import NetworkPoint
from search_spaces.point import Point
from workers.messages import State, TrainingRules
from workers.network.epoch_cost import epoch_cost
from workers.network.learner import PARAMETERS, NetworkLearner
from workers.network.prediction import predict
from workers.train_dev_data import Task, TrainDevData


class NetworkKind:
    """A fully connected network; its state is one array, of all parameters."""

    def learner(self, data: TrainDevData, point: Point, *, seed: int, rules: TrainingRules) -> NetworkLearner:
        """Return an untrained network: see `NetworkLearner`."""
        return NetworkLearner(data, of_network(point), seed=seed, rules=rules)

    def predict(
        self, state: State, point: Point, X: NDArray[np.float32], *, task: Task, n_outputs: int
    ) -> NDArray[np.float32]:
        """Return a trained network's predictions: see `workers.network.prediction.predict`."""
        return predict(state[PARAMETERS], of_network(point), X, task=task, n_outputs=n_outputs)

    def epoch_cost(self, point: Point, data: TrainDevData) -> float:
        """Return the length of an epoch: see `workers.network.epoch_cost`."""
        return epoch_cost(of_network(point), data)


NETWORK = NetworkKind()


def of_network(point: Point) -> NetworkPoint:
    """Return a point of networks as one.

    Raises
    ------
    TypeError
        It is of another kind.
    """
    if not isinstance(point, NetworkPoint):
        raise TypeError(f"expected a point of the kind network, got one of the kind {point.kind}")
    return point
