"""What a whole search shows beyond chance, with its numbers, in the order of the flow.

Ranges at whose end the best trials lie; training that was cut short, or learned too slowly; deep networks
that break off; and a search that has stopped finding better.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from math import ceil, inf, isclose, log2
from statistics import median, median_low

import numpy as np
from numpy.typing import NDArray
from optuna.trial import FrozenTrial, TrialState
from pydantic import BaseModel, ConfigDict
from scipy.special import ndtri

from search_spaces.fields import Fields
from search_spaces.network.point import NetworkPoint, Schedule
from search_spaces.network.regularizers import DROPOUT
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.space import SearchSpace
from service.advice.tried import FEWEST_BEST, OUTER_SHARE, best_of
from service.configuration.study_config import StudyConfig
from service.study.storage.kept_trials import place_of, record_of
from workers.metrics.metric import Metric


class FindingKind(StrEnum):
    """What kind of thing a search may show."""

    EDGE_OF_RANGE = "edge of range"
    LAST_EPOCH = "last epoch"
    SLOW_LEARNING = "slow learning"
    NO_REGULARIZATION = "no regularization"
    STRONGEST_REGULARIZATION = "strongest regularization"
    DEEP_NETWORKS_BREAK_OFF = "deep networks break off"
    DROPOUT_NEVER_HELPED = "dropout never helped"
    STALLED = "stalled"


class Finding(BaseModel):
    """Something that a search shows beyond chance."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    kind: FindingKind
    hyperparameter: str | None
    """The hyperparameter that it is about; None where it is about no single one."""

    is_upward: bool | None = None
    """Of a range, whether better values may lie above what was searched, or else below; None of all else."""

    text: str
    """In one sentence, without a full stop."""

    evidence: dict[str, float]
    """The numbers behind it, by name."""


def findings_of(
    standing: Sequence[FrozenTrial], config: StudyConfig, *, late_gain: float, noise: float | None
) -> tuple[Finding, ...]:
    """Return what a study's search shows.

    Parameters
    ----------
    standing
        Its trials in order, as `standing_of` gives them.
    config
        The study.
    late_gain, noise
        As for `stalled_findings`.
    """
    cut_short = last_epoch_findings(standing, config.space, max_epochs=config.training.max_epochs)
    return (
        *(slow_learning_findings(standing, config.space) if cut_short else ()),
        *edge_findings(standing, config.space),
        *cut_short,
        *breaking_off_findings(standing, config.space),
        *stalled_findings(standing, late_gain=late_gain, noise=noise),
    )


N_STANDARD_ERRORS = 2.8
"""So clear must it be that trials get better towards the end, the other ranges and their order considered."""


FEWEST_FOR_A_SLOPE = 12
"""Of fewer trials no slope is reported."""


LEAST_FREEDOM = 5
"""Trials beyond the coefficients of the slopes' regression."""


Range = FloatDimension | IntegerDimension


def edge_findings(standing: Sequence[FrozenTrial], space: SearchSpace) -> list[Finding]:
    """Find the ranges at whose end the best trials lie, and towards which trials get better.

    A sampler crowds around what was good, also along ranges that do not matter, so that the best trials often
    lie at an end by chance. That trials get better towards it must show by itself: the slope of the trials'
    ranks, as normal scores, over their positions, in a regression that has the other ranges and the trials'
    order beside it, is beyond 2.8 standard errors. With TPE and six ranges, two of which matter and none of
    which ends too early, about one study in twenty is accused by chance of one of its twelve ends.

    An end where the hyperparameter does nothing, or where its own limit is, is none to search beyond: for
    regularization it is reported that the best trials use none.

    Parameters
    ----------
    standing
        A study's trials in order, as `standing_of` gives them.
    space
        What it searched.
    """
    ranges = {
        name: dimension
        for name, dimension in space.dimensions.items()
        if isinstance(dimension, FloatDimension | IntegerDimension) and dimension.low < dimension.high
    }
    best = best_of(standing)
    found = []
    for name, dimension in ranges.items():
        of_best = [dimension.position(trial.params[name]) for trial in best if name in trial.params]
        if len(of_best) < FEWEST_BEST:
            continue
        middle = median(of_best)
        is_high = middle >= 0.5
        kind = _kind(name, dimension, space.fields, is_high=is_high)
        if kind is None or not _is_at(middle, is_high=is_high):
            continue
        slope = _slope(name, standing, ranges) * (1 if is_high else -1)
        if slope > N_STANDARD_ERRORS:
            n_at = sum(_is_at(position, is_high=is_high) for position in of_best)
            text = _TEXTS[kind].format(
                n_at=n_at, n=len(of_best), end="upper" if is_high else "lower", name=name, range=dimension
            )
            evidence = {
                "best trials": len(of_best),
                "best trials at the end": n_at,
                "median position": middle,
                "slope in standard errors": slope,
            }
            found.append(
                Finding(kind=kind, hyperparameter=name, is_upward=is_high, text=text, evidence=evidence)
            )
    return found


