"""A center a class, which goes from a random place towards its examples' mean, an epoch at a time."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from search_spaces.point import Point
from search_spaces.values import Value
from tests.tiny_kind.space import TinyPoint
from workers.failures import insist_on_finite
from workers.messages import State, TrainingRules
from workers.model_kind import Advance
from workers.train_dev_data import Task, TrainDevData

CENTERS = "centers"


class TinyLearner:
    """Centers as they move."""

    def __init__(self, data: TrainDevData, point: TinyPoint, *, seed: int) -> None:
        self._data, self._point, self._epochs = data, point, 0
        shape = (data.n_outputs, data.X_train.shape[1])
        self._means = np.array([data.X_train[data.y_train == k].mean(axis=0) for k in range(data.n_outputs)])
        self._centers = np.random.default_rng(seed).normal(size=shape)
        self._kept = self._centers.copy()

    def advance(self) -> Advance:
        """Move the centers."""
        self._centers += self._point.rate * (self._means - self._centers)
        self._epochs += 1
        distance = float(np.abs(self._means - self._centers).mean())
        return Advance(train_loss=distance, train_cost=distance, details={"distance": distance})

    def predict_dev(self, out: NDArray[np.float32]) -> None:
        """Write the dev set's probabilities."""
        np.copyto(out, _probabilities(self._centers, self._point, self._data.X_dev))

    def check(self, figures: Mapping[str, float]) -> None:
        """Refuse what is not finite."""
        insist_on_finite(figures, epoch=self._epochs)

    def keep(self) -> None:
        """Remember the centers."""
        self._kept = self._centers.copy()

    @property
    def kept_state(self) -> State:
        """The centers that were remembered."""
        return {CENTERS: self._kept.copy()}

    @property
    def kept_figures(self) -> Mapping[str, float]:
        """The farthest of them from 0."""
        return {"farthest_center": float(np.sqrt(np.square(self._kept).sum(axis=1)).max())}


class TinyKind:
    """The kind."""

    def insist_on_fit(self, values: Mapping[str, Sequence[Value]], data: TrainDevData) -> None:
        """Refuse a regression."""
        if data.task is not Task.CLASSIFICATION:
            raise ValueError(f"{next(iter(values), 'rate')}: expected classes, got numbers")

    def prepare_training(self) -> None:
        """Do nothing: all is imported."""

    def learner(self, data: TrainDevData, point: Point, *, seed: int, rules: TrainingRules) -> TinyLearner:  # noqa: ARG002
        """Return centers at random places."""
        return TinyLearner(data, TinyPoint.of(point), seed=seed)

    def predict(
        self,
        state: State,
        point: Point,
        X: NDArray[np.float32],
        *,
        task: Task,  # noqa: ARG002
        n_outputs: int,  # noqa: ARG002
    ) -> NDArray[np.float32]:
        """Return probabilities."""
        return _probabilities(state[CENTERS], TinyPoint.of(point), X)

    def epoch_cost(self, point: Point, data: TrainDevData) -> float:  # noqa: ARG002
        """Return about a nanosecond a number."""
        return 1e-9 * data.X_train.size


TINY = TinyKind()


def _probabilities(
    centers: NDArray[np.floating], point: TinyPoint, X: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the softmax of negative distances, an example by itself."""
    distances = np.square(X[:, np.newaxis].astype(np.float64) - centers).sum(axis=2)
    weights = np.exp(-point.sharpness * (distances - distances.min(axis=1, keepdims=True)))
    probabilities: NDArray[np.float32] = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return probabilities
