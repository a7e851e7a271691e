"""What winner and baselines reached over the folds, and the winner's training on all that the folds share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np
from optuna.trial import FrozenTrial
from threadpoolctl import threadpool_limits

from service.examination.baselines import (
    LOGISTIC_REGRESSION,
    MAJORITY_CLASS,
    MEAN,
    RIDGE_REGRESSION,
    Predict,
    class_shares,
    logistic_regression,
    ridge_regression,
)
from service.examination.figures import Figures
from workers.dev_figures import all_dev_figures
from workers.messages import TrialRequest
from workers.metrics import Metric, decision_rule
from workers.train_dev_data import Task, TrainDevData


@dataclass(frozen=True, slots=True)
class CrossValidated:
    """Figures on dev sets that took turns.

    Attributes
    ----------
    models
        By model, `winner` and the baselines: means over the folds, each fitted on a fold's train set and
        judged on its dev set.
    standard_error
        Of the study's metric for the winner, as `service.search.fold_records` has it.
    """

    models: Mapping[str, Figures]
    standard_error: float


def cross_validate(winner: FrozenTrial, folds: Sequence[TrainDevData], *, metric: Metric) -> CrossValidated:
    """Fit the baselines in each fold, and put the winner's figures from its trial beside them.

    Parameters
    ----------
    winner
        The trial, from storage.
    folds
        The baselines' data.
    metric
        The study's metric.
    """
    of_folds = [_baseline_figures(fold, metric) for fold in folds]
    baselines = {
        model: {name: fmean(by_model[model][name] for by_model in of_folds) for name in of_first}
        for model, of_first in of_folds[0].items()
    }
    attributes = winner.user_attrs
    return CrossValidated(
        {"winner": dict(attributes["dev_metrics"])} | baselines, attributes["standard_error"]
    )


def refit_of(winner: FrozenTrial, request: TrialRequest) -> TrialRequest:
    """Return the request for the winner's training on train and dev set together.

    Parameters
    ----------
    winner
        The trial, from storage: it runs for the lower median of its folds' best epochs.
    request
        The trial as it was asked for.
    """
    return replace(request, refit_epochs=winner.user_attrs["best_epoch"], keep_parameters=True)


def _baseline_figures(data: TrainDevData, metric: Metric) -> dict[str, Figures]:
    rule = decision_rule(metric, data.class_counts)
    with threadpool_limits(1):  # one thread: the same sums on every machine
        return {
            name: {
                each.value: value
                for each, value in all_dev_figures(predict(data.X_dev), data, rule=rule).items()
            }
            for name, predict in _baselines(data).items()
        }


def _baselines(data: TrainDevData) -> dict[str, Predict]:
    if data.task is Task.CLASSIFICATION:
        y = data.y_train.astype(np.int64)
        return {
            MAJORITY_CLASS: class_shares(y, data.n_outputs),
            LOGISTIC_REGRESSION: logistic_regression(data.X_train, y, data.n_outputs),
        }
    targets = data.y_train.astype(np.float32)
    mean = float(targets.mean(dtype=np.float64))
    return {
        MEAN: lambda X: np.full((len(X), 1), mean),
        RIDGE_REGRESSION: ridge_regression(data.X_train, targets),
    }
