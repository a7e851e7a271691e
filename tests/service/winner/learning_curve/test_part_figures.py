"""Predictions of all parts are about one truth, though each part has standardised it in its own way."""

from dataclasses import replace

import numpy as np
import pytest

from service.winner.examination.selection import joint_judge
from service.winner.learning_curve.part_figures import part_figures, true_of
from tests.service.winner.learning_curve.curves import LEARNER, known_of, outcomes_of, plan_of
from workers.messages import TrainingRules, TrialEnded
from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.metric import Metric


@pytest.mark.parametrize("metric", [Metric.RMSE, Metric.R_SQUARED, Metric.LOG_LOSS, Metric.ROC_AUC])
@pytest.mark.parametrize("log_target", [False, True])
def test_put_together_they_measure_what_each_training_measured(metric: Metric, *, log_target: bool) -> None:
    is_regression = metric in (Metric.RMSE, Metric.R_SQUARED)
    known = known_of("diabetes", **{"data.log_target": log_target}) if is_regression else known_of("digits")
    plan = plan_of(known, learner=replace(LEARNER, rules=TrainingRules(5, 5, metric, metric)))
    outcomes = outcomes_of(plan)
    y = true_of(plan)
    for part in plan.parts:
        trainings = [
            (request, outcome)
            for request in part.requests
            if isinstance(outcome := outcomes[request.number], TrialEnded)
        ]
        figures = part_figures(plan, part.n_examples, trainings)
        judged = joint_judge(metric, figures.predictions, y, rule=MOST_PROBABLE)(np.arange(len(y)))
        assert judged == pytest.approx(figures.badness, rel=1e-4)


def test_a_training_that_kept_no_predictions_is_a_fault() -> None:
    plan = plan_of(known_of("iris"))
    (request, _), ended = plan.parts[-1].requests, outcomes_of(plan)
    last = ended[request.number]
    assert isinstance(last, TrialEnded)
    bare = replace(last, folds=tuple(replace(fold, dev_predictions=None) for fold in last.folds))
    with pytest.raises(ValueError, match="was to keep its predictions, and has none"):
        part_figures(plan, 90, [(request, bare)])
