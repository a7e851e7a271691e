"""The level at which models of different kinds stand, fitted on all and on half of the train rows."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.uncertainty.differences import paired_difference
from service.uncertainty.intervals import standard_error
from service.winner.noise_floor.floor import ModelLevel
from workers.metrics.decision_rule import DecisionRule
from workers.metrics.dev_figures import in_target_unit
from workers.metrics.metric import Metric, decision_rule, measure
from workers.train_dev_data import Task, TrainDevData

Predict = Callable[[NDArray[np.float32]], NDArray[np.float64]]
"""From inputs (n_examples, n_inputs) to probabilities (n_examples, n_classes), or numbers (n_examples, 1)."""

Fit = Callable[[NDArray[np.float32], NDArray[Any], int, int], Predict]
"""From inputs, targets, the number of classes (0 for numbers) and a seed."""

FEWEST_TO_STOP_EARLY = 200
"""Of fewer examples none is held back to end the boosting by."""

N_NEIGHBORS = (4, 8, 16, 32, 64, 128)
"""Of which the best is taken, by the train rows' other neighbors."""

MOST_ASKED = 2_000
"""Train rows whose other neighbors are looked up for that."""

MOST_ROUNDS, MOST_TREES, FEWEST_ROUNDS = 100, 200, 20
"""Of boosting; a round is a tree for each class."""


def families(task: Task) -> Mapping[str, Fit]:
    """Return what is fitted, by its name: a linear model, boosted trees, nearest neighbors."""
    if task is Task.CLASSIFICATION:
        return {
            "logistic regression": _logistic_regression,
            "boosted trees": _boosted_classes,
            "nearest neighbors": _nearest,
        }
    return {
        "ridge regression": _ridge_regression,
        "boosted trees": _boosted_numbers,
        "nearest neighbors": _nearest,
    }


def _logistic_regression(X: NDArray[np.float32], y: NDArray[Any], n_classes: int, _: int) -> Predict:
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 (half a second, which few commands need)
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 (as above)

    model = LogisticRegression(C=1.0, max_iter=300)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # 300 steps are a fixed setting like the others
        model.fit(X.astype(np.float64), y)
    return _of_all_classes(model, n_classes)


def _ridge_regression(X: NDArray[np.float32], y: NDArray[Any], _n_classes: int, _seed: int) -> Predict:
    from sklearn.linear_model import Ridge  # noqa: PLC0415 (half a second, which few commands need)

    model = Ridge(alpha=1.0).fit(X.astype(np.float64), y.reshape(-1).astype(np.float64))
    return lambda X: np.asarray(model.predict(X.astype(np.float64)))[:, np.newaxis]


def _boosted_classes(X: NDArray[np.float32], y: NDArray[Any], n_classes: int, seed: int) -> Predict:
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 (a second, which few need)

    rarest = int(np.unique(y, return_counts=True)[1].min())
    settings = _boosting(len(y), rarest=rarest, n_trees=1 if n_classes == 2 else n_classes, seed=seed)
    model = HistGradientBoostingClassifier(**settings).fit(X, y)
    return _of_all_classes(model, n_classes)


def _boosted_numbers(X: NDArray[np.float32], y: NDArray[Any], _n_classes: int, seed: int) -> Predict:
    from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415 (a second, which few need)

    model = HistGradientBoostingRegressor(**_boosting(len(y), rarest=len(y), n_trees=1, seed=seed))
    model.fit(X, y.reshape(-1).astype(np.float64))
    return lambda X: np.asarray(model.predict(X))[:, np.newaxis]


