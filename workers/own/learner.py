"""The user's own model as it learns: a function of (data, point, seed) as far as its code is."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_spaces.own.point import OwnPoint
from workers.failures import insist_on_finite
from workers.messages import State
from workers.metrics.classification_metrics import log_loss
from workers.metrics.regression_metrics import mean_squared_error
from workers.model_kind import Advance
from workers.model_source import ModelSource
from workers.own.models import SOURCE, OwnModel, Shape, made, source_bytes
from workers.own.user_code import GlobalRandomness, users_code
from workers.train_dev_data import Task, TrainDevData


class OwnLearner:
    """The user's model, and what it had learned after each epoch.

    It is made in its first epoch: whatever its code does wrong is the trial's failure. Arrays are given to it
    for reading only.

    Parameters
    ----------
    data
        Train and dev set, with the source of the model.
    point
        The arguments that it is made with.
    seed
        Source of all randomness.

    Raises
    ------
    ValueError
        The data have no source.
    """

    def __init__(self, data: TrainDevData, point: OwnPoint, *, seed: int) -> None:
        self._source, self._point, self._seed = insist_on_source(data), point, seed
        self._task = data.task
        self._X_train, self._X_dev = for_reading(data.X_train), for_reading(data.X_dev)
        y = data.y_train
        self._y_train = for_reading(y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y)
        self._shape = Shape(data.task, n_features=data.X_train.shape[1], n_outputs=data.n_outputs)
        self._randomness = GlobalRandomness(seed)
        self._model: OwnModel | None = None
        self._epochs = 0
        self._learned: State = {}
        self._kept: State = {}

    def advance(self) -> Advance:
        """Let it learn for an epoch.

        Raises
        ------
        TrainingFailedError
            The user's code raised an error, with its line.
        """
        with users_code(self._source, self._randomness):
            if self._model is None:
                self._model = made(self._source, self._point, self._shape, seed=self._seed)
            loss = self._model.advance(self._X_train, self._y_train)
            if loss is None:
                loss = self._loss(self._model.predict(self._X_train))
            self._learned = self._model.learned()
        self._epochs += 1
        return Advance(train_loss=loss, train_cost=loss)

    def predict_dev(self, out: NDArray[np.float32]) -> None:
        """Write the dev set's predictions into `out` (n_dev, n_outputs).

        Raises
        ------
        TrainingFailedError
            As for `advance`; or they are no predictions.
        """
        if self._model is None:
            raise RuntimeError("the user's own model predicts after its first epoch")
        with users_code(self._source, self._randomness):
            np.copyto(out, self._model.predict(self._X_dev))

    def check(self, figures: Mapping[str, float]) -> None:
        """Refuse figures that are not finite.

        Raises
        ------
        DivergedError
            One is NaN or infinite.
        """
        insist_on_finite(figures, epoch=self._epochs)

    def keep(self) -> None:
        """Remember what it has learned by now."""
        self._kept = self._learned

    @property
    def kept_state(self) -> State:
        """What it had learned, and its source: all that predictions need."""
        return {SOURCE: source_bytes(self._source), **self._kept}

    @property
    def kept_figures(self) -> Mapping[str, float]:
        """Nothing: what the model shows of itself is not known."""
        return {}

    def _loss(self, predictions: NDArray[np.float32]) -> float:
        if self._task is Task.CLASSIFICATION:
            return float(log_loss(predictions, self._y_train))
        return float(mean_squared_error(predictions, self._y_train.reshape(predictions.shape)))


def insist_on_source(data: TrainDevData) -> ModelSource:
    """Return the source of the user's model.

    Raises
    ------
    ValueError
        The data have none.
    """
    if data.own_model is None:
        raise ValueError("expected data with the source of the user's own model, got none")
    return data.own_model


def for_reading(array: NDArray[Any]) -> NDArray[Any]:
    """Return a view that nothing can be written to."""
    view = array.view()
    view.flags.writeable = False
    return view
