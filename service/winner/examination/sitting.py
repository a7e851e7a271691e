"""The opening: the winner and the baselines sit the sealed test set, once, and the ledger knows before."""

from collections.abc import Mapping
from typing import Any

from service.seal.ledger import Ledger
from service.seal.openings import Opening
from service.seal.sealed_test_set import SealError
from service.uncertainty.intervals import interval_of
from service.winner.examination.candidate import Candidate
from service.winner.examination.paired_figures import paired_figures
from workers.metrics import Metric


def sit_test(  # noqa: PLR0913 (an opening's facts, each by its name)
    candidate: Candidate, *, ledger: Ledger, study: str, metric: Metric, reason: str | None, seed: int
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
        Name of the study.
    metric
        The study's metric, whose interval is told.
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
        raise SealError(f"study {study!r} has no test set")
    opening = ledger.open(study, test.fingerprint, candidate.trial, reason)
    examples = candidate.read(test.open(opening))
    predictions = candidate.network.predict(examples.X)
    of_classes = candidate.by_class(predictions, examples.y)
    interval, method = interval_of(
        metric, predictions, examples.y, rule=candidate.rule, units=examples.units, seed=seed
    )
    results: Mapping[str, Any] = {
        "models": candidate.figures(examples, predictions),
        "differences": paired_figures(candidate, examples, predictions),
        "interval": {"low": interval.low, "high": interval.high, "method": method},
        "n_networks": candidate.network.n_networks,
        "n_examples": len(examples.y),
        "n_faulty": dict(examples.n_faulty),
        "by_class": None if of_classes is None else of_classes.model_dump(mode="json"),
    }
    ledger.finish(opening, results)
    return opening
