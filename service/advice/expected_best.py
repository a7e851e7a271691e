"""How good the best of fewer trials would have been: what a smaller budget buys."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from optuna.trial import FrozenTrial, TrialState
from pydantic import BaseModel, ConfigDict

from service.study.storage.kept_trials import eligible, place_of, record_of
from service.study.storage.stored_study import StoredStudy
from workers.metrics.metric import Metric

_NEGLIGIBLE = 45.0
"""exp(-45) is 3e-20: weights below that share of the first are nothing to a double."""

RANDOM_SAMPLERS = ("random", "qmc")
"""Samplers whose trials are exchangeable, as far as quasi-random points are: none looks at results."""


class ExpectedBest(BaseModel):
    """The expected best dev figure of the study's first b trials, had they come in another order."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    n_trials: int
    """Trials that it rests on: drawn at random, and complete."""

    figures: tuple[float, ...] | None
    """By number of trials b = 1, 2, ..., in the metric's unit and sense; None where it is unknown."""

    why_not: str | None
    """Why it is unknown; None where it is known."""


def expected_best_in(study: StoredStudy) -> ExpectedBest:
    """Return the expected best dev figure of a study by number of trials, where it is known."""
    sampler, pruner = study.config.sampler, study.config.pruner
    return expected_best_of(
        study.trials,
        study.metric,
        sampler=str(getattr(sampler, "kind", sampler)),
        pruner=str(pruner.kind),
    )


def expected_best_of(
    trials: Sequence[FrozenTrial], metric: Metric, *, sampler: str, pruner: str
) -> ExpectedBest:
    """Return the expected best dev figure by number of trials, where trials are random draws.

    Trial 0, which is the space's default values, and enqueued points are no draws, and are left out.

    Parameters
    ----------
    trials
        A study's trials.
    metric
        The study's metric.
    sampler, pruner
        Names of what asked and pruned them.
    """
    drawn = [
        metric.badness(trial.value)
        for trial in eligible(trials)
        if trial.state is TrialState.COMPLETE
        and trial.value is not None
        and place_of(trial) > 0
        and record_of(trial).enqueued is None
    ]
    why_not = None
    if sampler not in RANDOM_SAMPLERS:
        why_not = f"{sampler} chooses each point by those before it, so points are no random draws"
    elif pruner != "none":
        why_not = (
            f"trials that {pruner} pruned have no final figure, and those that it spared are no random draw"
        )
    elif not drawn:
        why_not = "no trial that was drawn at random is complete"
    if why_not is not None:
        return ExpectedBest(n_trials=0, figures=None, why_not=why_not)
    figures = tuple(metric.badness(badness) for badness in expected_lowest(drawn).tolist())
    return ExpectedBest(n_trials=len(drawn), figures=figures, why_not=None)


def expected_lowest(values: Sequence[float]) -> NDArray[np.float64]:
    """Return the expected lowest of b values drawn without replacement, for b = 1, ..., n: (n,).

    With the values in ascending order, E[lowest of b] = sum_i v_(i) C(n - i, b - 1) / C(n, b), as v_(i) is
    the lowest of those subsets that hold it and b - 1 of the n - i above it. It is the mean over all subsets,
    and unbiased for what b fresh draws would give; drawing from the values with replacement, as Dodge et al.
    do, is biased towards the worse, most of all near b = n.

    The weights follow from one another: the first is b / n, and weight i + 1 is weight i times
    (n - i - b + 1) / (n - i). They fall at least as fast as exp(-i (b - 1) / n), so that about 45 n / (b - 1)
    of them suffice: n log n steps in all, none of which subtracts or overflows.

    Parameters
    ----------
    values
        At least one, finite.

    Raises
    ------
    ValueError
        When there are none, or one is not finite.

    References
    ----------
    Dodge, J., Gururangan, S., Card, D., Schwartz, R. and Smith, N. A. (2019). Show your work: improved
    reporting of experimental results. EMNLP.
    Tang, R., Lee, J., Xin, J., Liu, X., Yu, Y. and Lin, J. (2020). Showing your work doesn't always work.
    ACL.
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    n = len(ordered)
    if n == 0 or not np.isfinite(ordered).all():
        raise ValueError(
            f"an expected best needs values, all finite, got {n} with {ordered[-1:]} as the last"
        )
    return np.array([_expected_lowest_of(b, ordered) for b in range(1, n + 1)])


def _expected_lowest_of(b: int, ordered: NDArray[np.float64]) -> float:
    """Return the expected lowest of b of the values, which are in ascending order."""
    n = len(ordered)
    n_weights = n - b + 1
    if b > 1:
        n_weights = min(n_weights, int(np.ceil(_NEGLIGIBLE * n / (b - 1))) + 1)
    above = n - np.arange(1.0, n_weights)
    weights = np.cumprod(np.concatenate(([b / n], (above - b + 1) / above)))
    return float(weights @ ordered[:n_weights])
