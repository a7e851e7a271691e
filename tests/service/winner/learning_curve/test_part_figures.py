"""Predictions of all parts are about one truth, though each part has standardised it in its own way.

How far a curve's figures may be off: by seeds, and by dev examples that all parts share.
"""

from dataclasses import replace

import numpy as np
import pytest

from service.winner.examination.selection import joint_judge
from service.winner.learning_curve.part_figures import (
    MOST_UNITS_DRAWN,
    DevSet,
    PartFigures,
    dev_deviations,
    part_figures,
    seed_variances,
    true_of,
)
from tests.service.winner.learning_curve.curves import LEARNER, error_figures, known_of, outcomes_of, plan_of
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


def part(*badness: float) -> PartFigures:
    return PartFigures(100, np.array(badness), np.zeros((len(badness), 1, 1)))


def test_a_parts_variance_is_half_its_own_and_half_that_of_all() -> None:
    # Own variances 2 and 0 with 1 and 2 degrees of freedom: together 2/3.
    found = seed_variances([part(1.0, 3.0), part(5.0, 5.0, 5.0)])
    assert found == pytest.approx([(2 + 2 / 3) / 2 / 2, (0 + 2 / 3) / 2 / 3])


def test_an_errors_deviations_are_those_of_a_share_and_go_together_where_examples_do() -> None:
    rng = np.random.default_rng(1)
    parts, y = error_figures(np.array([0.3, 0.25, 0.2, 0.2]), n_dev=400, n_seeds=1, rng=rng)
    drawn = dev_deviations(Metric.ERROR, parts, DevSet(y, None, MOST_PROBABLE), n_draws=2000, rng=rng)

    assert drawn.mean(axis=0) == pytest.approx(0, abs=1e-12)
    rates = np.array([one.badness[0] for one in parts])
    assert drawn.std(axis=0) == pytest.approx(np.sqrt(rates * (1 - rates) / 400), rel=0.06)
    wrong = [one.predictions[0].argmax(axis=1) != y for one in parts]
    expected = np.corrcoef(np.array(wrong, dtype=float))
    assert np.corrcoef(drawn.T) == pytest.approx(expected, abs=0.06)
    assert expected[2, 3] > 0.2, "else it shows nothing"


def test_a_large_dev_set_is_drawn_from_and_scaled() -> None:
    rng = np.random.default_rng(1)
    parts, y = error_figures(np.full(4, 0.2), n_dev=4 * MOST_UNITS_DRAWN, n_seeds=1, rng=rng)
    drawn = dev_deviations(Metric.ERROR, parts, DevSet(y, None, MOST_PROBABLE), n_draws=400, rng=rng)
    assert drawn.std() == pytest.approx(np.sqrt(0.16 / len(y)), rel=0.1)


def test_dev_examples_that_came_as_one_are_drawn_together() -> None:
    rng = np.random.default_rng(1)
    parts, y = error_figures(np.array([0.3, 0.25, 0.2, 0.2]), n_dev=100, n_seeds=1, rng=rng)
    copies = np.repeat(np.arange(100), 9)
    copied = [PartFigures(one.n_examples, one.badness, one.predictions[:, copies]) for one in parts]
    by_unit, by_row = (
        dev_deviations(
            Metric.ERROR, copied, DevSet(y[copies], units, MOST_PROBABLE), n_draws=800, rng=rng
        ).std(axis=0)
        for units in (copies, None)
    )
    once = dev_deviations(Metric.ERROR, parts, DevSet(y, None, MOST_PROBABLE), n_draws=800, rng=rng).std(
        axis=0
    )
    assert by_unit == pytest.approx(once, rel=0.15)
    assert by_row == pytest.approx(once / 3, rel=0.15)
