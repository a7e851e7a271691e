"""The network as a kind of model."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from search_spaces.network.point import NetworkPoint
from search_spaces.point import Point
from search_spaces.values import Value
from workers.messages import State, TrainingRules
from workers.network.augmentation.image_shape import insist_on_image_shape
from workers.network.augmentation.image_transforms import image_changes
from workers.network.epoch_cost import epoch_cost
from workers.network.learner import PARAMETERS, NetworkLearner
from workers.network.losses import resolved_loss
from workers.network.prediction import predict
from workers.train_dev_data import Task, TrainDevData


class NetworkKind:
    """A fully connected network; its state is one array, of all parameters."""

    def insist_on_fit(self, values: Mapping[str, Sequence[Value]], data: TrainDevData) -> None:
        """Refuse a loss for another task or number of classes, and changes of images where there are none."""
        for loss in values.get("loss", ()):
            try:
                point = NetworkPoint.model_validate({"loss": loss})
                resolved_loss(point, task=data.task, n_outputs=data.n_outputs)
            except ValueError as error:
                raise ValueError(f"loss: {error}") from error
        for name in image_changes(values):
            try:
                insist_on_image_shape(data.image_shape, n_features=data.X_train.shape[1])
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from error

    def prepare_training(self) -> None:
        """Do nothing: all is imported."""

    def learner(self, data: TrainDevData, point: Point, *, seed: int, rules: TrainingRules) -> NetworkLearner:
        """Return an untrained network: see `NetworkLearner`."""
        return NetworkLearner(data, NetworkPoint.of(point), seed=seed, rules=rules)

    def predict(
        self, state: State, point: Point, X: NDArray[np.float32], *, task: Task, n_outputs: int
    ) -> NDArray[np.float32]:
        """Return a trained network's predictions: see `workers.network.prediction.predict`."""
        return predict(state[PARAMETERS], NetworkPoint.of(point), X, task=task, n_outputs=n_outputs)

    def epoch_cost(self, point: Point, data: TrainDevData) -> float:
        """Return the length of an epoch: see `workers.network.epoch_cost`."""
        return epoch_cost(NetworkPoint.of(point), data)


NETWORK = NetworkKind()
