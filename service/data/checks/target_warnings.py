"""Targets to see to: rare or similar classes, skewed numbers, a dev set so small that luck decides."""

from collections.abc import Iterator
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from search_spaces.input_choices import TargetScale
from service.data.checks.data_warning import Concern, DataWarning, KnownData
from service.tables.cells import shown
from service.tables.column_kinds import ColumnKind
from service.tables.targets import SIMILAR_NAMES_REMEDY, similar_names
from workers.train_dev_data import Task

FEWEST_EXAMPLES = 30
"""Known ones: with fewer a class is hardly learned, and its error hardly measured."""


def rare_classes(data: KnownData) -> Iterator[DataWarning]:
    """Warn of classes with fewer than 30 known examples."""
    for index, name in enumerate(data.class_names):
        n_examples = int((data.y == index).sum())
        if n_examples < FEWEST_EXAMPLES:
            yield DataWarning(
                about=Concern.RARE_CLASS,
                column=None,
                sentence=f"class {shown(name)} has {n_examples} known examples",
                remedy=(
                    "its error cannot be measured well: collect more of them, or merge it with another class"
                ),
            )


def similar_classes(data: KnownData) -> Iterator[DataWarning]:
    """Warn of classes whose names differ only in case or blanks: they may be one, spelled carelessly."""
    if sentence := similar_names(data.class_names, data.y):
        yield DataWarning(
            about=Concern.SIMILAR_CLASSES, column=None, sentence=sentence, remedy=SIMILAR_NAMES_REMEDY
        )


LARGE = 1.5
"""A skewness: an exponential target has 2, and 0 is symmetric."""


def skewed_target(data: KnownData) -> Iterator[DataWarning]:
    """Offer the logarithm, unless it is tried, where it makes targets above 0 less skewed."""
    is_tried = any(choice.target_scale is TargetScale.LOG for choice in data.choices)
    if data.task is not Task.REGRESSION or is_tried or not (data.y > 0).all():
        return
    skew = skewness(data.y.astype(np.float64))
    if skew > LARGE and abs(skewness(np.log(data.y))) < skew:
        yield DataWarning(
            about=Concern.SKEWED_TARGET,
            column=None,
            sentence=f"a few targets are far above the others: their skewness is {skew:.1f}",
            remedy='let the search try logarithms: [space.target_scale] choices = ["standard", "log"]',
        )


def skewness(y: NDArray[np.float64]) -> float:
    """Return the third standardised moment, mean((y - mean)^3) / deviation^3; 0 where all are the same."""
    scaled = y / (np.abs(y).max() or 1.0)  # cubes stay finite
    centered = scaled - scaled.mean()
    deviation = float(centered.std())
    return float((centered**3).mean() / deviation**3) if deviation > 0 else 0.0


FEWEST_DEV_EXAMPLES = 600
"""An error of 10 % is then known to 2.4 %, about what good and middling hyperparameters differ by."""

_N_FOLDS = 5
_TYPICAL_ERROR = 0.1
_Z = NormalDist().inv_cdf(0.975)


def small_dev_set(data: KnownData) -> Iterator[DataWarning]:
    """Offer cross-validation where one dev set has fewer than 600 examples, or fewer units."""
    dev = data.folds[0].dev
    n_dev = n_units = len(dev)
    if data.units is not None:
        n_units = len(np.unique(data.units[dev]))
    if len(data.folds) > 1 or n_units >= FEWEST_DEV_EXAMPLES:
        return
    examples, known = f"{n_dev:,} dev examples", "is known to"
    if n_units < n_dev:
        examples, known = f"{examples} of {n_units:,} groups or records", "may be known only to"
    if data.task is Task.CLASSIFICATION:
        width = f"an error of 10 % {known} ± {100 * error_half_width(n_units):.1f} %"
    else:
        width = f"an RMSE {known} ± {100 * rmse_half_width(n_units):.0f} % of itself"
    if data.has_dev_file:
        remedy = "more examples in the dev file narrow it"
    elif data.column_of(ColumnKind.TIME):
        remedy = f"--folds {_N_FOLDS} evaluates each trial on five periods of time, one after the other"
    else:
        remedy = f"--folds {_N_FOLDS} evaluates each trial on all {len(data):,} known examples, in turn"
    yield DataWarning(
        about=Concern.FEW_DEV_EXAMPLES,
        column=None,
        sentence=f"with {examples}, {width}; most choices differ by less",
        remedy=remedy,
    )


def error_half_width(n_examples: int) -> float:
    """Return half the width of a 95 % interval of an error of 10 %: z sqrt(p (1 - p) / n)."""
    return _Z * sqrt(_TYPICAL_ERROR * (1 - _TYPICAL_ERROR) / n_examples)


def rmse_half_width(n_examples: int) -> float:
    """Return half the width of a 95 % interval of an RMSE, as a share of it: z / sqrt(2 n).

    That is for normal residuals; with heavier tails it is wider.
    """
    return _Z / sqrt(2 * n_examples)
