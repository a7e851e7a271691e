"""A study in one line of Python: estimators for scikit-learn's tools that search as they are fitted."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Self
from uuid import uuid4

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import ValidationError
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    assert_all_finite,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from service.configuration.data_config import DataConfig
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import StudyConfig
from service.configuration.study_file import problems
from service.errors import BadInputError, ProctorWarning
from service.python.feature_frame import held_frame
from service.python.frame_prediction import ChecksRows, predict_frame
from service.python.object_cells import is_missing
from service.python.study_in_memory import TABLE_NAME, search, table_of
from service.python.user_warnings import warn
from service.tables.cells import shown
from service.winner.models.trained_model import TrainedModel

__all__ = ["ProctorClassifier", "ProctorRegressor", "ProctorWarning"]

MIN_EXAMPLES = 5
"""A fifth of them, the dev set, is one."""


class _Study(ChecksRows, BaseEstimator):  # type: ignore[misc] # scikit-learn has no annotations
    """What a study is, whatever it predicts."""

    def __init__(  # noqa: PLR0913 (scikit-learn reads an estimator's parameters off its signature)
        self,
        *,
        trials: int = 50,
        model: str = "network",
        space: Any = "default",  # noqa: ANN401 (what StudyConfig validates: a name, a table, a space)
        seed: int = 0,
        metric: str | None = None,
        max_epochs: int | None = None,
        patience: int | None = None,
        folds: int = 1,
        refit: bool = False,
        equal_rows: str = "auto",
        ensemble: bool = False,
        columns: Mapping[str, str] | None = None,
        workers: int = 0,
        storage: str | None = None,
    ) -> None:
        self.trials = trials
        self.model = model
        self.space = space
        self.seed = seed
        self.metric = metric
        self.max_epochs = max_epochs
        self.patience = patience
        self.folds = folds
        self.refit = refit
        self.equal_rows = equal_rows
        self.ensemble = ensemble
        self.columns = columns
        self.workers = workers
        self.storage = storage

    def __sklearn_tags__(self) -> Tags:
        """Tell scikit-learn's tools what features may be.

        They are not `categorical`, by which its tools mean that all are whole numbers for categories.
        """
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        return tags

    def _search(
        self, frame: pl.DataFrame, y: NDArray[np.int64] | NDArray[np.float64], *, class_names: tuple[str, ...]
    ) -> None:
        """Run the study, and keep what it leaves."""
        check_consistent_length(frame, y)
        if len(y) < MIN_EXAMPLES:
            raise ValueError(
                f"expected at least {MIN_EXAMPLES} examples, a fifth of them for the dev set, got n_samples ="
                f" {len(y)}"
            )
        try:
            config = self._config()
            table = table_of(frame, y, class_names=class_names, said=config.columns)
            winner = search(table, config, self._launch())
        except ValidationError as error:
            raise ValueError(_in_words(error)) from None
        except BadInputError as error:
            raise ValueError(str(error).removeprefix("--")) from None  # parameters are called as flags are
        self.study_name_ = config.name
        self.model_ = winner.model
        self.best_hyperparameters_ = dict(winner.values)
        self.dev_figures_ = dict(winner.dev_figures)
        self._column_names = tuple(frame.columns)

    def _config(self) -> StudyConfig:
        lengths = {"max_epochs": self.max_epochs, "patience": self.patience}
        return StudyConfig.model_validate(
            {
                "model": self.model,
                "name": f"{type(self).__name__}-{uuid4().hex[:12]}",
                "seed": self.seed,
                "trials": self.trials,
                "metric": self.metric,
                "space": self.space,
                "data": DataConfig(table=TABLE_NAME),
                "split": {"no_test": True, "folds": self.folds, "equal_rows": self.equal_rows},
                "columns": dict(self.columns or {}),
                "confirmation": {"ensemble": self.ensemble, "refit": self.refit},
                "training": {name: value for name, value in lengths.items() if value is not None},
            }
        )

    def _launch(self) -> LaunchConfig:
        return LaunchConfig(storage=self.storage, workers=self.workers)

    def _outputs(self, X: Any) -> NDArray[np.floating]:  # noqa: ANN401 (an array or any kind of data frame)
        return predict_frame(*self._model_and_frame(X))

    def _model_and_frame(self, X: Any) -> tuple[TrainedModel, pl.DataFrame]:  # noqa: ANN401 (likewise)
        check_is_fitted(self)
        frame = held_frame(X)
        validate_data(self, X, reset=False, skip_check_array=True)
        frame.columns = list(self._column_names)  # those of an array, where it was fitted on a frame
        return self.model_.trained, frame


class ProctorClassifier(ClassifierMixin, _Study):  # type: ignore[misc] # scikit-learn has no annotations
    """A study that searches a classifier as it is fitted.

    `ProctorClassifier(trials=20, space="small").fit(X, y)` splits a dev set off the examples, tries
    hyperparameters on the others, and keeps the network, or other `model`, that is best on the dev set.
    There is no test set: hold examples out, or use `cross_val_score`, for a figure to believe. The same
    examples, parameters and seed give the same model to the last bit.

    Parameters
    ----------
    trials
        How many points are tried.
    model
        What is trained: `network`, `boosting` or `linear`.
    space
        What is searched: a built-in space's name (`default`, `small`, ...), a table of dimensions as under
        `[space]` of a study file, or a `SearchSpace`.
    seed
        Source of all randomness: split, search, training.
    metric
        What trials are chosen by; None is the error, or the balanced error where one class is more than
        twice as frequent as another.
    max_epochs
        The most passes over the train set (epochs); of boosting, iterations. None is the kind of model's own
        number: 60 of a network, 500 of boosting, 1 of a linear model.
    patience
        Epochs without improvement on the dev set before a trial stops early; None likewise: 10, or 30.
    folds
        Parts that take turns as the dev set of each trial; 1 is one dev set, a fifth of the examples and at
        most 10,000. With folds their models are averaged.
    refit
        Whether, with folds, one model is trained on all examples at the end instead.
    equal_rows
        What becomes of rows that are equal in every feature: `together` keeps them in one set, `apart` splits
        them like any others; `auto` keeps copies of a record together, and splits rows that agree by chance.
    ensemble
        Whether several of the best trials' and seeds' models are averaged, selected on the dev set.
    columns
        What columns hold, by name (x0, x1, ... of an array) or pattern: `{"zip": "categorical"}`. Numbers are
        numeric where nothing is given, and what text holds is inferred from the text.
    workers
        0 trains in this process, more on as many Ray workers; their number changes no result.
    storage
        URL of a database that keeps the study; None is a temporary one.

    Attributes
    ----------
    classes_
        The classes, in the order of the probabilities (n_classes,); texts without spaces at their ends.
    best_hyperparameters_
        The winner's searched hyperparameters, by name.
    dev_figures_
        All metrics on the dev set, by name; that one of them was selected on flatters it.
    model_
        The winner as `service.winner.models.model.write_model` writes it to a directory.
    study_name_
        The study's name in its storage.
    n_features_in_, feature_names_in_
        What it was fitted on; the names are there where X has some.
    """

    def fit(self, X: Any, y: Any) -> Self:  # noqa: ANN401 (an array or any kind of data frame)
        """Run the study.

        Parameters
        ----------
        X
            Cells: numbers, texts, truth values or dates, None, NaN or NA where missing; an array (n_examples,
            n_features), or a data frame of pandas, Polars or Arrow.
        y
            Classes of any type (n_examples,). Spaces at the ends of a text are no part of a class's name.

        Raises
        ------
        ValueError
            There is too little to learn from, a parameter is out of its range, or a cell or class cannot be
            read.
        ProctorError
            Every trial failed.

        Warns
        -----
        ProctorWarning
            For each thing to know of the data, as `proctor run` and `proctor data` say it.
        """
        validate_data(self, X, y, skip_check_array=True)
        frame = held_frame(X)
        labels = class_labels(y)
        assert_all_finite(labels, input_name="y")
        warn_of_merged_labels(y)
        y = labels
        check_classification_targets(y)
        classes, indices, counts = np.unique(y, return_inverse=True, return_counts=True)
        names = tuple(map(str, classes.tolist()))
        if len(classes) < 2:
            raise ValueError(f"expected at least two classes, got one class: {names[0]!r}")
        if counts.min() < 2 and len(classes) <= len(y) // 5:
            raise ValueError(
                f"expected two examples of each class, one for the train and one for the dev set, got one of"
                f" class {names[counts.argmin()]!r}"
            )
        self._search(frame, indices.astype(np.int64), class_names=names)
        self.classes_ = classes
        return self

    def predict_proba(self, X: Any) -> NDArray[np.floating]:  # noqa: ANN401 (an array or any kind of data frame)
        """Return each class's probability, float32 (n_examples, n_classes).

        Parameters
        ----------
        X
            As for `fit`, with the same columns.

        Raises
        ------
        NotFittedError
            It has not been fitted.
        ValueError
            It has other columns, or a cell of another kind than its column has.

        Warns
        -----
        ProctorWarning
            Cells have what those of the train set did not; `check_rows` counts them.
        """
        return self._outputs(X)

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: ANN401 (an array or any kind of data frame)
        """Return each example's label (n_examples,).

        It is the most probable class, but where the metric is the balanced error or macro F1: there a rarer
        class needs less, see `workers.metrics.metric.decision_rule`.

        Parameters
        ----------
        X
            As for `predict_proba`.

        Raises
        ------
        NotFittedError, ValueError
            As for `predict_proba`.
        """
        probabilities = self._outputs(X)  # raises if nothing was fitted
        labels = self.model_.trained.rule.labels(probabilities)
        predicted: NDArray[Any] = self.classes_[labels]
        return predicted

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:  # noqa: ANN401 (as scikit-learn's)
        """Return the share of examples whose label is right; spaces at the ends of labels do not count.

        Parameters
        ----------
        X
            As for `predict_proba`.
        y
            Their classes (n_examples,).
        sample_weight
            What each example weighs (n_examples,); None for all alike.

        Raises
        ------
        NotFittedError, ValueError
            As for `predict_proba`.
        """
        return float(super().score(X, class_labels(y), sample_weight))


class ProctorRegressor(RegressorMixin, _Study):  # type: ignore[misc] # scikit-learn has no annotations
    """A study that searches a regressor as it is fitted; parameters and attributes as `ProctorClassifier`'s.

    Targets are standardised in training and predicted in their own unit; `metric` None is the RMSE.
    """

    def fit(self, X: Any, y: Any) -> Self:  # noqa: ANN401 (an array or any kind of data frame)
        """Run the study.

        Parameters
        ----------
        X
            As for `ProctorClassifier.fit`.
        y
            Finite numbers (n_examples,).

        Raises
        ------
        ValueError, ProctorError
            As for `ProctorClassifier.fit`.
        """
        validate_data(self, X, y, skip_check_array=True)
        frame = held_frame(X)
        y = column_or_1d(y, dtype=np.float64, warn=True)
        assert_all_finite(y, input_name="y")
        self._search(frame, y, class_names=())
        return self

    def predict(self, X: Any) -> NDArray[np.floating]:  # noqa: ANN401 (an array or any kind of data frame)
        """Return a number for each example, in the target's unit (n_examples,).

        Parameters
        ----------
        X
            As for `fit`, with the same columns.

        Raises
        ------
        NotFittedError, ValueError
            As for `ProctorClassifier.predict_proba`.
        """
        return self._outputs(X)


def _in_words(error: ValidationError) -> str:
    """Say what is wrong with the first parameter that is."""
    model = LaunchConfig if error.title == LaunchConfig.__name__ else StudyConfig
    first = problems(error, model)[0]
    place = first.place
    for table in ("training.", "split.", "confirmation."):
        place = place.removeprefix(table)
    return f"{place}: {first.sentence}"


def class_labels(y: Any) -> NDArray[Any]:  # noqa: ANN401 (an array, a list, or a column of any data frame)
    """Return labels without spaces at the ends of texts, (n_examples,); what is missing as NaN.

    Parameters
    ----------
    y
        Classes of any type (n_examples,).

    Raises
    ------
    ValueError
        They are no column.
    """
    dtype = getattr(y, "dtype", None)
    if dtype is not None and hasattr(dtype, "numpy_dtype") and not y.isna().any():
        y = y.to_numpy(dtype=dtype.numpy_dtype)  # scikit-learn would make floats of pandas' own integers
    labels: NDArray[Any] = column_or_1d(y, warn=True)
    if labels.dtype.kind == "U":
        return np.char.strip(labels)
    if labels.dtype != object:
        return labels
    cells = [_label(label) for label in labels.tolist()]
    stripped = np.empty(len(cells), dtype=object)
    stripped[:] = cells
    return stripped


def warn_of_merged_labels(y: Any) -> None:  # noqa: ANN401 (as above)
    """Say which labels are one class, as they differ in spaces at their ends alone.

    Parameters
    ----------
    y
        Classes as they were given (n_examples,).
    """
    spellings: defaultdict[str, set[str]] = defaultdict(set)
    for given in set(np.asarray(y, dtype=object).ravel().tolist()):
        if isinstance(given, str):
            spellings[given.strip()].add(given)
    warn(
        *(
            f"classes {', '.join(map(shown, sorted(different)))} count as one: spaces at the"
            " ends of a name are ignored"
            for _, different in sorted(spellings.items())
            if len(different) > 1
        )
    )


def _label(label: Any) -> Any:  # noqa: ANN401 (any object)
    if isinstance(label, str):
        return label.strip()
    return np.nan if is_missing(label, "y") else label
