"""The report says how many networks the winner is, both dev figures, and which of the two sat the test."""

from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator

from service.configuration.study_config import ConfirmationConfig
from service.report.facts.study_report import StudyReport
from service.report.terminal.report_text import print_report
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


def test_the_winners_figures_are_the_averages_where_it_is_shipped(report: StudyReport) -> None:
    winner = report.winner
    assert winner is not None
    assert winner.ensemble is not None
    assert winner.ensemble.is_shipped
    assert winner.n_models == winner.ensemble.n_models == 3
    assert winner.figures == winner.ensemble.average_figures
    assert winner.ensemble.single_figures["dev"]["rmse"] == winner.ensemble.single_dev_metric
    assert winner.ensemble.single_dev_metric == pytest.approx(winner.dev_metric, rel=1e-6)
    assert report.test is not None
    assert report.test.n_models == 3


def test_the_mean_is_the_one_that_the_winner_was_chosen_by(report: StudyReport) -> None:
    assert report.winner is not None
    assert report.winner.ensemble is not None
    assert report.confirmation is not None
    (finalist,) = report.confirmation.finalists
    assert report.winner.ensemble.mean_dev_metric == pytest.approx(finalist.mean, rel=1e-6)


def test_both_stand_in_the_table_and_only_what_is_shipped_has_a_test_figure(report: StudyReport) -> None:
    console = paper()
    print_report(report, console)
    lines = text_of(console).splitlines()
    assert report.winner is not None
    ensemble, test = report.winner.ensemble, report.test
    assert ensemble is not None
    assert test is not None
    single, both, mean = (
        metric_text(Metric.RMSE, figure)
        for figure in (ensemble.single_dev_metric, ensemble.dev_metric, ensemble.mean_dev_metric)
    )
    assert f"  dev RMSE: winner network {single}, average of 3 seeds {both}" in lines
    assert f"  the average of 3 seeds is shipped: it is no worse than its networks' mean, {mean}" in lines
    (average_row,) = [line for line in lines if line.startswith("  average of 3 seeds")]
    (single_row,) = [line for line in lines if line.startswith("  winner network")]
    assert metric_text(Metric.RMSE, test.models["winner"]["rmse"]) in average_row
    assert single_row.rstrip().endswith(" -")
    assert f"{single} / " in single_row


def test_where_it_is_not_shipped_the_page_says_so(report: StudyReport) -> None:
    assert report.winner is not None
    assert report.winner.ensemble is not None
    kept = report.winner.ensemble.model_copy(update={"is_shipped": False})
    winner = report.winner.model_copy(update={"ensemble": kept, "n_models": 1})
    console = paper()
    print_report(report.model_copy(update={"winner": winner}), console)
    said = text_of(console)
    assert "  the winner network is shipped: the average is worse than its networks' mean, " in said
    (average_row,) = [line for line in said.splitlines() if line.startswith("  average of 3 seeds")]
    assert average_row.rstrip().endswith(" -")
