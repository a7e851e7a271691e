"""How far a figure may be off for want of examples: its interval and its standard error, by metric."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.uncertainty.areas import roc_auc_interval
from service.uncertainty.interval import CONFIDENCE, Interval, Z, students_quantile
from service.uncertainty.mean_losses import loss_totals
from service.uncertainty.proportions import balanced_error_interval, error_interval, macro_f1_interval
from service.uncertainty.studentized import (
    generator,
    in_blocks,
    log_standard_error,
    studentized_interval,
    times_drawn,
)
from service.uncertainty.units import unit_numbers
from workers.metrics.classification_metrics import N_BINS
from workers.metrics.decision_rule import DecisionRule
from workers.metrics.metric import Metric, measure


def calibration_resamples(
    probabilities: NDArray[np.floating], y: NDArray[np.int64], unit: NDArray[np.intp], *, seed: int
) -> NDArray[np.float64]:
    """Return the calibration errors of resamples, in which units are drawn with replacement (n_resamples,).

    Parameters
    ----------
    probabilities
        (n_examples, n_classes).
    y
        Class indices (n_examples,).
    unit
        Number of each example's unit, from 0 (n_examples,).
    seed
        Source of the resamples.
    """
    rng = generator(seed)
    named = np.argmax(probabilities, axis=1)
    confidence = probabilities[np.arange(len(y)), named].astype(np.float64)
    bins = np.clip(np.ceil(confidence * N_BINS).astype(np.int64) - 1, 0, N_BINS - 1)
    n_units = int(unit.max()) + 1
    surplus = np.bincount(unit * N_BINS + bins, confidence - (named == y), minlength=n_units * N_BINS)
    totals = in_blocks(np.column_stack([surplus.reshape(n_units, N_BINS), np.bincount(unit)]), rng=rng)
    sums = np.concatenate([times @ totals for times in times_drawn(len(totals), rng=rng)])
    return np.asarray(np.abs(sums[:, :N_BINS]).sum(axis=1) / sums[:, N_BINS])


def basic_interval(figure: float, resampled: NDArray[np.float64]) -> Interval:
    """Return the basic interval, from 0 on: the percentile one mirrored in the figure.

    The calibration error sums magnitudes, so that a resample's is too high by about as much as the figure
    itself.

    Parameters
    ----------
    figure
        The calibration error of all examples.
    resampled
        Those of resamples (n_resamples,).

    References
    ----------
    A. C. Davison and D. V. Hinkley, 1997, "Bootstrap methods and their application", equation 5.6.
    """
    low, high = np.quantile(resampled, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(max(0.0, 2 * figure - float(high)), max(figure, 2 * figure - float(low)))


_OF_CLASSES = {
    Metric.ERROR: (error_interval, "Wilson"),
    Metric.BALANCED_ERROR: (balanced_error_interval, "Wilson within classes"),
    Metric.MACRO_F1: (macro_f1_interval, "Wilson within classes"),
}


class ToldInterval(NamedTuple):
    """An interval, and how it was made."""

    interval: Interval
    method: str


def interval_of(  # noqa: PLR0913 (a metric, and what it is measured on, each by its name)
    metric: Metric,
    predictions: NDArray[np.floating],
    y: NDArray[np.integer | np.floating],
    *,
    rule: DecisionRule,
    units: NDArray[np.intp] | None,
    seed: int,
) -> ToldInterval:
    """Return the 95 % interval of a metric; the same seed gives the same interval.

    Parameters
    ----------
    metric
        Which.
    predictions, y
        As `workers.metrics.metric.measure` takes them, numbers in the target's unit.
    rule
        Decides labels.
    units
        Numbers that examples share which came as one (n_examples,); None where each came by itself. Where all
        came as one, nothing shows how units differ, and each counts by itself.
    seed
        Source of resamples.
    """
    unit, is_shared = unit_numbers(units, len(y))
    interval, method = _interval(metric, predictions, y, unit, rule=rule, is_shared=is_shared, seed=seed)
    if is_shared:
        method = f"{method}, {unit.max() + 1:,} independent groups or records"
    elif units is not None and len(units) > 1 and np.ptp(units) == 0:
        method = f"{method}, too narrow: all rows are of one group"
    return ToldInterval(interval, method)


def standard_error(  # noqa: PLR0913 (likewise)
    metric: Metric,
    predictions: NDArray[np.floating],
    y: NDArray[np.integer | np.floating],
    *,
    rule: DecisionRule,
    units: NDArray[np.intp] | None,
    seed: int,
) -> float:
    """Return the standard error of a metric, in its unit.

    Of a figure that counts classes or ranks it is half the interval over 1.96, so that no errors in a few
    examples is not certainty. Of a mean of losses it is that of the linearised figure, wider for few units by
    Student's t; of the calibration error the deviation of its resamples.

    Parameters
    ----------
    metric, predictions, y, rule, units, seed
        As for `interval_of`.
    """
    unit, is_shared = unit_numbers(units, len(y))
    match metric:
        case Metric.CALIBRATION_ERROR:
            return float(
                np.std(calibration_resamples(predictions, y.astype(np.int64), unit, seed=seed), ddof=1)
            )
        case Metric.LOG_LOSS | Metric.MAE | Metric.RMSE | Metric.R_SQUARED:
            losses = loss_totals(metric, predictions, y, unit)
            if not losses.is_varied:
                return 0.0
            wider = students_quantile(len(losses.totals) - 1) / Z
            return wider * losses.standard_error(log_standard_error(losses))
        case Metric.ERROR | Metric.BALANCED_ERROR | Metric.MACRO_F1 | Metric.ROC_AUC:
            found = _interval(metric, predictions, y, unit, rule=rule, is_shared=is_shared, seed=seed)
            return found[0].standard_error


def _interval(  # noqa: PLR0913 (a metric, and what it is measured on, each by its name)
    metric: Metric,
    predictions: NDArray[np.floating],
    y: NDArray[np.integer | np.floating],
    unit: NDArray[np.intp],
    *,
    rule: DecisionRule,
    is_shared: bool,
    seed: int,
) -> tuple[Interval, str]:
    if metric in _OF_CLASSES:
        make, method = _OF_CLASSES[metric]
        return make(rule.labels(predictions), y.astype(np.int64), unit, is_shared=is_shared), method
    if metric is Metric.ROC_AUC:
        found = roc_auc_interval(predictions, y.astype(np.int64), unit, is_shared=is_shared)
        return found, "Newcombe"
    figure = measure(metric, predictions, y, rule=rule, target_deviation=1.0)
    if metric is Metric.CALIBRATION_ERROR:
        resampled = calibration_resamples(predictions, y.astype(np.int64), unit, seed=seed)
        return basic_interval(figure, resampled), "basic bootstrap"
    losses = loss_totals(metric, predictions, y, unit)
    if not losses.is_varied:
        return Interval(figure, figure), "no interval, as no losses differ"
    return studentized_interval(losses, seed=seed)
