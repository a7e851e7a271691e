"""By how much selecting among a study's best trials flatters, from what is kept of their predictions."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from service.seal.splits import Split
from service.winner.examination.selection_bootstrap import (
    FEWEST_EXAMPLES,
    SelectionBootstrap,
    bootstrap_selection,
)
from workers.dev_figures import in_target_unit
from workers.metrics import Metric, decision_rule
from workers.train_dev_data import TrainDevData

FEWEST_TRIALS = 2
"""Of one trial alone there is nothing to select."""


def examine_selection(
    predictions: Mapping[int, NDArray[np.float32]],
    folds: Sequence[TrainDevData],
    *,
    units: NDArray[np.intp] | None,
    metric: Metric,
    seed: int,
) -> SelectionBootstrap | None:
    """Estimate by how much the best of several trials flatters; None where too little is kept to tell.

    Parameters
    ----------
    predictions
        Of each trial, for the dev sets of the folds one after the other (n_dev, n_outputs).
    folds
        The dev sets, one alone where there are no folds.
    units
        Numbers that examples share which came as one, of these dev sets one after the other (n_dev,); None
        where each came by itself.
    metric
        The study's metric.
    seed
        Source of what is drawn.
    """
    sizes = [len(fold.y_dev) for fold in folds]
    whole = [of_trial for of_trial in predictions.values() if len(of_trial) == sum(sizes)]
    if len(whole) < FEWEST_TRIALS or sum(sizes) < FEWEST_EXAMPLES:
        return None
    cuts = np.cumsum(sizes)[:-1]
    in_units = [
        [in_target_unit(part, fold) for part, fold in zip(np.split(of_trial, cuts), folds, strict=True)]
        for of_trial in whole
    ]
    y = np.concatenate([true for _, true in in_units[0]])
    stacked = np.stack([np.concatenate([part for part, _ in of_trial]) for of_trial in in_units])
    # Folds share their examples, and so nearly the shares by which labels are decided.
    rule = decision_rule(metric, folds[0].class_counts)
    return bootstrap_selection(metric, stacked, y, rule=rule, units=units, seed=seed)


def units_of_dev_sets(sets: Split) -> NDArray[np.intp] | None:
    """Return the units of a split's dev sets, one after the other (n_dev,); None where each row is one.

    With repeated folds a row is in several dev sets, and is one unit in them all.

    Parameters
    ----------
    sets
        The split.
    """
    rows: NDArray[np.int64] = np.concatenate([fold.dev for fold in sets.folds])
    if sets.known.units is not None:
        return sets.known.units[rows]
    return rows.astype(np.intp) if len(np.unique(rows)) < len(rows) else None