def _is_at(position: float, *, is_high: bool) -> bool:
    """Return whether a position lies at an end of its range."""
    return position >= 1 - OUTER_SHARE if is_high else position <= OUTER_SHARE


def _slope(name: str, standing: Sequence[FrozenTrial], ranges: Mapping[str, Range]) -> float:
    """Return how clearly trials get better with the hyperparameter (standard errors); 0 of too few trials.

    Conditional ranges that not all of its trials have stand aside.
    """
    trials = [trial for trial in standing if name in trial.params]
    if len(trials) < FEWEST_FOR_A_SLOPE:
        return 0.0
    beside = [other for other in ranges if other != name and all(other in trial.params for trial in trials)]
    if len(trials) - len(beside) - 3 < LEAST_FREEDOM:
        beside = []
    positions = [[ranges[each].position(trial.params[each]) for each in (name, *beside)] for trial in trials]
    order = np.log1p([place_of(trial) for trial in trials])
    columns = np.column_stack([np.asarray(positions), order, np.ones(len(trials))])
    scores = _normal_scores(len(trials))
    coefficients, *_ = np.linalg.lstsq(columns, scores)
    residuals = scores - columns @ coefficients
    of_one = float(residuals @ residuals) / (len(trials) - columns.shape[1])
    variance = of_one * np.linalg.pinv(columns.T @ columns)[0, 0]
    return float(coefficients[0] / np.sqrt(variance)) if variance > 0 else 0.0


def _normal_scores(n: int) -> NDArray[np.float64]:
    """Return scores of n trials in order (n,), the best one's the highest, spread as a normal sample."""
    return np.asarray(ndtri((n - np.arange(n) - 0.5) / n))


def _kind(name: str, dimension: Range, fields: Fields, *, is_high: bool) -> FindingKind | None:
    """Return what an end means; None if nothing lies beyond and it has no meaning either."""
    nothing = fields.no_strength.get(name)
    limit = fields.limits_of(name)[1 if is_high else 0]
    if nothing is not None:
        if is_high == (nothing >= dimension.high):
            return FindingKind.DROPOUT_NEVER_HELPED if name in DROPOUT else FindingKind.NO_REGULARIZATION
        return FindingKind.STRONGEST_REGULARIZATION
    is_at_limit = isclose(dimension.high if is_high else dimension.low, limit, rel_tol=0.02, abs_tol=1e-12)
    return None if is_at_limit else FindingKind.EDGE_OF_RANGE


_TEXTS = {
    FindingKind.EDGE_OF_RANGE: "{n_at} of the {n} best trials lie at the {end} end of {name} ({range}),"
    " and trials get better towards it",
    FindingKind.NO_REGULARIZATION: "{n_at} of the {n} best trials have next to no {name} ({range}), and"
    " trials get better the less they have",
    FindingKind.STRONGEST_REGULARIZATION: "{n_at} of the {n} best trials have nearly the strongest {name}"
    " ({range}), and trials get better the more they have",
    FindingKind.DROPOUT_NEVER_HELPED: "dropout never helped: {n_at} of the {n} best trials have next to none"
    " ({name}, {range}), and trials get better the less they have",
}


SHARE_AT_THE_END = 0.6
"""So many of the best trials must have their best epoch at the end (fraction)."""


LAST_SHARE = 0.05
"""The end is the last twentieth of the epochs allowed, and at least the very last."""


