"""What a winner must beat to be worth its while: a constant, a linear model and boosted trees.

They get what a network gets: inputs, standardized targets included, the winner's rows, and the class balance
that the metric asks for. What is fitted with class weights has them divided out again: probabilities are
true ones. Like the winner's hyperparameters, the strength of a baseline's regularization is chosen by
the study's metric on the dev set, over folds by the mean. So its dev figure flatters a little, too; the
test set tells.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from threadpoolctl import threadpool_limits

from service.data.preparation.preparation import Preparation
from service.data.preparation.prepared_data import LabelledInputs
from service.winner.examination.figures import Figures, figures
from workers.metrics.class_weights import class_weights
from workers.metrics.decision_rule import MOST_PROBABLE, DecisionRule
from workers.metrics.dev_figures import all_dev_figures
from workers.metrics.metric import BALANCED, Metric, decision_rule
from workers.train_dev_data import Task, TrainDevData

MAJORITY_CLASS, LOGISTIC_REGRESSION = "majority class", "logistic regression"
MEAN, RIDGE_REGRESSION = "mean", "ridge regression"
BOOSTED_TREES = "boosted trees"

Predict = Callable[[NDArray[np.float32]], NDArray[np.float64]]
"""From inputs (n_examples, n_inputs) to what a model gives: probabilities, or standardized numbers."""


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


@dataclass(frozen=True, slots=True)
class Baseline:
    """A fitted baseline.

    Attributes
    ----------
    name
        For people: `majority class` or `mean`, `logistic regression` or `ridge regression`, `boosted trees`.
    task
        What it predicts.
    outputs
        The fitted model.
    preparation
        What made its inputs; brings a regression's outputs into the target's unit.
    rule
        Decides its labels.
    strength
        Strength of its regularization, C or alpha, as chosen on the dev set; None if it has none.
    dev_figures
        On the dev set; over folds the means of what models fitted in each reached.
    """

    name: str
    task: Task
    outputs: Predict
    preparation: Preparation
    rule: DecisionRule
    strength: float | None
    dev_figures: Figures

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return probabilities (n_examples, n_classes), or numbers in the target's unit (n_examples,)."""
        return self.preparation.restored(self.outputs(X)).astype(np.float64)

    def figures(self, examples: LabelledInputs) -> Figures:
        """Judge the model on some examples, with the inputs that it was fitted on."""
        return figures(self.predict(examples.X), examples.y, task=self.task, rule=self.rule)


def fit_baselines(
    learners: Sequence[Learner],
    folds: Sequence[TrainDevData],
    *,
    together: TrainDevData | None,
    preparation: Preparation,
    metric: Metric,
) -> tuple[Baseline, ...]:
    """Fit baselines, each with the regularization that is best on the dev set.

    Parameters
    ----------
    learners
        Which.
    folds
        Train and dev set, with the inputs of the point that is tried first; several where they take turns.
    together
        What the winner is trained on in the end where there are folds, and so are they; None without folds.
    preparation
        What made the inputs of what they are fitted on in the end.
    metric
        The study's metric: it chooses, and decides whether classes count alike.
    """
    return tuple(_fit(learner, folds, together, preparation, metric) for learner in learners)


def _fit(
    learner: Learner,
    folds: Sequence[TrainDevData],
    together: TrainDevData | None,
    preparation: Preparation,
    metric: Metric,
) -> Baseline:
    models = [learner.fit(_train_set(fold, metric), learner.strengths) for fold in folds]
    by_strength = [
        [_dev_figures(model, fold, _rule(learner, fold, metric)) for model in of_fold]
        for of_fold, fold in zip(models, folds, strict=True)
    ]
    means = [
        {name: fmean(of_fold[place][name] for of_fold in by_strength) for name in by_strength[0][place]}
        for place in range(len(learner.strengths))
    ]
    best = min(range(len(means)), key=lambda place: metric.badness(means[place][metric]))
    data, model = folds[0], models[0][best]
    if together is not None:
        data = together
        (model,) = learner.fit(_train_set(together, metric), (learner.strengths[best],))
    return Baseline(
        name=learner.name,
        task=data.task,
        outputs=model,
        preparation=preparation,
        rule=_rule(learner, data, metric),
        strength=learner.strengths[best],
        dev_figures=means[best],
    )


def _train_set(data: TrainDevData, metric: Metric) -> TrainSet:
    counts = data.class_counts
    weights = None if counts is None or metric not in BALANCED else class_weights(counts, 1.0)
    mean = 0.0 if counts is not None else _mean_in_unit(data)
    return TrainSet(data.task, data.X_train, data.y_train, data.n_outputs, weights, mean)


def _mean_in_unit(data: TrainDevData) -> float:
    """Return the standardized number that stands for the mean: of logarithms it is not theirs."""
    standardized = data.y_train.astype(np.float64)
    if data.log_target_mean is None:
        return float(standardized.mean())
    logarithms = standardized * data.target_deviation + data.log_target_mean
    return float(
        (logsumexp(logarithms) - np.log(len(logarithms)) - data.log_target_mean) / data.target_deviation
    )


def _rule(learner: Learner, data: TrainDevData, metric: Metric) -> DecisionRule:
    return decision_rule(metric, data.class_counts) if learner.follows_rule else MOST_PROBABLE


def _dev_figures(model: Predict, data: TrainDevData, rule: DecisionRule) -> Figures:
    return {
        metric.value: value for metric, value in all_dev_figures(model(data.X_dev), data, rule=rule).items()
    }
