"""An exported winner in Python, as scikit-learn's tools know estimators."""

from os import PathLike
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from service.errors import ProctorWarning
from service.python.feature_frame import feature_frame
from service.python.frame_prediction import ChecksRows, predict_frame
from service.winner.models.model import Model, read_model
from service.winner.models.trained_model import TrainedModel
from workers.train_dev_data import Task

__all__ = ["ProctorWarning", "WinnerClassifier", "WinnerRegressor", "load_winner"]


class _Winner(ChecksRows, BaseEstimator):  # type: ignore[misc] # scikit-learn has no annotations
    """What a winner is, whatever it predicts."""

    def __init__(self, model: Model) -> None:
        self.model = model  # under the parameter's own name, as scikit-learn's `clone` asks

    @property
    def n_features_in_(self) -> int:
        """Number of columns that are read."""
        return len(self.model.description.feature_names)

    @property
    def feature_names_in_(self) -> NDArray[np.object_]:
        """Names of the columns that are read, in the order of an array's (n_features,)."""
        return np.array(self.model.description.feature_names, dtype=object)

    def fit(self, X: object, y: object = None) -> NoReturn:
        """Refuse: a winner was trained by its study; `FrozenEstimator` is for tools that insist on fitting.

        Raises
        ------
        NotImplementedError
            Always. Fitting without effect would let a tool judge the winner on examples it was trained on.
        """
        raise NotImplementedError(
            f"the winner of study {self.model.description.study!r} has been trained; for tools that fit what"
            " they are given, wrap it in sklearn.frozen.FrozenEstimator"
        )

    def __sklearn_is_fitted__(self) -> bool:
        """Tell scikit-learn that it can predict."""
        return True

    def _outputs(self, X: Any) -> NDArray[np.floating]:  # noqa: ANN401 (an array or any kind of data frame)
        return predict_frame(*self._model_and_frame(X))

    def _model_and_frame(self, X: Any) -> tuple[TrainedModel, pl.DataFrame]:  # noqa: ANN401 (likewise)
        return self.model.trained, feature_frame(X, self.model.description.feature_names)


class WinnerClassifier(ClassifierMixin, _Winner):  # type: ignore[misc] # scikit-learn has no annotations
    """A winner that predicts classes; `load_winner` makes it.

    Parameters
    ----------
    model
        A model that was read.

    Attributes
    ----------
    classes_
        Names of the classes, as in the training file, in the order of the probabilities (n_classes,).
    n_features_in_, feature_names_in_
        What it reads.
    """

    @property
    def classes_(self) -> NDArray[np.str_]:
        """Names of the classes (n_classes,)."""
        return np.array(self.model.description.class_names)

    def predict_proba(self, X: Any) -> NDArray[np.floating]:  # noqa: ANN401 (an array or any kind of data frame)
        """Return each class's probability, float32 (n_examples, n_classes).

        Parameters
        ----------
        X
            Cells as in the training file, numbers, texts or dates, None or NaN where missing: an array
            (n_examples, n_features) in the order of `feature_names_in_`; or a data frame, whose columns are
            found by name.

        Raises
        ------
        ValueError
            It has other columns, or a cell of another kind than its column has.
        """
        return self._outputs(X)

    def predict(self, X: Any) -> NDArray[np.str_]:  # noqa: ANN401 (an array or any kind of data frame)
        """Return the name of each example's label (n_examples,).

        It is the most probable class, but for a winner that was chosen by the balanced error or macro F1:
        see `workers.metrics.metric.decision_rule`.

        Parameters
        ----------
        X
            As for `predict_proba`.

        Raises
        ------
        ValueError
            As for `predict_proba`.
        """
        labels = self.model.trained.rule.labels(self._outputs(X))
        names: NDArray[np.str_] = self.classes_[labels]
        return names


class WinnerRegressor(RegressorMixin, _Winner):  # type: ignore[misc] # scikit-learn has no annotations
    """A winner that predicts numbers; `load_winner` makes it.

    Parameters
    ----------
    model
        A model that was read.

    Attributes
    ----------
    n_features_in_, feature_names_in_
        What it reads.
    """

    def predict(self, X: Any) -> NDArray[np.floating]:  # noqa: ANN401 (an array or any kind of data frame)
        """Return a number for each example, in the target's unit (n_examples,).

        Parameters
        ----------
        X
            Cells as in the training file, numbers, texts or dates, None or NaN where missing: an array
            (n_examples, n_features) in the order of `feature_names_in_`; or a data frame, whose columns are
            found by name.

        Raises
        ------
        ValueError
            It has other columns, or a cell of another kind than its column has.
        """
        return self._outputs(X)


def load_winner(path: str | PathLike[str]) -> WinnerClassifier | WinnerRegressor:
    """Load a model that `proctor export` wrote.

    Its predictions are to the last bit those that the study's report measured, on the same kind of processor
    with the same NumPy.

    Parameters
    ----------
    path
        The model's directory.

    Raises
    ------
    BadInputError
        There is no model, another version of Proctor wrote it, or its files are damaged.
    """
    return winner_estimator(read_model(Path(path)))


def winner_estimator(model: Model) -> WinnerClassifier | WinnerRegressor:
    """Return a model as an estimator that is fitted."""
    if model.description.task is Task.CLASSIFICATION:
        return WinnerClassifier(model)
    return WinnerRegressor(model)
