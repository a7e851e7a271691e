"""The network as a kind of model."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from search_spaces.network.point import NetworkPoint
from search_spaces.point import Point
from search_spaces.values import Value
from workers.messages import State, TrainingRules
from workers.network.architecture import embeds_numbers
from workers.network.augmentation.image_shape import insist_on_image_shape
from workers.network.augmentation.image_transforms import image_changes
from workers.network.epoch_cost import epoch_cost
from workers.network.learner import NUMERIC_FEATURES, PARAMETERS, NetworkLearner
from workers.network.losses import resolved_loss
from workers.network.prediction import predict
from workers.network.target_range import clip_into, clips_predictions, target_range
from workers.train_dev_data import Task, TrainDevData


def numeric_features(state: State) -> tuple[int, ...]:
    """Return which features are numbers, by the state of a network that embeds them.

    Raises
    ------
    LookupError
        It is not there.
    ValueError
        It is no row of whole numbers.
    """
    positions = state[NUMERIC_FEATURES]
    if positions.ndim != 1 or not np.issubdtype(positions.dtype, np.integer):
        raise ValueError(
            f"expected positions of features as a row of integers, got {positions.dtype} {positions.shape}"
        )
    return tuple(positions.tolist())


class NetworkKind:
    """A fully connected network; its state is one array, of all parameters.

    Where numbers are embedded there is another: which features are numbers. Where predictions are clipped,
    there is the train targets' range.
    """

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
        """Return a trained network's predictions, clipped if it clips: see `workers.network.prediction`."""
        network_point = NetworkPoint.of(point)
        predictions = predict(
            state[PARAMETERS],
            network_point,
            X,
            task=task,
            n_outputs=n_outputs,
            numeric_features=numeric_features(state) if embeds_numbers(network_point) else None,
        )
        if clips_predictions(network_point, task):
            clip_into(predictions, target_range(state, n_outputs=n_outputs))
        return predictions

    def epoch_cost(self, point: Point, data: TrainDevData) -> float:
        """Return the length of an epoch: see `workers.network.epoch_cost`."""
        return epoch_cost(NetworkPoint.of(point), data)


NETWORK = NetworkKind()
