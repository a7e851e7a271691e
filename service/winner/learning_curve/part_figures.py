"""What the trainings on one part of the train set showed, in units that all parts share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.winner.learning_curve.curve_plan import CurvePlan
from workers.dev_figures import in_target_unit
from workers.messages import TrialEnded, TrialRequest
from workers.train_dev_data import Task, TrainDevData


@dataclass(frozen=True, slots=True, eq=False)
class PartFigures:
    """What was measured with one number of train examples.

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
    predictions = ended.dev_predictions
    if predictions is None:
        raise ValueError(f"training {ended.number} was to keep its predictions, and has none")
    if data.task is Task.CLASSIFICATION:
        return predictions
    own, true = in_target_unit(predictions.astype(np.float64), data)
    common: NDArray[np.floating] = y + (own - true)
    return common
