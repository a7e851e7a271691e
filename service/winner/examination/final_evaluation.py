"""The opening: winner and baselines on the sealed test set, once, and their differences in pairs."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.seal.identity import StudyIdentity
from service.seal.ledger import Ledger
from service.seal.openings import Opening
from service.seal.sealed_test_set import SealError
from service.uncertainty.differences import paired_difference
from service.uncertainty.intervals import interval_of
from service.winner.examination.baselines import Baseline
from service.winner.examination.candidate import Candidate, ExaminedSet
from workers.metrics.metric import Metric, metrics_of

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


def evaluate_on_test(  # noqa: PLR0913 (an opening's facts, each by its name)
    candidate: Candidate,
    *,
    ledger: Ledger,
    study: StudyIdentity,
    metric: Metric,
    reason: str | None,
    seed: int,
) -> Opening:
    """Open the sealed test set for the candidate and write its figures into the ledger.

    The opening is committed before the first test example is read; a process that dies in between leaves an
    opening without figures, which the same candidate may finish.

    Parameters
    ----------
    candidate
        Who sits it.
    ledger
        Where it is written down.
    study
        Whose winner it is.
    metric
        The study's metric, whose interval is reported.
    reason
        Why the test set is looked at again, where this study or another looked before.
    seed
        Source of the bootstrap's resamples.

    Raises
    ------
    AlreadyOpenedError
        The ledger refuses.
    SealError
        The study has no test set.
    """
    test = candidate.prepared.split.test
    if test is None:
        raise SealError(f"study {study.name!r} has no test set")
    opening = ledger.open(study, test.fingerprint, candidate.trial, reason)
    examples = candidate.read(test.open(opening))
    predictions = candidate.trained.predict(examples.X)
    of_classes = candidate.by_class(predictions, examples.y)
    interval, method = interval_of(
        metric, predictions, examples.y, rule=candidate.rule, units=examples.units, seed=seed
    )
    results: Mapping[str, Any] = {
        "models": candidate.figures(examples, predictions),
        "differences": paired_figures(candidate, examples, predictions),
        "interval": {"low": interval.low, "high": interval.high, "method": method},
        "n_models": candidate.trained.n_models,
        "n_examples": len(examples.y),
        "n_faulty": dict(examples.n_faulty),
        "by_class": None if of_classes is None else of_classes.model_dump(mode="json"),
    }
    ledger.finish(opening, results)
    return opening
