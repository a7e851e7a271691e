"""Confirmation runs decide the winner and are told of; nothing else of the report counts them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from service.advice.confirmation import Confirmation, confirmation_of
from service.report.facts.study_report import StudyReport
from service.study.search.winner import ranking
from tests.service.confirmed_study import begin_run, confirm
from tests.service.iris_study import IrisStudy, new_store, search_iris
from workers.metrics.metric import Metric


@pytest.fixture
def study(tmp_path: Path) -> Iterator[IrisStudy]:
    study = search_iris(new_store(tmp_path))
    yield study
    study.store.close()


def first_and_second(study: IrisStudy) -> tuple[int, int]:
    """Return the numbers of the trials with the best first figures."""
    first, second, *_ = ranking(study.stored.trials, Metric.ERROR)
    return first.number, second.number


def confirmation(study: IrisStudy) -> Confirmation:
    found = study.report.confirmation
    assert found is not None
    return found


def test_without_confirmation_runs_there_is_none(study: IrisStudy) -> None:
    assert study.report.confirmation is None


def test_the_winner_is_the_finalist_with_the_best_mean_and_the_first_best_has_flattered(
    study: IrisStudy,
) -> None:
    first, second = first_and_second(study)
    confirm(study.store, "iris", {first: [0.9, 0.8], second: [0.01, 0.03]})
    report, found = study.report, confirmation(study)
    figures = {each.trial: each for each in found.finalists}

    assert found.winner == second
    assert report.winner is not None
    assert report.winner.trial == second
    assert [each.trial for each in found.finalists] == [first, second]
    assert figures[first].other_figures == (0.9, 0.8)
    assert found.flattered == pytest.approx(0.85 - figures[first].first_figure)
    assert figures[second].mean == pytest.approx((figures[second].first_figure + 0.04) / 3)
    assert figures[second].deviation is not None
    assert found.is_complete
    assert found.training_seconds == 400


def test_a_metric_that_is_better_the_higher_flattered_by_how_much_lower_the_rest_is(study: IrisStudy) -> None:
    first, _ = first_and_second(study)
    confirm(study.store, "iris", {first: [0.2, 0.2]})
    found = confirmation_of(study.stored.trials, Metric.ROC_AUC)
    assert found is not None
    assert found.flattered == pytest.approx(found.finalists[0].first_figure - 0.2)


def test_a_run_that_broke_off_is_said_and_its_finalist_cannot_win(study: IrisStudy) -> None:
    first, second = first_and_second(study)
    confirm(study.store, "iris", {first: [0.0, None], second: [0.9, 0.9]})
    found = confirmation(study)

    assert [each.n_failed for each in found.finalists] == [1, 0]
    assert found.winner == second


def test_where_every_finalist_broke_off_first_figures_decide_and_that_is_said(study: IrisStudy) -> None:
    first, _ = first_and_second(study)
    confirm(study.store, "iris", {first: [None, None]})
    report, found = study.report, confirmation(study)

    assert report.winner is not None
    assert report.winner.trial == first
    assert (found.winner, found.flattered) == (None, None)
    assert found.finalists[0].deviation is None


def test_while_a_run_is_missing_it_is_not_complete(study: IrisStudy) -> None:
    first, second = first_and_second(study)
    confirm(study.store, "iris", {first: [0.9], second: [0.0]})
    begin_run(study.store, "iris", study.stored.trials[first], number=len(study.stored.trials))
    report, found = study.report, confirmation(study)

    assert not found.is_complete
    assert found.winner is None
    assert report.winner is not None
    assert report.winner.trial == first


def test_nothing_else_of_the_report_counts_them(study: IrisStudy) -> None:
    before = study.report
    first, second = first_and_second(study)
    confirm(study.store, "iris", {first: [0.0, None], second: [0.9, 0.9]})
    after = study.report

    assert after.trials == before.trials.model_copy(update={"confirmation_runs": 4})
    unchanged = (
        "failures",
        "failures_in_common",
        "origins",
        "search_seconds",
        "training_seconds",
        "expected_best_so_far",
        "ending",
    )
    for name in unchanged:
        assert getattr(after, name) == getattr(before, name), name
    assert after.optimism is not None
    assert before.optimism is not None
    assert after.optimism.n_trials == before.optimism.n_trials


def test_a_confirmed_report_validates_and_comes_back(study: IrisStudy) -> None:
    first, second = first_and_second(study)
    confirm(study.store, "iris", {first: [0.0, None], second: [0.9, 0.9]})
    report = study.report
    Draft202012Validator(StudyReport.model_json_schema()).validate(report.model_dump(mode="json"))
    assert StudyReport.model_validate_json(report.model_dump_json()) == report