def last_epoch_findings(
    standing: Sequence[FrozenTrial], space: SearchSpace, *, max_epochs: int
) -> list[Finding]:
    """Find that the best trials have their best epoch where training had to end.

    Only trials with a constant learning rate are looked at: one that falls to nothing at the last epoch has
    its best weights there by design, however many epochs there are.

    Parameters
    ----------
    standing
        A study's trials in order, as `standing_of` gives them.
    space
        What it searched.
    max_epochs
        The most epochs that a trial may have.
    """
    if max_epochs == 1:  # a model that is fitted at once
        return []
    constant = [
        trial
        for trial in standing
        if space.value_at("learning_rate_schedule", trial.params) in (None, Schedule.CONSTANT)
    ]
    best = best_of(constant)
    end = max_epochs - int(LAST_SHARE * max_epochs)
    n_at_end = sum(record_of(trial).best_epoch >= end for trial in best)
    if len(best) < FEWEST_BEST or n_at_end < SHARE_AT_THE_END * len(best):
        return []
    some = " with a constant learning rate" if "learning_rate_schedule" in space.fields.names else ""
    text = (
        f"{n_at_end} of the {len(best)} best trials{some} have their best epoch among the last of the"
        f" {max_epochs} allowed: they were still getting better"
    )
    evidence: dict[str, float] = {
        "best trials": len(best),
        "best trials at the end": n_at_end,
        "epochs allowed": max_epochs,
    }
    return [Finding(kind=FindingKind.LAST_EPOCH, hyperparameter=None, text=text, evidence=evidence)]


LEAST_CORRELATION = 0.4
"""Rank correlation of learning rate and standing from which the higher rates are the better ones."""


FEWEST_FOR_A_CORRELATION = 6
"""Of fewer complete trials no correlation is reported."""


_RATE = "learning_rate"


def slow_learning_findings(standing: Sequence[FrozenTrial], space: SearchSpace) -> list[Finding]:
    """Find that trials which were cut short did better the higher their learning rate.

    It is for where the best trials were still getting better at the last epoch, which is half of the
    evidence: the correlation alone, over a few trials, is weak. Pruned trials are left out, as what learns
    slowly looks much alike at the epochs at which trials are pruned.

    Parameters
    ----------
    standing
        A study's trials in order, as `standing_of` gives them.
    space
        What it searched.
    """
    dimension = space.dimensions.get(_RATE)
    complete = [trial for trial in standing if trial.state is TrialState.COMPLETE and _RATE in trial.params]
    if not isinstance(dimension, FloatDimension) or len(complete) < FEWEST_FOR_A_CORRELATION:
        return []
    rates = [trial.params[_RATE] for trial in complete]
    if len(set(rates)) == 1:
        return []
    from scipy.stats import spearmanr  # noqa: PLC0415 (half a second, which few studies need)

    correlation = -float(spearmanr(range(len(rates)), rates).statistic)
    if correlation < LEAST_CORRELATION:
        return []
    text = (
        f"learning is slow: the best trials were cut short, and of the {len(complete)} complete ones those"
        f" with a higher learning_rate ({dimension}) did better (rank correlation {correlation:.2f})"
    )
    return [
        Finding(
            kind=FindingKind.SLOW_LEARNING,
            hyperparameter=_RATE,
            is_upward=True,
            text=text,
            evidence={"complete trials": len(complete), "rank correlation": correlation},
        )
    ]


SIGNIFICANCE = 0.01
"""So seldom would failures be dealt so unevenly by chance."""