def _boosting(n_examples: int, *, rarest: int, n_trees: int, seed: int) -> dict[str, Any]:
    """Return the settings: small trees, and as many as held-back examples find of use.

    Rounds are fewer and larger than usual, so that ten classes of a thousand rows take half a second.
    """
    stops_early = n_examples >= FEWEST_TO_STOP_EARLY and rarest >= 10
    return {
        "learning_rate": 0.2,
        "max_iter": max(min(MOST_ROUNDS, MOST_TREES // n_trees), FEWEST_ROUNDS) if stops_early else 20,
        "max_leaf_nodes": 8,
        "l2_regularization": 1.0,
        "early_stopping": stops_early,
        "validation_fraction": 0.15,
        "random_state": seed,
    }


def _nearest(X: NDArray[np.float32], y: NDArray[Any], n_classes: int, _: int) -> Predict:
    """Average the nearest neighbors, as many as predict the train rows best from their other neighbors."""
    from sklearn.neighbors import NearestNeighbors  # noqa: PLC0415 (half a second, which few commands need)

    targets = np.eye(n_classes)[y.astype(np.int64)] if n_classes else y.reshape(len(y), -1).astype(np.float64)
    most = min(N_NEIGHBORS[-1], len(y) - 1)
    rows = X.astype(np.float64)
    found = NearestNeighbors(n_neighbors=most).fit(rows)
    tried = [n for n in N_NEIGHBORS if n <= most] or [most]
    asked = np.arange(min(len(y), MOST_ASKED))
    near = found.kneighbors(rows[asked], n_neighbors=most + 1, return_distance=False)
    itself_last = np.argsort(near == asked[:, np.newaxis], axis=1, kind="stable")
    others = np.take_along_axis(near, itself_last, axis=1)
    losses = [float(np.mean((targets[others[:, :n]].mean(axis=1) - targets[asked]) ** 2)) for n in tried]
    best = tried[int(np.argmin(losses))]

    def predict(X: NDArray[np.float32]) -> NDArray[np.float64]:
        near = found.kneighbors(X.astype(np.float64), n_neighbors=best, return_distance=False)
        return np.asarray(targets[near].mean(axis=1))

    return predict


def _of_all_classes(model: Any, n_classes: int) -> Predict:  # noqa: ANN401 (any classifier of scikit-learn's)
    def predict(X: NDArray[np.float32]) -> NDArray[np.float64]:
        probabilities = np.zeros((len(X), n_classes))  # a class that the train set lacks stays at 0
        probabilities[:, model.classes_] = model.predict_proba(X.astype(np.float64))
        return probabilities

    return predict


MOST_CELLS = 5_000_000
"""Inputs of all train rows, times the number of classes: further rows are left out."""

MOST_ROWS = 10_000
FEWEST_ROWS = 40
"""Of fewer train rows the half of them shows nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """Predictions for all dev rows, in the target's unit."""

    predictions: NDArray[np.floating]
    y: NDArray[np.integer | np.floating]
    rule: DecisionRule

    def figure(self, metric: Metric) -> float:
        return measure(metric, self.predictions, self.y, rule=self.rule, target_deviation=1.0)


def rows_at_most(data: TrainDevData) -> int:
    """Return how many train rows a model is fitted on: so many that it takes some seconds at most."""
    cells_of_a_row: int = data.X_train.shape[1] * (data.n_outputs if data.task is Task.CLASSIFICATION else 1)
    return min(len(data.y_train), MOST_ROWS, max(MOST_CELLS // max(cells_of_a_row, 1), 500))


def model_levels(
    metric: Metric, folds: Sequence[TrainDevData], *, units: NDArray[np.intp] | None, seed: int
) -> list[ModelLevel]:
    """Return what each family of models reaches, and what doubling the train rows gave it.

    Parameters
    ----------
    metric
        The study's metric.
    folds
        Train rows and the rows to judge by, one pair, or several whose dev rows are put together.
    units
        Numbers that dev rows share which came as one, of all folds one after the other (n_dev,); None where
        each came by itself.
    seed
        Source of what is drawn.
    """
    if min(len(fold.y_train) for fold in folds) < 2:
        return []
    drawn = [_drawn(fold, rng=np.random.default_rng([seed, place])) for place, fold in enumerate(folds)]
    return [_level(name, fit, metric, drawn, units, seed) for name, fit in families(folds[0].task).items()]


def _drawn(fold: TrainDevData, *, rng: np.random.Generator) -> TrainDevData:
    """Return a fold with its train rows shuffled, so that the first half is a draw; not all of many."""
    rows = rng.permutation(len(fold.y_train))[: rows_at_most(fold)]
    return replace(fold, X_train=fold.X_train[rows], y_train=fold.y_train[rows])


def _level(  # noqa: PLR0913, PLR0917 (a family, and what it is judged by)
    name: str,
    fit: Fit,
    metric: Metric,
    folds: Sequence[TrainDevData],
    units: NDArray[np.intp] | None,
    seed: int,
) -> ModelLevel:
    whole = _judged(fit, metric, folds, seed=seed)
    level = ModelLevel(
        model=name,
        figure=whole.figure(metric),
        standard_error=standard_error(
            metric, whole.predictions, whole.y, rule=whole.rule, units=units, seed=seed
        ),
    )
    if min(len(fold.y_train) for fold in folds) < FEWEST_ROWS:
        return level
    half = _judged(fit, metric, [_half(fold) for fold in folds], seed=seed)
    gained = paired_difference(
        metric, half.predictions, whole.predictions, whole.y, rules=(half.rule, whole.rule), units=units
    )
    if gained.interval is None:
        return level
    return level.model_copy(
        update={
            "gain_by_doubling": metric.badness(gained.value),
            "gain_standard_error": gained.interval.standard_error,
        }
    )


def _half(fold: TrainDevData) -> TrainDevData:
    n = len(fold.y_train) // 2
    return replace(fold, X_train=fold.X_train[:n], y_train=fold.y_train[:n])


def _judged(fit: Fit, metric: Metric, folds: Sequence[TrainDevData], *, seed: int) -> _Judged:
    """Fit a model in each fold, and put together what it predicts for the folds' dev rows."""
    predictions, truth = [], []
    for fold in folds:
        in_unit, y = in_target_unit(_predict_of(fit, fold, seed=seed)(fold.X_dev), fold)
        predictions.append(in_unit)
        truth.append(y.reshape(len(y), -1)[:, 0])
    # Folds share their rows, and so nearly the shares by which labels are decided.
    rule = decision_rule(metric, folds[0].class_counts)
    return _Judged(np.concatenate(predictions), np.concatenate(truth), rule)


def _predict_of(fit: Fit, fold: TrainDevData, *, seed: int) -> Predict:
    if fold.task is Task.REGRESSION:
        return fit(fold.X_train, fold.y_train, 0, seed)
    present = np.unique(fold.y_train)
    if len(present) < 2:  # nothing to tell apart
        only = np.eye(fold.n_outputs)[int(present[0])]
        return lambda X: np.tile(only, (len(X), 1))
    return fit(fold.X_train, fold.y_train, fold.n_outputs, seed)
