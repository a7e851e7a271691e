"""Worlds in which two models predict the same rows: what both see, and what each adds of its own."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.metric import Metric, measure

Rng = np.random.Generator

ALIKE = (MOST_PROBABLE, MOST_PROBABLE)
"""Both models' labels are their most probable classes."""


class DrawnPair(NamedTuple):
    """A test set: two models' predictions (n, n_outputs) or (n,), targets (n,) and units (n,), or None."""

    first: NDArray[np.float64]
    second: NDArray[np.float64]
    y: NDArray[Any]
    units: NDArray[np.intp] | None


PairedWorld = Callable[[Rng, int], DrawnPair]
"""Draws so many rows."""


def _units(rng: Rng, n: int, *, grouped: bool) -> NDArray[np.intp]:
    """Return units of one row each, or of eight on average."""
    return np.sort(rng.integers(n // 8, size=n)) if grouped else np.arange(n)


def two_classifiers(
    shares: list[float], separation: float, *, skill: float, own: float = 0.5, group_effect: float = 0.0
) -> PairedWorld:
    """Return two classifiers that share most of their scores; with a skill of 1 they are equally good.

    Parameters
    ----------
    shares
        Of the classes, to a factor.
    separation
        Of the scores of a row's own class from the others'.
    skill
        How much of the shared scores the second model sees; the first sees all.
    own
        Deviation of what each model adds.
    group_effect
        Deviation of what the rows of a group share, in the scores.
    """
    prior = np.array(shares) / sum(shares)

    def drawn(rng: Rng, n: int) -> DrawnPair:
        unit, n_classes = _units(rng, n, grouped=group_effect > 0), len(prior)
        y = rng.choice(n_classes, p=prior, size=n)

        def of_groups() -> NDArray[np.float64]:
            return np.asarray(group_effect * rng.normal(size=(unit.max() + 1, n_classes))[unit])

        seen = rng.normal(size=(n, n_classes)) + separation * np.eye(n_classes)[y] + of_groups()

        def model(seeing: float) -> NDArray[np.float64]:
            scores = separation * (seeing * seen + own * (rng.normal(size=seen.shape) + of_groups()))
            weights = np.exp(scores + 0.5 * np.log(prior))
            return np.asarray(weights / weights.sum(axis=1, keepdims=True))

        return DrawnPair(model(1.0), model(skill), y, unit if group_effect else None)

    return drawn


def two_regressions(
    *, skill: float, own: float = 0.5, group_effect: float = 0.0, is_heavy_tailed: bool = False
) -> PairedWorld:
    """Return two models of numbers that share most of their residuals; of a skill of 1 they are equal.

    Parameters
    ----------
    skill
        The second model adds `own` over that.
    own
        Deviation of what the first model adds.
    group_effect
        Deviation of what the rows of a group share.
    is_heavy_tailed
        Whether the shared residuals are Student's with 4 degrees of freedom.
    """

    def drawn(rng: Rng, n: int) -> DrawnPair:
        unit = _units(rng, n, grouped=group_effect > 0)
        y = 2 * rng.normal(size=n)

        def of_groups() -> NDArray[np.float64]:
            return np.asarray(group_effect * rng.normal(size=unit.max() + 1)[unit])

        noise = rng.standard_t(4, size=n) if is_heavy_tailed else rng.normal(size=n)
        shared: NDArray[np.float64] = noise + of_groups()

        def model(deviation: float) -> NDArray[np.float64]:
            return np.asarray(y + shared + deviation * (rng.normal(size=n) + of_groups()))

        return DrawnPair(model(own), model(own / skill), y, unit if group_effect else None)

    return drawn


_OF_CLASSES = (Metric.ERROR, Metric.BALANCED_ERROR, Metric.MACRO_F1, Metric.ROC_AUC, Metric.LOG_LOSS)
_OF_NUMBERS = (Metric.RMSE, Metric.MAE, Metric.R_SQUARED)

EQUAL: Mapping[str, tuple[PairedWorld, tuple[Metric, ...]]] = {
    "two classes": (two_classifiers([0.86, 0.14], 1.2, skill=1), _OF_CLASSES),
    "two classes, groups": (two_classifiers([0.86, 0.14], 1.2, skill=1, group_effect=0.7), _OF_CLASSES),
    "numbers": (two_regressions(skill=1), _OF_NUMBERS),
    "numbers, groups": (two_regressions(skill=1, group_effect=0.7), _OF_NUMBERS),
}
"""Worlds in which the two models are equally good: the difference is 0."""

UNEQUAL: Mapping[str, tuple[PairedWorld, tuple[Metric, ...]]] = {
    "two classes": (two_classifiers([0.86, 0.14], 1.2, skill=0.6), _OF_CLASSES),
    "three classes, groups": (
        two_classifiers([0.5, 0.3, 0.2], 1.5, skill=0.7, group_effect=0.7),
        _OF_CLASSES,
    ),
    "six classes": (two_classifiers([8, 4, 2, 2, 1, 1], 1.8, skill=0.8), _OF_CLASSES),
    "numbers": (two_regressions(skill=0.5), _OF_NUMBERS),
    "numbers, heavy tails": (two_regressions(skill=0.7, is_heavy_tailed=True), _OF_NUMBERS),
    "numbers, groups": (two_regressions(skill=0.7, group_effect=0.7), _OF_NUMBERS),
}
"""Worlds in which the first model is better."""


def true_difference(world: PairedWorld, metric: Metric, *, n: int = 300_000) -> float:
    """Return the difference of the two models' figures on very many fresh rows."""
    first, second, y, _ = world(np.random.default_rng(1), n)
    return measure(metric, first, y, target_deviation=1.0, rule=MOST_PROBABLE) - measure(
        metric, second, y, target_deviation=1.0, rule=MOST_PROBABLE
    )
