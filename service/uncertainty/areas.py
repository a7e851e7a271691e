"""The interval of an area under a ROC curve: right at 1, with few positives, and by units."""

from collections.abc import Callable
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from service.uncertainty.interval import Interval, Z
from service.uncertainty.proportions import Estimates, interval_of_mean
from service.uncertainty.units import effective_numbers, satterthwaite_quantile, variances


def roc_auc_interval(
    probabilities: NDArray[np.floating], y: NDArray[np.int64], unit: NDArray[np.intp], *, is_shared: bool
) -> Interval:
    """Return the interval of `workers.metrics.classification_metrics.roc_auc`.

    Of several classes it is put together from the interval of each against the rest. Of one class alone there
    is nothing to rank, and nothing to learn: 0 to 1.

    Parameters
    ----------
    probabilities
        (n_examples, n_classes).
    y
        Class indices (n_examples,).
    unit
        Number of each example's unit, from 0 (n_examples,).
    is_shared
        Whether units have several examples.
    """
    ranked = _ranked_classes(probabilities, y)
    if len(ranked) == 0:
        return Interval(0.0, 1.0)
    areas = [
        measured_area(probabilities[:, label], y == label, unit, is_shared=is_shared) for label in ranked
    ]
    moves = np.stack([area.moves for area in areas])
    return interval_of_mean(
        Estimates(
            np.array([area.value for area in areas]),
            np.array([area.interval.low for area in areas]),
            np.array([area.interval.high for area in areas]),
            moves @ moves.T,
        ),
        unseen_correlation=1 / max(len(areas) - 1, 1),
    )


def roc_auc_moves(
    probabilities: NDArray[np.floating], y: NDArray[np.int64], unit: NDArray[np.intp]
) -> NDArray[np.float64] | None:
    """Return by how much leaving out each unit moves a ROC AUC (n_units,); None: there is nothing to rank.

    Parameters
    ----------
    probabilities, y, unit
        As for `roc_auc_interval`.
    """
    ranked, n_units = _ranked_classes(probabilities, y), int(unit.max()) + 1
    if len(ranked) == 0:
        return None
    found = [_stratum_area(probabilities[:, label], y == label, unit, n_units).moves for label in ranked]
    return np.asarray(np.mean(found, axis=0))


