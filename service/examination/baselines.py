"""What a network must beat to be worth its while: the majority class (or the mean), and a linear model.

Both are fitted on the train set alone, with settings that are fixed here and searched by nobody.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from service.examination.figures import Figures, figures
from service.preparation.preparation import Preparation, scaled_targets
from service.preparation.prepared_data import LabelledInputs
from workers.decision_rule import DecisionRule
from workers.train_dev_data import Task

Predict = Callable[[NDArray[np.float32]], NDArray[np.float64]]
"""From inputs (n_examples, n_inputs) to what `service.examination.figures` judges."""

MAJORITY_CLASS, LOGISTIC_REGRESSION = "majority class", "logistic regression"
MEAN, RIDGE_REGRESSION = "mean", "ridge regression"


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

    def figures(self, examples: LabelledInputs, rule: DecisionRule) -> Figures:
        """Judge the model on some examples, with the inputs that it was fitted on."""
        return figures(self.predict(examples.X), examples.y, task=self.task, rule=rule)


def fit_baselines(
    train: LabelledInputs, preparation: Preparation, *, task: Task, n_classes: int
) -> tuple[Baseline, Baseline]:
    """Fit both baselines on the train set: the constant one, then the linear one.

    Constant: each class's probability is its share of the train set, one example added to each class so that
    none is impossible; or the train targets' mean. Linear: logistic regression with an L2 penalty of strength
    C = 1, or ridge regression with alpha = 1, on the inputs that the point tried first has.

    Parameters
    ----------
    train
        The train set.
    preparation
        What made its inputs; a regression's targets are scaled by it.
    task, n_classes
        What is predicted; 0 classes in regression.
    """
    if task is Task.CLASSIFICATION:
        y = train.y.astype(np.int64)
        return (
            Baseline(MAJORITY_CLASS, task, class_shares(y, n_classes)),
            Baseline(LOGISTIC_REGRESSION, task, logistic_regression(train.X, y, n_classes)),
        )
    y_train = train.y.astype(np.float64)
    mean = float(y_train.mean())
    return (
        Baseline(MEAN, task, lambda X: np.full(len(X), mean)),
        Baseline(RIDGE_REGRESSION, task, _ridge_in_unit(train.X, y_train, preparation)),
    )


def class_shares(y: NDArray[np.int64], n_classes: int) -> Predict:
    """Return what predicts each class with its share of the train set, one example added to each class."""
    counts = np.bincount(y, minlength=n_classes) + 1
    shares = counts / counts.sum()
    return lambda X: np.tile(shares, (len(X), 1))


def logistic_regression(X: NDArray[np.float32], y: NDArray[np.int64], n_classes: int) -> Predict:
    """Fit logistic regression with an L2 penalty of strength C = 1."""
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 (half a second, which few commands need)
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 (half a second, which few commands need)

    model = LogisticRegression(C=1.0, max_iter=500)
    with threadpool_limits(1), warnings.catch_warnings():  # one thread: the same sums on every machine
        warnings.simplefilter("ignore", ConvergenceWarning)  # 500 steps are a fixed setting like the others
        model.fit(X.astype(np.float64), y)

    def predict(X: NDArray[np.float32]) -> NDArray[np.float64]:
        probabilities = np.zeros((len(X), n_classes))  # a class that the train set lacks stays at 0
        probabilities[:, model.classes_] = model.predict_proba(X.astype(np.float64))
        return probabilities

    return predict


def ridge_regression(X: NDArray[np.float32], targets: NDArray[np.float32]) -> Predict:
    """Fit ridge regression with alpha = 1 to standardised targets (n_examples, 1), which it predicts."""
    from sklearn.linear_model import Ridge  # noqa: PLC0415 (half a second, which few commands need)

    model = Ridge(alpha=1.0)
    with threadpool_limits(1):
        model.fit(X.astype(np.float64), targets[:, 0].astype(np.float64))

    def predict(X: NDArray[np.float32]) -> NDArray[np.float64]:
        outputs: NDArray[np.float64] = model.predict(X.astype(np.float64))[:, np.newaxis]
        return outputs

    return predict


def _ridge_in_unit(X: NDArray[np.float32], y: NDArray[np.float64], preparation: Preparation) -> Predict:
    standardised = ridge_regression(X, scaled_targets(y, preparation.target_scaling).astype(np.float32))
    return lambda X: preparation.restored(standardised(X)).astype(np.float64)
