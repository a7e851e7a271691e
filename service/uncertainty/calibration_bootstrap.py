"""The calibration error's interval and standard error, by a bootstrap over units."""

import numpy as np
from numpy.typing import NDArray

from service.uncertainty.interval import CONFIDENCE, Interval
from service.uncertainty.resampling import generator, in_blocks, times_drawn
from workers.classification_metrics import N_BINS


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
