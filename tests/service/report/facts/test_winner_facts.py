"""The report says how many networks the winner is, both dev figures, and which of the two sat the test."""

from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator

from service.configuration.study_config import ConfirmationConfig
from service.report.facts.study_report import StudyReport
from service.report.terminal.report_text import print_brief_report, print_report
from service.report.wording.numbers import metric_text
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.paper import paper, text_of
from workers.metrics.metric import Metric

AVERAGED = ConfirmationConfig(finalists=1, seeds=2, ensemble=True)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IrisStudy]:
    directory = tmp_path_factory.mktemp("averaged")
    study = search_iris(
        new_store(directory), table="diabetes", name="averaged", trials=2, confirmation=AVERAGED
    )
    yield study
    study.store.close()


@pytest.fixture(scope="module")
def report(study: IrisStudy) -> StudyReport:
    study.conclude()
    return study.report


def test_before_the_winner_is_measured_nothing_is_said_of_an_average(study: IrisStudy) -> None:
    winner = study.report.winner
    assert winner is not None
    assert (winner.n_models, winner.ensemble) == (1, None)


def test_it_validates_and_is_read_back(report: StudyReport) -> None:
    schema = StudyReport.model_json_schema()
    Draft202012Validator(schema).validate(report.model_dump(mode="json"))
    assert StudyReport.model_validate_json(report.model_dump_json()) == report
    fields = schema["$defs"]["Winner"]["properties"]
    assert fields["n_models"]["type"] == "integer"
    assert "Models whose predictions are averaged" in fields["n_models"]["description"]


def test_the_winners_figures_are_the_averages(report: StudyReport) -> None:
    winner = report.winner
    assert winner is not None
    assert winner.figures is not None
    ensemble = winner.ensemble
    assert ensemble is not None
    assert winner.n_models == len(ensemble.members) > 1
    assert winner.figures["dev"]["rmse"] == ensemble.dev_metric
    assert ensemble.single_figures["dev"]["rmse"] == ensemble.single_dev_metric
    assert ensemble.single_dev_metric == pytest.approx(winner.dev_metric, rel=1e-6)
    assert report.test is not None
    assert report.test.n_models == winner.n_models


def test_its_optimism_is_that_of_selecting_what_is_averaged(report: StudyReport) -> None:
    assert report.winner is not None
    ensemble, bootstrap = report.winner.ensemble, report.selection_bootstrap
    assert ensemble is not None
    assert bootstrap is not None
    assert bootstrap.n_trials == ensemble.n_candidates == 4  # two trials, and two further seeds of the best
    assert bootstrap.without == pytest.approx(ensemble.dev_metric + bootstrap.size, rel=1e-6)
    assert report.overfitting is not None
    assert report.overfitting.foretold == bootstrap.size


def test_both_stand_in_the_table_and_only_what_is_shipped_has_a_test_figure(report: StudyReport) -> None:
    console = paper()
    print_report(report, console)
    lines = text_of(console).splitlines()
    assert report.winner is not None
    ensemble, test, n = report.winner.ensemble, report.test, report.winner.n_models
    assert ensemble is not None
    assert test is not None
    single, both = (
        metric_text(Metric.RMSE, figure) for figure in (ensemble.single_dev_metric, ensemble.dev_metric)
    )
    assert f"  dev RMSE: winner network {single}, average {both}" in lines
    brief = paper()
    print_brief_report(report, brief)
    for screen in (lines, text_of(brief).splitlines()):
        assert [line for line in screen if "selection makes its dev RMSE optimistic by about" in line]
    (said,) = [line for line in lines if line.startswith(f"  the average of {n} networks is shipped: of ")]
    assert said.endswith(", weighted and selected on dev among 4")
    (average_row,) = [line for line in lines if line.startswith(f"  average of {n} networks")]
    (single_row,) = [line for line in lines if line.startswith("  winner network")]
    assert metric_text(Metric.RMSE, test.models["winner"]["rmse"]) in average_row
    assert single_row.rstrip().endswith(" -")
    assert f"{single} / " in single_row
