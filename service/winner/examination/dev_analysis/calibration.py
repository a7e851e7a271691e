"""Whether what is predicted with a probability happens as often, and numbers are right on average."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from service.uncertainty.class_rates import share_interval
from service.uncertainty.means import standard_error_of_mean
from service.winner.examination.dev_analysis.predicted_set import PredictedClasses, PredictedNumbers
from service.winner.examination.dev_analysis.values import CalibrationBin

MOST_BINS = 10
FEWEST_EXAMPLES = 10
"""Of a bin, where the dev set has as many."""


def calibrated_class(predicted: PredictedClasses) -> int | None:
    """Return the class whose probability is compared: of two the rarer one in y, or else the second.

    Of more classes it is None: each example's most probable one, whose probability is high where a rare
    class's mistakes are hidden, but which is the same question for every example.
    """
    counts = np.bincount(predicted.y, minlength=len(predicted.class_names))
    return None if len(counts) > 2 else int(counts[1] <= counts[0])


def calibration_of_classes(predicted: PredictedClasses) -> tuple[CalibrationBin, ...]:
    """Compare the probability of a class with how often it is the true one.

    A bin's standard error is half of Wilson's interval over 1.96: a bin without errors is not certain.
    """
    of_class = calibrated_class(predicted)
    shown = (
        np.argmax(predicted.probabilities, axis=1)
        if of_class is None
        else np.full(len(predicted.y), of_class)
    )
    probabilities = predicted.probabilities[np.arange(len(shown)), shown].astype(np.float64)
    units, is_true = predicted.units, shown == predicted.y
    bins = []
    for members in _equal_counts(probabilities):
        n = len(members)
        unit = np.arange(n) if units is None else np.unique(units[members], return_inverse=True)[1]
        interval = share_interval(is_true[members], unit, is_shared=units is not None)
        bins.append(
            CalibrationBin(
                predicted=float(probabilities[members].mean()),
                actual=float(is_true[members].mean()),
                standard_error=interval.standard_error,
                n_examples=n,
            )
        )
    return tuple(bins)


def calibration_of_numbers(predicted: PredictedNumbers) -> tuple[CalibrationBin, ...]:
    """Compare mean prediction with mean target, from the lowest predictions to the highest.

    A bin's standard error is that of its mean residual; of one example alone, its residual's size.
    """
    residuals, units = predicted.residuals, predicted.units
    bins = []
    for members in _equal_counts(predicted.predictions):
        of_members = None if units is None else units[members]
        bins.append(
            CalibrationBin(
                predicted=float(predicted.predictions[members].mean()),
                actual=float(predicted.y[members].mean()),
                standard_error=standard_error_of_mean(residuals[members], of_members),
                n_examples=len(members),
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