def _ranked_classes(probabilities: NDArray[np.floating], y: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the classes whose area against the rest counts: of two classes the second alone."""
    n_of_class = np.bincount(y, minlength=probabilities.shape[1])
    ranked = np.flatnonzero((n_of_class > 0) & (n_of_class < len(y)))
    return ranked[1:] if len(n_of_class) == 2 else ranked


class MeasuredArea(NamedTuple):
    """An area with its interval, and by how much it moves as each unit is left out (n_units,)."""

    value: float
    interval: Interval
    moves: NDArray[np.float64]


def measured_area(
    scores: NDArray[np.floating],
    is_positive: NDArray[np.bool_],
    unit: NDArray[np.intp],
    *,
    is_shared: bool,
    stratum: NDArray[np.int64] | None = None,
) -> MeasuredArea:
    """Return the share of pairs in which the positive example has the higher score, with its interval.

    DeLong's variance, taken between units, is divided by the variance that Hanley and McNeil give for
    independent examples. The score interval uses that multiple of theirs, but never less than theirs: with
    few examples that are ranked almost without a fault, DeLong's variance is far too small.

    Parameters
    ----------
    scores
        (n_examples,).
    is_positive
        Which examples are; there is one of each kind, in each stratum (n_examples,).
    unit, is_shared
        As for `roc_auc_interval`.
    stratum
        Pairs are of one stratum alone: number of each example's, from 0 (n_examples,). None where there is
        but one.

    References
    ----------
    E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson, 1988, "Comparing the areas under two or more
    correlated receiver operating characteristic curves: a nonparametric approach", Biometrics 44; over units
    as N. A. Obuchowski, 1997, "Nonparametric analysis of clustered ROC curve data", Biometrics 53.
    """
    n_units = int(unit.max()) + 1
    strata = [np.arange(len(scores))]
    if stratum is not None:
        strata = [np.flatnonzero(stratum == number) for number in range(int(stratum.max()) + 1)]
    found = [_stratum_area(scores[rows], is_positive[rows], unit[rows], n_units) for rows in strata]
    n_pairs = np.array([int(each.n.prod()) for each in found], dtype=np.float64)
    weights = n_pairs / n_pairs.sum()
    value = float(sum(weight * each.value for weight, each in zip(weights, found, strict=True)))
    moves = np.asarray(sum(weight * each.moves for weight, each in zip(weights, found, strict=True)))
    n = np.bincount(is_positive.astype(np.int64), minlength=2)
    expected = area_variance(value, n_negative=int(n[0]), n_positive=int(n[1]))
    ratio = float(moves @ moves) / expected if expected > 0 else 1.0
    if is_shared:
        effective = effective_numbers(_by_kind(np.ones(len(scores)), is_positive, unit, n_units))
        kish = float(np.max(n / effective))
        t = float(satterthwaite_quantile(csr_array(moves[np.newaxis]), np.array([float(n_units)]))[0])
        is_seen = ratio > 0 and expected > 0 and effective.min() > 1
        ratio = ratio * (1 + (1 - 1 / kish) * ((t / Z) ** 2 - 1)) if is_seen else max(ratio, kish)
    interval = area_interval(value, n_negative=int(n[0]), n_positive=int(n[1]), times=max(ratio, 1.0))
    return MeasuredArea(value, interval, moves)


class _StratumArea(NamedTuple):
    """An area, how it moves as each unit is left out (n_units,), and the number of each kind (2,)."""

    value: float
    moves: NDArray[np.float64]
    n: NDArray[np.int64]


def _stratum_area(
    scores: NDArray[np.floating], is_positive: NDArray[np.bool_], unit: NDArray[np.intp], n_units: int
) -> _StratumArea:
    kinds = is_positive.astype(np.int64)
    n = np.bincount(kinds, minlength=2)
    # Of each example, the share of the other kind that it is above; ties count one half.
    above = _n_of_the_others_below(scores, kinds) / n[1 - kinds]
    placements = np.where(is_positive, above, 1 - above)
    value = float(placements[is_positive].mean())
    parts = _by_kind((placements - value) / n[kinds], is_positive, unit, n_units)
    _, of_kinds = variances(parts, _by_kind(1 / n[kinds], is_positive, unit, n_units))
    return _StratumArea(value, np.asarray(of_kinds.sum(axis=0)), n)


def _by_kind(
    each: NDArray[np.float64], is_positive: NDArray[np.bool_], unit: NDArray[np.intp], n_units: int
) -> csr_array:
    """Add up what each example counts, by kind and unit (2, n_units)."""
    sums = csr_array((each, (is_positive.astype(np.int64), unit)), shape=(2, n_units))
    sums.sum_duplicates()
    return sums


def area_interval(area: float, *, n_negative: int, n_positive: int, times: float = 1.0) -> Interval:
    """Return the score interval of an area under a ROC curve: right at 0 and 1 too, and where rows are few.

    Its ends are the areas A for which |area - A| = z sqrt(c V(A)): z is the normal quantile, V is
    `area_variance`, and c says how many times that variance the examples have.

    Parameters
    ----------
    area
        The share of pairs in which the positive example has the higher score.
    n_negative, n_positive
        Number of examples of each kind, at least 1.
    times
        c.

    References
    ----------
    R. G. Newcombe, 2006, "Confidence intervals for an effect size measure based on the Mann-Whitney
    statistic. Part 2", Statistics in Medicine 25, method 5.
    """

    def is_within(candidate: float) -> bool:
        variance = area_variance(candidate, n_negative=n_negative, n_positive=n_positive)
        return abs(area - candidate) <= Z * sqrt(times * variance)

    return Interval(_last(is_within, area, 0.0), _last(is_within, area, 1.0))


def area_variance(area: float, *, n_negative: int, n_positive: int) -> float:
    """Return the variance of an area A that is measured with independent examples.

    It is

        V(A) = A (1 - A) (1 + (n - 1) ((1 - A) / (2 - A) + A / (1 + A))) / (m k),   n = (m + k) / 2,

    m and k the numbers of examples: Hanley's and McNeil's variance, for scores of exponential distributions,
    in which either number is replaced by their mean.

    References
    ----------
    J. A. Hanley and B. J. McNeil, 1982, "The meaning and use of the area under a receiver operating
    characteristic (ROC) curve", Radiology 143; the mean as in Newcombe's method 5.
    """
    n = (n_negative + n_positive) / 2
    pairs_that_share = (n - 1) * ((1 - area) / (2 - area) + area / (1 + area))
    return area * (1 - area) * (1 + pairs_that_share) / (n_negative * n_positive)


def _n_of_the_others_below(scores: NDArray[np.floating], kinds: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how many examples of the other kind each is above, ties counting one half (n_examples,)."""
    below = np.empty(len(scores))
    for kind in (0, 1):
        own, others = scores[kinds == kind], np.sort(scores[kinds != kind])
        n_strictly, n_not_above = (np.searchsorted(others, own, side) for side in ("left", "right"))
        below[kinds == kind] = (n_strictly + n_not_above) / 2
    return below


def _last(is_within: Callable[[float], bool], inside: float, outside: float) -> float:
    """Bisect between a point that is within and the end of all that may be, to the last bits."""
    if is_within(outside):
        return outside
    for _ in range(60):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if is_within(middle) else (inside, middle)
    return inside
