"""Linear models as a kind of model. Predictions and costs need no scikit-learn, and do not import it."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from search_spaces.linear.point import LinearPoint
from search_spaces.point import Point
from search_spaces.values import Value
from workers.linear.epoch_cost import epoch_cost
from workers.linear.prediction import predict
from workers.messages import State, TrainingRules
from workers.model_kind import Learner
from workers.train_dev_data import Task, TrainDevData


class LinearKind:
    """scikit-learn's logistic, ridge and elastic-net regressions; the whole fit is one epoch."""

    def insist_on_fit(self, values: Mapping[str, Sequence[Value]], data: TrainDevData) -> None:
        """Refuse nothing: any point suits any data."""

    def prepare_training(self) -> None:
        """Import scikit-learn, which takes half a second."""
        import workers.linear.learner  # noqa: PLC0415, F401 (as said)

    def learner(self, data: TrainDevData, point: Point, *, seed: int, rules: TrainingRules) -> Learner:
        """Return a model that is not fitted yet: see `LinearLearner`."""
        from workers.linear.learner import LinearLearner  # noqa: PLC0415 (half a second of scikit-learn)

        return LinearLearner(data, LinearPoint.of(point), seed=seed, rules=rules)

    def predict(
        self,
        state: State,
        point: Point,  # noqa: ARG002 (the state says all)
        X: NDArray[np.float32],
        *,
        task: Task,  # noqa: ARG002
        n_outputs: int,
    ) -> NDArray[np.float32]:
        """Return a fitted model's predictions: see `workers.linear.prediction.predict`."""
        return predict(state, X, n_outputs=n_outputs)

    def epoch_cost(self, point: Point, data: TrainDevData) -> float:
        """Return the length of a fit: see `workers.linear.epoch_cost`."""
        return epoch_cost(LinearPoint.of(point), data)


LINEAR = LinearKind()
