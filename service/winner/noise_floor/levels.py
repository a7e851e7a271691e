"""The level at which quite different models stand: fitted on all and half of the train rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from service.uncertainty.differences import paired_difference
from service.uncertainty.intervals import standard_error
from service.winner.noise_floor.families import Fit, Predict, families
from service.winner.noise_floor.floor import ModelLevel
from workers.decision_rule import DecisionRule
from workers.dev_figures import in_target_unit
from workers.metrics import Metric, decision_rule, measure
from workers.train_dev_data import Task, TrainDevData

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
