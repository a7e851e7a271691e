"""The user's own model as a kind of model: a scikit-learn estimator, or anything that learns in epochs."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from search_spaces.own.point import OwnPoint
from search_spaces.point import Point
from search_spaces.values import Value
from workers.denormals import denormals_as_zero
from workers.messages import State, TrainingRules
from workers.own.learner import OwnLearner, for_reading
from workers.own.models import Shape, restored, source_of
from workers.own.user_code import users_code
from workers.train_dev_data import Task, TrainDevData


class OwnKind:
    """Code of the user's; its functions are pure ones as far as that code is."""

    def insist_on_fit(self, values: Mapping[str, Sequence[Value]], data: TrainDevData) -> None:
        """Refuse nothing: whether the code takes these names was checked as it was read."""

    def prepare_training(self) -> None:
        """Do nothing: the user's code comes with the data."""

    def learner(
        self,
        data: TrainDevData,
        point: Point,
        *,
        seed: int,
        rules: TrainingRules,  # noqa: ARG002 (the user's code does not know how long it trains)
    ) -> OwnLearner:
        """Return a model that has learned nothing yet: see `OwnLearner`."""
        return OwnLearner(data, OwnPoint.of(point), seed=seed)

    def predict(
        self, state: State, point: Point, X: NDArray[np.float32], *, task: Task, n_outputs: int
    ) -> NDArray[np.float32]:
        """Return a trained model's predictions: its code is in the state.

        Raises
        ------
        TrainingFailedError
            The user's code raised an error, with its line.
        """
        source, shape = source_of(state), Shape(task, n_features=X.shape[1], n_outputs=n_outputs)
        with users_code(source), denormals_as_zero():
            return restored(source, state, OwnPoint.of(point), shape).predict(for_reading(X))

    def epoch_cost(self, point: Point, data: TrainDevData) -> float:  # noqa: ARG002
        """Return 1: nothing is known of its length."""
        return 1.0


OWN = OwnKind()