def breaking_off_findings(standing: Sequence[FrozenTrial], space: SearchSpace) -> list[Finding]:
    """Find that networks deeper than the middle one diverge or die more often, by Fisher's exact test.

    Parameters
    ----------
    standing
        A study's trials in order, as `standing_of` gives them.
    space
        What it searched.
    """
    if space.kind() != NetworkPoint.kind:
        return []
    depths = [(int(space.value_at("depth", trial.params) or 0), trial) for trial in standing]
    middle = median_low(depth for depth, _ in depths) if depths else 0
    deep = [trial.state is TrialState.FAIL for depth, trial in depths if depth > middle]
    shallow = [trial.state is TrialState.FAIL for depth, trial in depths if depth <= middle]
    if not any(deep):
        return []
    from scipy.stats import fisher_exact  # noqa: PLC0415 (half a second, which few studies need)

    counts = [[sum(deep), len(deep) - sum(deep)], [sum(shallow), len(shallow) - sum(shallow)]]
    if fisher_exact(counts, alternative="greater").pvalue > SIGNIFICANCE:
        return []
    inits = Counter(
        space.value_at("init_scheme", trial.params)
        for depth, trial in depths
        if depth > middle and trial.state is TrialState.FAIL
    )
    of_inits = ", ".join(f"{n} with init {scheme}" for scheme, n in inits.most_common())
    layers = f"{middle} hidden layer{'s' if middle > 1 else ''}"
    text = (
        f"{sum(deep)} of {len(deep)} networks with more than {layers} broke off ({of_inits}), and"
        f" {sum(shallow)} of {len(shallow)} others"
    )
    evidence: dict[str, float] = {
        "deep networks": len(deep),
        "deep networks that broke off": sum(deep),
        "other networks": len(shallow),
        "other networks that broke off": sum(shallow),
        "depth": middle,
    }
    kind = FindingKind.DEEP_NETWORKS_BREAK_OFF
    return [Finding(kind=kind, hyperparameter="depth", text=text, evidence=evidence)]


FEWEST_FOR_TWO_HALVES = 20
"""Of fewer trials the second half is too short to show anything."""


MOST_TIMES = 100
"""A cost above this many times the number of trials is reported only as being above."""


def gain_of_second_half(
    standing: Sequence[FrozenTrial], metric: Metric, *, expected: Sequence[float] | None = None
) -> float:
    """Return by how much the best figure got better in the second half of the trials (metric's unit).

    It is 0 or more, and infinite where no trial of the first half is complete.

    Parameters
    ----------
    standing
        A study's trials in order, as `standing_of` gives them.
    metric
        The study's metric.
    expected
        The expected best figure by number of trials, in which their order has no part; None
        where it is unknown, and what the study itself gained is returned.
    """
    if expected:
        return metric.badness(expected[(len(expected) - 1) // 2]) - metric.badness(expected[-1])
    in_order = sorted(standing, key=lambda trial: trial.number)
    best = [inf, inf]
    for place, trial in enumerate(in_order):
        if trial.state is TrialState.COMPLETE and trial.value is not None:
            for part in range(2 * place // len(in_order), 2):
                best[part] = min(best[part], metric.badness(trial.value))
    return best[0] - best[1] if best[1] < inf else inf


def stalled_findings(
    standing: Sequence[FrozenTrial], *, late_gain: float, noise: float | None
) -> list[Finding]:
    """Find that the second half of the trials gained less than half of the noise.

    What a doubling of the trials gained is about the most that the next one gains: an expected best-so-far
    curve flattens in the logarithm of the trials once it is near its end. So a gain as large as the noise
    costs at least n (2 ** (noise / gain) - 1) trials more.

    Parameters
    ----------
    standing
        A study's trials in order, as `standing_of` gives them.
    late_gain
        What their second half gained (metric's unit), as `gain_of_second_half` returns it.
    noise
        By how much figures of one point differ with the seed, or for want of examples (metric's unit); None
        where neither is known.
    """
    n = len(standing)
    if noise is None or n < FEWEST_FOR_TWO_HALVES or late_gain > noise / 2:
        return []
    times = 2 ** (noise / late_gain) - 1 if late_gain * log2(MOST_TIMES + 1) > noise else inf
    cost = f"at least {ceil(times * n):,}" if times < inf else f"more than {MOST_TIMES * n:,}"
    text = (
        f"the search has stalled: the last {n // 2} of {n} trials gained less than half the noise of one"
        f" score. A gain as large as the noise would take {cost} more trials"
    )
    evidence = {"trials": n, "gain of the second half": late_gain, "noise": noise}
    if times < inf:
        evidence["trials for a gain"] = ceil(times * n)
    return [Finding(kind=FindingKind.STALLED, hyperparameter=None, text=text, evidence=evidence)]
