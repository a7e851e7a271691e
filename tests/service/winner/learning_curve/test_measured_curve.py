"""A learning curve, measured: the same on any number of workers, the test set untouched, failures counted."""

from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
import pytest

from search_spaces.network.point import NetworkPoint, Optimizer
from service.configuration.study_file import study_from_flags
from service.data.preparation.prepared_data import KnownInputs, read_and_split
from service.seal.sealed_test_set import SealedTestSet
from service.winner.learning_curve.curve_plan import CurvePlan
from service.winner.learning_curve.learning_curve import LearningCurve
from service.winner.learning_curve.measured_curve import Outcome, curve_of, measure
from tests.service.winner.learning_curve.curves import LEARNER, known_of, outcomes_of, plan_of, written
from tests.tripwire import tripwired_examples
from workers.messages import Ending, TrainingRules, TrialEnded, TrialLost
from workers.metrics.metric import Metric
from workers.pools.in_process_pool import InProcessPool
from workers.pools.pool import WorkerPool


def curve(plan: CurvePlan, pool: WorkerPool | None = None) -> LearningCurve:
    return curve_of(plan, outcomes_of(plan, pool), seed=0)


@pytest.fixture(scope="module")
def plan() -> CurvePlan:
    return plan_of(known_of("digits"), n_seeds=2)


@pytest.fixture(scope="module")
def outcomes(plan: CurvePlan) -> dict[int, Outcome]:
    return outcomes_of(plan)


def test_points_are_means_of_the_trainings_on_each_part(
    plan: CurvePlan, outcomes: dict[int, Outcome]
) -> None:
    found = curve_of(plan, outcomes, seed=0)

    assert (found.trial, found.metric, found.left_out) == (3, Metric.ERROR, ())
    assert [point.n_examples for point in found.points] == [135, 270, 540, 1079]
    for part, point in zip(plan.parts, found.points, strict=True):
        figures = [outcomes[request.number] for request in part.requests]
        assert point.dev_figures == tuple(each.dev_metric for each in figures if isinstance(each, TrialEnded))
        assert point.mean == pytest.approx(fmean(point.dev_figures))
        assert point.standard_error == pytest.approx(stdev(point.dev_figures) / 2**0.5)
        assert point.n_failed == 0
    assert found.dev_standard_error == pytest.approx(
        (found.points[-1].mean * (1 - found.points[-1].mean) / 359) ** 0.5, rel=0.1
    )
    assert found.fit is not None
    assert [each.factor for each in found.forecasts] == [2, 10]
    assert LearningCurve.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize("n_workers", [1, 3])
def test_the_curve_is_the_same_on_any_number_of_workers(
    plan: CurvePlan, outcomes: dict[int, Outcome], n_workers: int
) -> None:
    """With Ray's workers it is so through the command: `tests/end_to_end/test_learning_curve.py`."""
    assert curve(plan, InProcessPool(plan.data, n_workers=n_workers)) == curve_of(plan, outcomes, seed=0)


def test_nothing_of_it_trips_the_wire_at_the_test_set(plan: CurvePlan, outcomes: dict[int, Outcome]) -> None:
    config = study_from_flags({"data.table": "digits"})[0]
    table, sets, told = read_and_split(config)
    assert sets.test is not None
    test = SealedTestSet(tripwired_examples(sets.test.n_examples), fingerprint=sets.test.fingerprint)
    wired = KnownInputs(config, table.without_cells(), replace(sets, test=test), told, None)

    assert curve(plan_of(wired, n_seeds=2)) == curve_of(plan, outcomes, seed=0)


def test_trainings_that_break_off_are_counted_and_have_no_figure(
    plan: CurvePlan, outcomes: dict[int, Outcome]
) -> None:
    three = plan_of(known_of("digits"), n_seeds=3)
    ended = outcomes_of(three)
    broken, lost = three.parts[1].requests[0].number, three.parts[2].requests[2].number
    last = ended[broken]
    assert isinstance(last, TrialEnded)
    ended[broken] = replace(last, ending=Ending.FAILED, reason="diverged")
    ended[lost] = TrialLost(lost, "here", "killed")

    found = curve_of(three, ended, seed=0)
    assert [(len(point.dev_figures), point.n_failed) for point in found.points] == [
        (3, 0),
        (2, 1),
        (2, 1),
        (3, 0),
    ]

    fewer = {**outcomes, plan.parts[0].requests[0].number: ended[lost]}
    found = curve_of(plan, fewer, seed=0)
    assert [point.n_examples for point in found.points] == [270, 540, 1079]
    (left_out,) = found.left_out
    assert (left_out.n_examples, left_out.reason) == (135, "1 of 2 trainings broke off")


def test_where_every_training_breaks_off_there_is_no_curve_and_no_fault() -> None:
    wild = replace(LEARNER, point=NetworkPoint(width=8, optimizer=Optimizer.SGD, learning_rate=1e30))
    found = curve(plan_of(known_of("iris"), learner=wild))
    assert (found.points, found.fit, found.dev_standard_error) == ((), None, None)
    assert found.why_not == "no part of the train set has a figure"
    assert len(found.left_out) == 4


def test_an_interruption_leaves_no_outcome(plan: CurvePlan) -> None:
    heard: list[int] = []
    ended = measure(
        plan,
        InProcessPool(plan.data),
        watch=lambda request, _: heard.append(request.number),
        is_interrupted=lambda: len(heard) == 2,
    )
    assert ended is None
    assert len(heard) == 2


@pytest.mark.parametrize("metric", [Metric.RMSE, Metric.R_SQUARED, Metric.MAE])
@pytest.mark.parametrize("log_target", [False, True])
def test_in_regression_figures_are_in_the_targets_unit(metric: Metric, *, log_target: bool) -> None:
    learner = replace(LEARNER, rules=TrainingRules(30, 30, metric, metric))
    known = known_of("diabetes", **{"data.log_target": log_target})
    plan = plan_of(known, learner=learner)
    outcomes = outcomes_of(plan)
    found = curve_of(plan, outcomes, seed=0)

    deviation = np.std(known.sets.known.y[known.sets.folds[0].dev])
    for point in found.points:
        ended = [outcomes[request.number] for part in plan.parts for request in part.requests]
        assert set(point.dev_figures) <= {each.dev_metric for each in ended if isinstance(each, TrialEnded)}
        if metric is not Metric.R_SQUARED:
            assert 0.3 * deviation < point.mean < 3 * deviation
    assert found.dev_standard_error is not None
    if metric is Metric.RMSE:
        assert found.dev_standard_error == pytest.approx(found.points[-1].mean / (2 * 88) ** 0.5, rel=0.35)


def test_a_written_table_goes_the_same_way(tmp_path: Path) -> None:
    found = curve(plan_of(known_of(written(tmp_path / "table.csv"), **{"data.target": "y"})))
    assert [point.n_examples for point in found.points] == [30, 60, 120, 240]
