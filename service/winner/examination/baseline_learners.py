"""The kinds of baselines: a constant, a linear model and boosted trees, each learned from a network's inputs.

They see what the network sees, standardized targets included, and get the class balance that the metric asks
for. What is fitted with class weights has them divided out again: probabilities are true ones.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from workers.train_dev_data import Task

MAJORITY_CLASS, LOGISTIC_REGRESSION = "majority class", "logistic regression"
MEAN, RIDGE_REGRESSION = "mean", "ridge regression"
BOOSTED_TREES = "boosted trees"

Predict = Callable[[NDArray[np.float32]], NDArray[np.float64]]
"""From inputs (n_examples, n_inputs) to what a network gives: probabilities, or standardized numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainSet:
    """What is learned from.

    Attributes
    ----------
    task
        What is predicted.
    X
        Inputs, float32 (n_examples, n_inputs).
    y
        Class indices (n_examples,), or standardized numbers (n_examples, 1).
    n_outputs
        Number of classes; 1 in regression.
    weights
        Of the classes (n_classes,); None where each example counts alike.
    mean
        Of the targets in their own unit, standardized as they are; in classification 0.
    """

    task: Task
    X: NDArray[np.float32]
    y: NDArray[np.int64] | NDArray[np.float32]
    n_outputs: int
    weights: NDArray[np.float64] | None = None
    mean: float = 0.0

    @property
    def labels(self) -> NDArray[np.int64]:
        """Class indices (n_examples,)."""
        return self.y.astype(np.int64)

    @property
    def targets(self) -> NDArray[np.float64]:
        """Standardized numbers (n_examples,)."""
        return self.y[:, 0].astype(np.float64)


@dataclass(frozen=True, slots=True)
class Learner:
    """A kind of baseline.

    Attributes
    ----------
    name
        For people.
    strengths
        Of regularization, the strongest first, of which one is chosen on the dev set; one of None where there
        is nothing to choose.
    fit
        Makes a model for each of some strengths.
    follows_rule
        Whether its labels are decided by what the metric asks for. The constant one names the commonest
        class, whatever the metric.
    """

    name: str
    strengths: tuple[float | None, ...]
    fit: Callable[[TrainSet, tuple[float | None, ...]], list[Predict]]
    follows_rule: bool = True


def learners_of(task: Task, *, only_constant: bool) -> tuple[Learner, ...]:
    """Return the kinds of baselines of a task: the constant one, then the others unless it is left alone.

    Parameters
    ----------
    task
        What is predicted.
    only_constant
        Whether the linear model and the boosted trees are left away.
    """
    if task is Task.CLASSIFICATION:
        constant = Learner(MAJORITY_CLASS, (None,), _class_shares, follows_rule=False)
        linear = Learner(LOGISTIC_REGRESSION, LOGISTIC_STRENGTHS, _logistic_regressions)
    else:
        constant = Learner(MEAN, (None,), _mean)
        linear = Learner(RIDGE_REGRESSION, RIDGE_STRENGTHS, _ridge_regressions)
    return (
        (constant,) if only_constant else (constant, linear, Learner(BOOSTED_TREES, (None,), _boosted_trees))
    )


LOGISTIC_STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2)
"""C, one over the strength of the L2 penalty against the sum of the examples' losses."""

RIDGE_STRENGTHS = (1e4, 1e3, 1e2, 1e1, 1.0, 1e-1)
"""alpha, the strength of the L2 penalty against the sum of the squared errors."""


def _class_shares(train: TrainSet, strengths: tuple[float | None, ...]) -> list[Predict]:
    """Predict each class with its share of the train set, one example added to each: none is impossible."""
    counts = np.bincount(train.labels, minlength=train.n_outputs) + 1
    shares = counts / counts.sum()
    return [lambda X: np.tile(shares, (len(X), 1)) for _ in strengths]


def _mean(train: TrainSet, strengths: tuple[float | None, ...]) -> list[Predict]:
    return [lambda X: np.full((len(X), 1), train.mean) for _ in strengths]


def _logistic_regressions(train: TrainSet, strengths: tuple[float | None, ...]) -> list[Predict]:
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 (half a second, which few commands need)
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 (half a second, which few commands need)

    X = train.X.astype(np.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # 500 steps are a fixed setting like others
        return [_classifier(LogisticRegression(C=each, max_iter=500), train, X) for each in strengths]


def _ridge_regressions(train: TrainSet, strengths: tuple[float | None, ...]) -> list[Predict]:
    from sklearn.linear_model import Ridge  # noqa: PLC0415 (half a second, which few commands need)

    X = train.X.astype(np.float64)
    return [_regressor(Ridge(alpha=strength), train, X) for strength in strengths]


def _boosted_trees(train: TrainSet, strengths: tuple[float | None, ...]) -> list[Predict]:
    """Fit scikit-learn's gradient-boosted trees with its default settings: 100 rounds, and no early stopping.

    By default rounds end by a part of more than 10,000 examples that is held back: a rule that would change
    with the number of rows.
    """
    from sklearn.ensemble import (  # noqa: PLC0415 (half a second, which few commands need)
        HistGradientBoostingClassifier,
        HistGradientBoostingRegressor,
    )

    settings = {"early_stopping": False, "random_state": 0}
    if train.task is Task.CLASSIFICATION:
        return [
            _classifier(HistGradientBoostingClassifier(**settings), train, train.X.astype(np.float64))
            for _ in strengths
        ]
    return [_regressor(HistGradientBoostingRegressor(**settings), train, train.X) for _ in strengths]


def _classifier(model: Any, train: TrainSet, X: NDArray[np.float64]) -> Predict:  # noqa: ANN401 (scikit-learn's)
    """Fit with the classes' weights, and divide them out of the probabilities: p is proportional to q / w."""
    y, weights = train.labels, train.weights
    if len(np.unique(y)) < 2:  # nothing that a classifier could tell apart
        return _class_shares(train, (None,))[0]
    with threadpool_limits(1):  # one thread: the same sums on every machine
        model.fit(X, y, sample_weight=None if weights is None else weights[y])

    def predict(X: NDArray[np.float32]) -> NDArray[np.float64]:
        probabilities = np.zeros((len(X), train.n_outputs))  # a class that the train set lacks stays at 0
        with threadpool_limits(1):
            probabilities[:, model.classes_] = model.predict_proba(X.astype(np.float64))
        if weights is not None:
            probabilities /= weights
            probabilities /= probabilities.sum(axis=1, keepdims=True)
        return probabilities

    return predict


def _regressor(model: Any, train: TrainSet, X: NDArray[np.floating]) -> Predict:  # noqa: ANN401 (scikit-learn's)
    with threadpool_limits(1):
        model.fit(X.astype(np.float64), train.targets)

    def predict(X: NDArray[np.float32]) -> NDArray[np.float64]:
        with threadpool_limits(1):
            outputs: NDArray[np.float64] = model.predict(X.astype(np.float64))[:, np.newaxis]
        return outputs

    return predict
