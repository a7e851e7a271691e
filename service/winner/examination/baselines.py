"""What a network must beat to be worth its while, with what the network gets: inputs, rows, balance, choice.

Like the network's hyperparameters, the strength of a baseline's regularization is chosen by the study's
metric on the dev set, over folds by the mean. So its dev figure flatters a little, too; the test set tells.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from service.data.preparation.preparation import Preparation
from service.data.preparation.prepared_data import LabelledInputs
from service.winner.examination.baseline_learners import Learner, Predict, TrainSet
from service.winner.examination.figures import Figures, figures
from workers.metrics.class_weights import class_weights
from workers.metrics.decision_rule import MOST_PROBABLE, DecisionRule
from workers.metrics.dev_figures import all_dev_figures
from workers.metrics.metric import BALANCED, Metric, decision_rule
from workers.train_dev_data import Task, TrainDevData


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
        What the network is trained on in the end where there are folds, and so are they; None without folds.
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
