"""What the trainings on one part of the train set showed, and how far its figures may be off."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.uncertainty.units import UnitRows
from service.winner.examination.selection import joint_judge
from service.winner.learning_curve.curve_plan import CurvePlan
from workers.messages import TrialEnded, TrialRequest
from workers.metrics.decision_rule import DecisionRule
from workers.metrics.dev_figures import in_target_unit, in_unit_about
from workers.metrics.metric import Metric
from workers.train_dev_data import TrainDevData


@dataclass(frozen=True, slots=True, eq=False)
class PartFigures:
    """The figures for one number of train examples.

    Attributes
    ----------
    n_examples
        Of the train set.
    badness
        A figure a seed (n_seeds,), two or more.
    predictions
        For the dev set (n_seeds, n_dev, n_outputs): probabilities, or numbers about `true_of` the plan.
    """

    n_examples: int
    badness: NDArray[np.float64]
    predictions: NDArray[np.floating]


def true_of(plan: CurvePlan) -> NDArray[Any]:
    """Return what is true of the dev set: classes, or numbers in the target's unit but for an offset."""
    data = plan.data.first_folds[0]
    return in_target_unit(np.zeros_like(data.y_dev), data)[1]


def part_figures(
    plan: CurvePlan,
    n_examples: int,
    trainings: Sequence[tuple[TrialRequest, TrialEnded]],
) -> PartFigures:
    """Gather the figures and predictions of complete trainings on one part.

    Parameters
    ----------
    plan
        The plan that they are of.
    n_examples
        The part's train examples.
    trainings
        What was asked for, and how it ended.

    Raises
    ------
    ValueError
        A training has no predictions.
    """
    badness, y = plan.learner.rules.metric.badness, true_of(plan)
    return PartFigures(
        n_examples=n_examples,
        badness=np.array([badness(ended.dev_metric) for _, ended in trainings]),
        predictions=np.stack([_about(y, ended, plan.data_of(request)) for request, ended in trainings]),
    )


def _about(y: NDArray[Any], ended: TrialEnded, data: TrainDevData) -> NDArray[np.floating]:
    """Return predictions about `y`: each part's targets are standardised by its own mean and deviation."""
    if ended.dev_predictions is None:
        raise ValueError(f"training {ended.number} was to keep its predictions, and has none")
    return in_unit_about(y, ended.dev_predictions, data)


MOST_UNITS_DRAWN = 10_000
"""Units of a resample: of more so many are drawn, and what they show is scaled to the number of all."""


class DevSet(NamedTuple):
    """The dev set's targets, as `workers.metrics.metric.measure` takes them, and how it is evaluated.

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
