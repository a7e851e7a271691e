"""Boosted trees as a kind of model. Predictions and costs need no scikit-learn, and do not import it."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from search_spaces.boosting.point import BoostingLoss, BoostingPoint
from search_spaces.point import Point
from search_spaces.values import Value
from workers.boosting.epoch_cost import epoch_cost
from workers.boosting.loss import resolved_loss
from workers.boosting.prediction import predict
from workers.messages import State, TrainingRules
from workers.model_kind import Learner
from workers.train_dev_data import Task, TrainDevData


class BoostingKind:
    """scikit-learn's histogram gradient boosting; an epoch is an iteration."""

    def insist_on_fit(self, values: Mapping[str, Sequence[Value]], data: TrainDevData) -> None:
        """Refuse a loss for another task, several targets, or fewer bins than a column has categories."""
        most = max(data.n_categories, default=0)
        for n_bins in values.get("max_bins", ()):
            if not isinstance(n_bins, str) and n_bins < most:
                raise ValueError(
                    f"max_bins: expected at least {most}, the categories of a column, got {n_bins}"
                )
        for loss in values.get("loss", (BoostingLoss.AUTO,)):
            try:
                resolved_loss(BoostingPoint.model_validate({"loss": loss}), data)
            except ValueError as error:
                raise ValueError(f"loss: {error}") from error

    def prepare_training(self) -> None:
        """Import scikit-learn, which takes half a second."""
        import workers.boosting.learner  # noqa: PLC0415, F401 (as said)

    def learner(self, data: TrainDevData, point: Point, *, seed: int, rules: TrainingRules) -> Learner:
        """Return trees that have not begun to grow: see `BoostingLearner`."""
        from workers.boosting.learner import BoostingLearner  # noqa: PLC0415 (half a second of scikit-learn)

        return BoostingLearner(data, BoostingPoint.of(point), seed=seed, rules=rules)

    def predict(
        self,
        state: State,
        point: Point,  # noqa: ARG002 (the trees say all)
        X: NDArray[np.float32],
        *,
        task: Task,  # noqa: ARG002
        n_outputs: int,
    ) -> NDArray[np.float32]:
        """Return trained trees' predictions: see `workers.boosting.prediction.predict`."""
        return predict(state, X, n_outputs=n_outputs)

    def epoch_cost(self, point: Point, data: TrainDevData) -> float:
        """Return the length of an iteration: see `workers.boosting.epoch_cost`."""
        return epoch_cost(BoostingPoint.of(point), data)


BOOSTING = BoostingKind()
