"""Peers of scikit-learn, each tuned by Optuna on the dev set that the study has.

All are tried first with scikit-learn's own defaults, then where TPE says. Where classes are unbalanced, the
weights of classes are among what is tuned, as they are in the study's default space.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import Any, NamedTuple

import numpy as np
import optuna
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.utils.class_weight import compute_sample_weight

from benchmarks.peer_data import PeerData, Predicted
from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.metric import Metric, measure
from workers.train_dev_data import Task

MAX_EPOCHS, PATIENCE = 60, 10
"""As a study's defaults are."""

MAX_TREES, PATIENCE_TREES = 500, 20


class Tried(NamedTuple):
    """One setting: its badness on the dev set, and what it predicts."""

    badness: float
    predicted: Predicted


Settings = dict[str, Any]
Suggest = Callable[[optuna.Trial, PeerData], Settings]
Try = Callable[[PeerData, Settings, int], Tried]


def tuned_mlp(data: PeerData, *, n_trials: int, seed: int) -> Predicted:
    """Tune scikit-learn's multilayer perceptron; the epoch is chosen on the dev set too."""
    start = {"depth": 1, "width": 100, "alpha": 1e-4, "learning_rate_init": 1e-3, "batch_size": 200}
    return _tuned(data, _suggest_mlp, _try_mlp, start=start, n_trials=n_trials, seed=seed)


def tuned_boosting(data: PeerData, *, n_trials: int, seed: int) -> Predicted:
    """Tune histogram gradient boosting on raw columns; it stops early by its loss on the dev set."""
    start = {"learning_rate": 0.1, "max_leaf_nodes": 31, "min_samples_leaf": 20, "l2_regularization": 1e-3}
    return _tuned(data, _suggest_boosting, _try_boosting, start=start, n_trials=n_trials, seed=seed)


def tuned_linear(data: PeerData, *, n_trials: int, seed: int) -> Predicted:
    """Tune logistic or ridge regression: the penalty, and the weights of classes."""
    return _tuned(data, _suggest_linear, _try_linear, start={"C": 1.0}, n_trials=n_trials, seed=seed)


def _tuned(  # noqa: PLR0913 - each by its name
    data: PeerData, suggest: Suggest, attempt: Try, *, start: Settings, n_trials: int, seed: int
) -> Predicted:
    """Return the predictions of the setting that is best on the dev set."""
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.enqueue_trial(start | ({"class_weight": None} if data.task is Task.CLASSIFICATION else {}))
    best = Tried(float("inf"), Predicted(np.empty(0), np.empty(0)))
    for number in range(n_trials):
        trial = study.ask()
        tried = attempt(data, suggest(trial, data), 1000 * seed + number)
        study.tell(trial, tried.badness)
        if tried.badness < best.badness:
            best = tried
    return best.predicted


def _suggest_class_weight(trial: optuna.Trial, data: PeerData) -> Settings:
    if data.task is Task.REGRESSION:
        return {}
    return {"class_weight": trial.suggest_categorical("class_weight", [None, "balanced"])}


def _suggest_mlp(trial: optuna.Trial, data: PeerData) -> Settings:
    depth = trial.suggest_int("depth", 1, 3)
    width = trial.suggest_int("width", 16, 256, log=True)
    return {
        "hidden_layer_sizes": (width,) * depth,
        "alpha": trial.suggest_float("alpha", 1e-6, 1e1, log=True),
        "learning_rate_init": trial.suggest_float("learning_rate_init", 3e-4, 3e-2, log=True),
        "batch_size": trial.suggest_int("batch_size", 32, 256, log=True),
    } | _suggest_class_weight(trial, data)


def _try_mlp(data: PeerData, settings: Settings, seed: int) -> Tried:
    X, y = data.inputs, data.y
    settings = dict(settings)
    weight = settings.pop("class_weight", None)
    is_classification = data.task is Task.CLASSIFICATION
    centre, deviation = (0.0, 1.0) if is_classification else (y.train.mean(), y.train.std())
    model = (MLPClassifier if is_classification else MLPRegressor)(random_state=seed, **settings)
    weights = None if weight is None else compute_sample_weight(weight, y.train)
    classes = {"classes": np.arange(data.n_classes)} if is_classification else {}

    def predict(of: Any, X: NDArray[np.generic]) -> Any:  # noqa: ANN401 - scikit-learn's
        return of.predict_proba(X) if is_classification else of.predict(X) * deviation + centre

    loss = Metric.LOG_LOSS if is_classification else Metric.RMSE
    best_rank, best_model, best_epoch = (float("inf"), float("inf")), model, 0
    for epoch in range(MAX_EPOCHS):
        targets = y.train if is_classification else (y.train - centre) / deviation
        model.partial_fit(X.train, targets, sample_weight=weights, **classes)
        predictions = predict(model, X.dev)
        rank = (
            data.badness(predictions, y.dev),
            measure(loss, predictions, y.dev, target_deviation=1.0, rule=MOST_PROBABLE),
        )
        if rank < best_rank:
            best_rank, best_model, best_epoch = rank, deepcopy(model), epoch
        if epoch - best_epoch >= PATIENCE:
            break
    return Tried(best_rank[0], Predicted(predict(best_model, X.dev), predict(best_model, X.test)))


def _suggest_boosting(trial: optuna.Trial, data: PeerData) -> Settings:
    return {
        "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.3, log=True),
        "max_leaf_nodes": trial.suggest_int("max_leaf_nodes", 4, 128, log=True),
        "min_samples_leaf": trial.suggest_int("min_samples_leaf", 5, 100, log=True),
        "l2_regularization": trial.suggest_float("l2_regularization", 1e-3, 1e2, log=True),
    } | _suggest_class_weight(trial, data)


def _try_boosting(data: PeerData, settings: Settings, seed: int) -> Tried:
    is_classification = data.task is Task.CLASSIFICATION
    model = (HistGradientBoostingClassifier if is_classification else HistGradientBoostingRegressor)(
        max_iter=MAX_TREES,
        early_stopping=True,
        n_iter_no_change=PATIENCE_TREES,
        categorical_features=data.is_categorical,
        random_state=seed,
        **settings,
    )
    model.fit(data.raw.train, data.y.train, X_val=data.raw.dev, y_val=data.y.dev)
    predict = model.predict_proba if is_classification else model.predict
    return _tried(data, Predicted(predict(data.raw.dev), predict(data.raw.test)))


def _suggest_linear(trial: optuna.Trial, data: PeerData) -> Settings:
    return {"C": trial.suggest_float("C", 1e-4, 1e3, log=True)} | _suggest_class_weight(trial, data)


def _try_linear(data: PeerData, settings: Settings, seed: int) -> Tried:
    del seed  # nothing is drawn
    if data.task is Task.CLASSIFICATION:
        model = LogisticRegression(max_iter=500, **settings).fit(data.inputs.train, data.y.train)
        predict = model.predict_proba
    else:
        model = Ridge(alpha=1 / settings["C"]).fit(data.inputs.train, data.y.train)
        predict = model.predict
    return _tried(data, Predicted(predict(data.inputs.dev), predict(data.inputs.test)))


def _tried(data: PeerData, predicted: Predicted) -> Tried:
    return Tried(data.badness(predicted.dev, data.y.dev), predicted)
