"""How predictions come out: probabilities beside shares, classes beside classes, residuals."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from service.uncertainty.mean_losses import standard_error_of_mean
from service.uncertainty.proportions import share_interval
from service.winner.examination.dev_analysis.predicted_examples import PredictedClasses, PredictedNumbers
from service.winner.examination.dev_analysis.values import CalibrationBin, Confusion, Residuals

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


MOST_POINTS = 300
"""A picture of more shows no more."""

PERCENTS = (5, 25, 50, 75, 95)


def residuals_of(predicted: PredictedNumbers, *, seed: int, most_points: int = MOST_POINTS) -> Residuals:
    """Draw points for a picture, and tell the quantiles of all residuals.

    Parameters
    ----------
    predicted
        The dev examples.
    seed
        Source of what is drawn.
    most_points
        Most points to draw.
    """
    n = len(predicted.y)
    drawn = np.arange(n)
    if n > most_points:
        rng = np.random.default_rng(np.random.SeedSequence([seed, int.from_bytes(b"residuals")]))
        drawn = np.sort(rng.choice(n, most_points, replace=False))
    points = np.column_stack([predicted.y, predicted.predictions])[drawn]
    quantiles = np.percentile(predicted.residuals, PERCENTS)
    return Residuals(
        points=tuple(map(tuple, points.tolist())),
        quantiles={f"{percent} %": float(at) for percent, at in zip(PERCENTS, quantiles, strict=True)},
    )


MOST_CLASSES = 20
"""Only so many classes are reported, the most frequent ones."""


def confusion_of(predicted: PredictedClasses, *, most_classes: int = MOST_CLASSES) -> Confusion:
    """Count examples by their class and the predicted one.

    Parameters
    ----------
    predicted
        The dev examples.
    most_classes
        Most classes to count; of equally frequent ones the first are.
    """
    n_classes = len(predicted.class_names)
    n_of_class = np.bincount(predicted.y, minlength=n_classes)
    shown = np.sort(np.argsort(-n_of_class, kind="stable")[:most_classes])
    place = np.full(n_classes, -1)
    place[shown] = np.arange(len(shown))
    true, named = place[predicted.y], place[predicted.labels]
    is_shown = (true >= 0) & (named >= 0)
    pairs = true[is_shown] * len(shown) + named[is_shown]
    counts = np.bincount(pairs, minlength=len(shown) ** 2).reshape(len(shown), -1)
    return Confusion(
        classes=tuple(predicted.class_names[index] for index in shown),
        counts=tuple(map(tuple, counts.tolist())),
        n_left_out=int(np.count_nonzero(~is_shown)),
    )
