"""Whether what the winner is sure of is right as often, and what it predicts is so on average."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from service.examination.dev_analysis.predicted_set import PredictedClasses, PredictedNumbers
from service.examination.dev_analysis.values import CalibrationBin

MOST_BINS = 10
FEWEST_EXAMPLES = 10
"""Of a bin, where the dev set has as many."""


def calibration_of_classes(predicted: PredictedClasses) -> tuple[CalibrationBin, ...]:
    """Compare confidence in the named class with how often it is the right one.

    A bin's standard error is sqrt(p (1 - p) / n), p taken with one right and one wrong more (Laplace).
    """
    confidences = predicted.confidences
    is_right = (predicted.named == predicted.y).astype(np.float64)
    bins = []
    for members in _equal_counts(confidences):
        n = len(members)
        p = (is_right[members].sum() + 1) / (n + 2)
        bins.append(
            CalibrationBin(
                predicted=float(confidences[members].mean()),
                actual=float(is_right[members].mean()),
                standard_error=float(np.sqrt(p * (1 - p) / n)),
                n_examples=n,
            )
        )
    return tuple(bins)


def calibration_of_numbers(predicted: PredictedNumbers) -> tuple[CalibrationBin, ...]:
    """Compare mean prediction with mean target, from the lowest predictions to the highest.

    A bin's standard error is that of its mean residual; of one example alone, its residual's size.
    """
    residuals = predicted.residuals
    bins = []
    for members in _equal_counts(predicted.predictions):
        n = len(members)
        deviation = residuals[members].std(ddof=1) if n > 1 else np.abs(residuals[members][0])
        bins.append(
            CalibrationBin(
                predicted=float(predicted.predictions[members].mean()),
                actual=float(predicted.y[members].mean()),
                standard_error=float(deviation / np.sqrt(n)),
                n_examples=n,
            )
        )
    return tuple(bins)


def _equal_counts(values: NDArray[np.float64]) -> Iterator[NDArray[np.int64]]:
    """Yield each bin's examples, from the lowest values up: as many in each, but equal values together."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    n_bins = min(max(len(values) // FEWEST_EXAMPLES, 1), MOST_BINS)
    even = np.arange(1, n_bins) * len(values) // n_bins
    cuts = np.unique(np.searchsorted(ordered, ordered[even], side="left"))
    yield from np.split(order, cuts[cuts > 0])
