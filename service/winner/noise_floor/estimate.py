"""The noise floor of a study's known examples: what rules out better figures, and what models reach."""

from collections.abc import Iterator, Sequence
from math import isfinite

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from service.winner.noise_floor.floor import FloorBelow, ModelLevel, NoiseFloor
from service.winner.noise_floor.levels import model_levels, rows_at_most
from service.winner.noise_floor.noise_between_rows import (
    HAVE_FLOOR_BELOW,
    floor_of_equal_rows,
    floor_of_nearest_rows,
)
from workers.metrics.metric import Metric
from workers.train_dev_data import Task, TrainDevData

FEWEST_DEV = 2


def has_noise_floor(metric: Metric) -> bool:
    """Tell whether noise keeps a metric from being perfect: not the calibration, which knows the noise."""
    return metric is not Metric.CALIBRATION_ERROR


def has_bayes_figure(metric: Metric) -> bool:
    """Return whether a Bayes error is a value of the metric: an error's, a balanced error's, or an RMSE."""
    return metric in (Metric.ERROR, Metric.BALANCED_ERROR, Metric.RMSE)


def estimate_noise_floor(  # noqa: PLR0913 (its inputs, each by its name)
    metric: Metric,
    folds: Sequence[TrainDevData],
    *,
    known: Sequence[ModelLevel],
    units: NDArray[np.intp] | None,
    fits_models: bool,
    seed: int,
) -> NoiseFloor | None:
    """Estimate the range of the best figure that anyone could reach; None where nothing shows it.

    A lower floor that a model beats by more than two standard errors is wrong, and is left out.

    Parameters
    ----------
    metric
        The study's metric.
    folds
        Train rows and rows to judge by, of one kind: one pair, or folds. The test set is not among them.
    known
        What the winner and a constant reach on these rows to judge by.
    units
        As for `service.winner.noise_floor.levels.model_levels`.
    fits_models
        Whether other models are fitted, too.
    seed
        Source of what is drawn.
    """
    if not has_noise_floor(metric) or sum(len(fold.y_dev) for fold in folds) < FEWEST_DEV:
        return None
    # One thread: the same sums on every machine. Targets whose squares overflow have no figures here.
    with threadpool_limits(1), np.errstate(over="ignore", invalid="ignore"):
        of_families = model_levels(metric, folds, units=units, seed=seed) if fits_models else []
        found = list(_floors_below(metric, folds[0], rng=np.random.default_rng([seed, len(folds)])))
    levels = [each for each in (*known, *of_families) if isfinite(each.figure + each.standard_error)]
    found = [each for each in found if isfinite(each.figure)]
    if not levels:
        return None
    levels.sort(key=lambda level: metric.badness(level.figure))
    best = levels[0]
    reached = metric.badness(best.figure)
    below = sorted(
        (each for each in found if metric.badness(each.figure) <= reached + 2 * best.standard_error),
        key=lambda each: -metric.badness(each.figure),
    )
    lowest = min(metric.badness(below[0].figure), reached) if below else metric.badness(metric.perfect)
    return NoiseFloor(
        metric=metric,
        lowest=metric.badness(lowest),
        highest=metric.badness(min(metric.badness(each.figure) + 2 * each.standard_error for each in levels)),
        reached=best,
        below=tuple(below),
        models=tuple(levels),
        n_train=rows_at_most(folds[0]),
    )


def _floors_below(metric: Metric, fold: TrainDevData, *, rng: np.random.Generator) -> Iterator[FloorBelow]:
    """Yield what the known rows of a fold rule out, train and dev rows together."""
    if metric not in HAVE_FLOOR_BELOW:
        return
    X = np.concatenate([fold.X_train, fold.X_dev])
    y = _targets(fold)
    if len(np.unique(y)) < 2:
        return
    for floor in (floor_of_equal_rows(metric, X, y), floor_of_nearest_rows(metric, X, y, rng=rng)):
        if floor is not None:
            yield floor


def _targets(fold: TrainDevData) -> NDArray[np.int64] | NDArray[np.float64]:
    """Return class indices, or numbers in the target's unit but for an offset (n_rows,)."""
    both = np.concatenate(
        [fold.y_train.reshape(len(fold.y_train), -1), fold.y_dev.reshape(len(fold.y_dev), -1)]
    )
    if fold.task is Task.CLASSIFICATION:
        return np.asarray(both[:, 0].astype(np.int64))
    scaled = both[:, 0].astype(np.float64) * fold.target_deviation
    if fold.log_target_mean is None:
        return np.asarray(scaled)
    return np.asarray(np.exp(np.minimum(scaled + fold.log_target_mean, 330.0)))
