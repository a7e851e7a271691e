"""Ranges at whose end the best trials lie: the best value may lie beyond, or no value there is of use."""

from collections.abc import Mapping, Sequence
from math import isclose
from statistics import median

import numpy as np
from numpy.typing import NDArray
from optuna.trial import FrozenTrial
from scipy.special import ndtri

from search_spaces.fields import limits_of
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.regularizers import DROPOUT, NO_STRENGTH
from search_spaces.space import SearchSpace
from service.advice.diagnosis.finding import Finding, FindingKind
from service.advice.diagnosis.trial_ranking import FEWEST_BEST, best_of
from service.study.storage.kept_trials import place_of

OUTER_SHARE = 0.15
"""The best lie at an end where their median is within this share of the range from it."""

N_STANDARD_ERRORS = 2.8
"""So clear must it be that trials get better towards the end, the other ranges and their order considered."""

FEWEST_TRIALS = 12
"""Of fewer trials no slope is told."""

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
    regularization it is said that the best trials use none.

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
        kind = _kind(name, dimension, is_high=is_high)
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
    """Tell whether a position lies at an end of its range."""
    return position >= 1 - OUTER_SHARE if is_high else position <= OUTER_SHARE


def _slope(name: str, standing: Sequence[FrozenTrial], ranges: Mapping[str, Range]) -> float:
    """Return how clearly trials get better with the hyperparameter (standard errors); 0 of too few trials.

    Conditional ranges that not all of its trials have stand aside.
    """
    trials = [trial for trial in standing if name in trial.params]
    if len(trials) < FEWEST_TRIALS:
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


def _kind(name: str, dimension: Range, *, is_high: bool) -> FindingKind | None:
    """Return what an end means; None if nothing lies beyond and it has no meaning either."""
    nothing = NO_STRENGTH.get(name)
    limit = limits_of(name)[1 if is_high else 0]
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
