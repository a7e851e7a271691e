"""By how much the figures of a learning curve may be off: for want of seeds, and of dev examples."""

from collections.abc import Sequence
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.uncertainty.unit_rows import UnitRows
from service.winner.examination.selection_bootstrap import joint_judge
from service.winner.learning_curve.part_figures import PartFigures
from workers.decision_rule import DecisionRule
from workers.metrics import Metric

MOST_UNITS_DRAWN = 10_000
"""Units of a resample: of more so many are drawn, and what they show is scaled to the number of all."""


class DevSet(NamedTuple):
    """What is true of the dev set, as `workers.metrics.measure` takes it, and how it is judged.

    `units` are numbers that examples share which came as one (n_dev,); None where each came by itself. `rule`
    decides labels.
    """

    y: NDArray[Any]
    units: NDArray[np.intp] | None
    rule: DecisionRule


def seed_variances(parts: Sequence[PartFigures]) -> NDArray[np.float64]:
    """Return the variance of each part's mean over its seeds (n_parts,).

    With two or three seeds a part's own variance may be anything, 0 among them; it is taken half and half
    with that of all parts together.
    """
    own = np.array([part.badness.var(ddof=1) for part in parts])
    freedom = np.array([len(part.badness) - 1 for part in parts])
    together = np.average(own, weights=freedom)
    return np.asarray((own + together) / 2 / (freedom + 1))


def dev_deviations(
    metric: Metric, parts: Sequence[PartFigures], dev: DevSet, *, n_draws: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return by how much other dev examples would move the parts' means, of mean 0: (n_draws, n_parts).

    The same units are drawn for all parts, whole ones: what is hard for one part is hard for the others, so
    that the curve moves up and down far more than it bends.

    Parameters
    ----------
    metric
        The study's metric.
    parts
        What was measured.
    dev
        What is true of the dev set.
    n_draws
        How many.
    rng
        What they are drawn with.
    """
    judge = joint_judge(metric, np.concatenate([part.predictions for part in parts]), dev.y, rule=dev.rule)
    ends = np.cumsum([len(part.badness) for part in parts])[:-1]
    units = UnitRows(dev.units, len(dev.y))
    n_drawn = min(len(units), MOST_UNITS_DRAWN)
    means = np.array(
        [
            [of_part.mean() for of_part in np.split(judge(units.rows(drawn)), ends)]
            for drawn in (rng.integers(len(units), size=n_drawn) for _ in range(n_draws))
        ]
    )
    return np.asarray((means - means.mean(axis=0)) * sqrt(n_drawn / len(units)))
