"""By how much the figures of a learning curve may be off: for want of seeds, and of dev examples."""

from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.examination.selection_bootstrap import joint_judge
from service.learning_curve.part_figures import PartFigures
from workers.metrics import Metric

MOST_EXAMPLES_DRAWN = 10_000
"""Dev examples of a resample: of more so many are drawn, and what they show is scaled to the set's size."""


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
    metric: Metric, parts: Sequence[PartFigures], y: NDArray[Any], *, n_draws: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return by how much other dev examples would move the parts' means, of mean 0: (n_draws, n_parts).

    The same examples are drawn for all parts: what is hard for one is hard for the others, so that the curve
    moves up and down far more than it bends.

    Parameters
    ----------
    metric
        The study's metric.
    parts
        What was measured.
    y
        What is true of the dev set, as `workers.metrics.measure` takes it.
    n_draws
        How many.
    rng
        What they are drawn with.
    """
    judge = joint_judge(metric, np.concatenate([part.predictions for part in parts]), y)
    ends = np.cumsum([len(part.badness) for part in parts])[:-1]
    n_drawn = min(len(y), MOST_EXAMPLES_DRAWN)
    means = np.array(
        [
            [of_part.mean() for of_part in np.split(judge(rng.integers(len(y), size=n_drawn)), ends)]
            for _ in range(n_draws)
        ]
    )
    return np.asarray((means - means.mean(axis=0)) * sqrt(n_drawn / len(y)))
