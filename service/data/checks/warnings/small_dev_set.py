"""A dev set so small that its figures differ by luck more than by hyperparameters."""

from collections.abc import Iterator
from math import sqrt
from statistics import NormalDist

import numpy as np

from service.data.checks.warnings.data_warning import Concern, DataWarning
from service.data.checks.warnings.known_data import KnownData
from service.tables.column_kinds import ColumnKind
from workers.train_dev_data import Task

FEWEST_EXAMPLES = 600
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
    if len(data.folds) > 1 or n_units >= FEWEST_EXAMPLES:
        return
    examples, known = f"{n_dev:,} dev examples", "is known to"
    if n_units < n_dev:
        examples, known = f"{examples} of {n_units:,} groups or records", "may be known to no better than"
    if data.task is Task.CLASSIFICATION:
        width = f"an error of 10 % {known} ± {100 * error_half_width(n_units):.1f} %"
    else:
        width = f"an RMSE {known} ± {100 * rmse_half_width(n_units):.0f} % of itself"
    if data.has_dev_file:
        remedy = "more examples in the dev file make it narrower"
    elif data.column_of(ColumnKind.TIME):
        remedy = f"--folds {_N_FOLDS} judges each trial on five stretches of time, one after the other"
    else:
        remedy = f"--folds {_N_FOLDS} judges each trial on all {len(data):,} known examples, in turn"
    yield DataWarning(
        about=Concern.FEW_DEV_EXAMPLES,
        column=None,
        sentence=f"with {examples} {width}, more than most choices differ by",
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
