"""The winner's figures less each baseline's on the same examples, with intervals, as they are kept."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.uncertainty.differences import paired_difference
from service.winner.examination.baselines import Baseline
from service.winner.examination.candidate import Candidate, ExaminedSet
from workers.metrics import metrics_of

KeptDifferences = dict[str, dict[str, dict[str, Any]]]
"""By baseline and metric: `value`, `interval` as two ends or None, and `method`."""


def paired_figures(
    candidate: Candidate, examined: ExaminedSet, predictions: NDArray[np.floating]
) -> KeptDifferences:
    """Compare the winner with each baseline, row by row, by all metrics of the task.

    Parameters
    ----------
    candidate
        The winner, with its baselines.
    examined
        The examples that both are judged on.
    predictions
        The winner's, for them.
    """
    return {each.name: _differences(candidate, each, examined, predictions) for each in candidate.baselines}


def _differences(
    candidate: Candidate, baseline: Baseline, examined: ExaminedSet, predictions: NDArray[np.floating]
) -> dict[str, dict[str, Any]]:
    other = baseline.predict(examined.X_of_baselines)
    kept = {}
    for metric in metrics_of(baseline.task):
        found = paired_difference(
            metric,
            predictions,
            other,
            examined.y,
            rules=(candidate.rule, baseline.rule),
            units=examined.units,
        )
        interval = None if found.interval is None else list(found.interval)
        kept[metric.value] = {"value": found.value, "interval": interval, "method": found.method}
    return kept
