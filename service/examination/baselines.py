"""What a network must beat to be worth its while: the majority class (or the mean), and a linear model.

Both are fitted on the train set alone, with settings that are fixed here and searched by nobody.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from threadpoolctl import threadpool_limits

from service.examination.figures import Figures, figures
from service.preparation.normalization import Normalization
from service.seal.splits import Split
from service.tables.examples import Examples
from workers.train_dev_data import Task

Predict = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""From features (n_examples, n_features) as in the table to what `service.examination.figures` judges."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """A fitted model of the plainest kind.

    Attributes
    ----------
    name
        For people: `majority class`, `mean`, `logistic regression` or `ridge regression`.
    task
        What it predicts.
    predict
        The fitted model.
    """

    name: str
    task: Task
    predict: Predict

    def figures(self, examples: Examples) -> Figures:
        """Judge the model on some examples."""
        return figures(self.predict(examples.X), examples.y, task=self.task)


def fit_baselines(split: Split, normalization: Normalization) -> tuple[Baseline, Baseline]:
    """Fit both baselines on the train set: the constant one, then the linear one.

    Constant: each class's probability is its share of the train set, one example added to each class so that
    none is impossible; or the train targets' mean. Linear: logistic regression with an L2 penalty of strength
    C = 1, or ridge regression with alpha = 1, on normalised features.
    """
    if split.task is Task.CLASSIFICATION:
        y, n_classes = split.train.y.astype(np.int64), len(split.class_names)
        return (
            Baseline("majority class", split.task, _class_shares(y, n_classes)),
            Baseline(
                "logistic regression", split.task, _logistic(split.train.X, y, n_classes, normalization)
            ),
        )
    y_train = split.train.y.astype(np.float64)
    return (
        Baseline("mean", split.task, lambda X: np.full(len(X), normalization.target_mean)),
        Baseline("ridge regression", split.task, _ridge(split.train.X, y_train, normalization)),
    )


def _class_shares(y: NDArray[np.int64], n_classes: int) -> Predict:
    counts = np.bincount(y, minlength=n_classes) + 1
    shares = counts / counts.sum()
    return lambda X: np.tile(shares, (len(X), 1))


def _logistic(
    X: NDArray[np.float64], y: NDArray[np.int64], n_classes: int, normalization: Normalization
) -> Predict:
    model = LogisticRegression(C=1.0, max_iter=500)
    with threadpool_limits(1), warnings.catch_warnings():  # one thread: the same sums on every machine
        warnings.simplefilter("ignore", ConvergenceWarning)  # 500 steps are a fixed setting like the others
        model.fit(normalization.apply(X).astype(np.float64), y)

    def predict(X: NDArray[np.float64]) -> NDArray[np.float64]:
        probabilities = np.zeros((len(X), n_classes))  # a class that the train set lacks stays at 0
        probabilities[:, model.classes_] = model.predict_proba(normalization.apply(X).astype(np.float64))
        return probabilities

    return predict


def _ridge(X: NDArray[np.float64], y: NDArray[np.float64], normalization: Normalization) -> Predict:
    model = Ridge(alpha=1.0)
    with threadpool_limits(1):
        model.fit(
            normalization.apply(X).astype(np.float64), normalization.apply_to_targets(y).astype(np.float64)
        )

    def predict(X: NDArray[np.float64]) -> NDArray[np.float64]:
        return normalization.restore_targets(model.predict(normalization.apply(X).astype(np.float64)))

    return predict
