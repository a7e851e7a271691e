"""A study whose dev set is from elsewhere: four sets in order, three gaps, and what tells them apart."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from rich.text import Text

from service.advice.advised_steps import StepKind
from service.advice.gaps import Trouble
from service.configuration.data_config import SplitConfig, TrainDevRule
from service.configuration.study_config import TrainingConfig
from service.data.preparation.prepared_data import LabelledInputs
from service.report.facts.report_contents import gather_contents
from service.report.facts.study_report import StudyReport
from service.report.page.blocks import Paragraph
from service.report.page.sections.trust import trust
from service.report.terminal.report_text import print_report
from service.winner.examination.conclusion import measure_winner
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.mismatched_tables import mismatched_data
from tests.service.paper import paper, text_of, words
from workers.metrics.metric import Metric


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IrisStudy]:
    directory = tmp_path_factory.mktemp("mismatched")
    study = search_iris(
        new_store(directory),
        name="mismatched",
        data=mismatched_data(directory),
        trials=3,
        training=TrainingConfig(max_epochs=20, patience=20),
    )
    study.conclude()
    yield study
    study.store.close()


@pytest.fixture(scope="module")
def report(study: IrisStudy) -> StudyReport:
    return study.report


def screen(report: StudyReport) -> str:
    console = paper(is_terminal=True)
    print_report(report, console)
    return Text.from_ansi(text_of(console)).plain


def test_all_sets_stand_in_their_order(report: StudyReport) -> None:
    assert list(report.n_examples) == ["train", "train-dev", "dev", "test"]
    assert report.winner is not None
    assert report.winner.figures is not None
    assert list(report.winner.figures) == ["train", "train-dev", "dev"]
    assert all(list(by_set) == ["train", "train-dev", "dev"] for by_set in report.winner.baselines.values())


def test_the_gaps_are_those_of_the_sets_figures(report: StudyReport) -> None:
    assert report.winner is not None
    assert report.winner.figures is not None
    train, train_dev, dev = (figures["error"] for figures in report.winner.figures.values())
    gaps = report.gaps
    assert gaps is not None
    assert gaps.variance == pytest.approx(train_dev - train)
    assert gaps.data_mismatch == pytest.approx(dev - train_dev)
    assert gaps.avoidable_bias + gaps.variance + (gaps.data_mismatch or 0) == pytest.approx(dev - gaps.best)
    assert gaps.noise_floor is not None
    assert gaps.best == gaps.noise_floor.reached.figure  # by train-dev rows: dev rows are of another kind
    assert gaps.trouble is Trouble.MISMATCH
    assert report.advice[0].step is StepKind.DATA_LIKE_DEV
    assert report.advice[0].expected_gain == gaps.data_mismatch


def test_winner_and_baselines_are_judged_on_train_dev_by_an_independent_hand(study: IrisStudy) -> None:
    candidate = measure_winner(study.stored, study.prepared, store=study.store, pool=study.pool)
    of_winner = study.prepared.known_sets[candidate.hyperparameters.input_choices]["train-dev"]
    of_baselines = study.prepared.known_sets[study.prepared.first_choices]["train-dev"]

    def error(probabilities: np.ndarray, examples: LabelledInputs) -> float:
        return float(np.mean(probabilities.argmax(axis=1) != examples.y))

    winner = study.report.winner
    assert winner is not None
    assert winner.figures is not None
    assert winner.figures["train-dev"]["error"] == error(candidate.trained.predict([of_winner.X]), of_winner)
    for baseline in candidate.baselines:
        expected = error(baseline.predict(of_baselines.X), of_baselines)
        assert winner.baselines[baseline.name]["train-dev"]["error"] == expected


def test_what_tells_the_sets_apart_is_named(report: StudyReport) -> None:
    check = report.adversarial
    assert check is not None
    assert check.are_apart
    assert [it.column for it in check.columns] == ["a", "color"]


def test_it_validates_against_its_schema_and_comes_back_from_json(report: StudyReport) -> None:
    Draft202012Validator(StudyReport.model_json_schema()).validate(report.model_dump(mode="json"))
    assert StudyReport.model_validate_json(report.model_dump_json()) == report


def test_the_screen_has_it_all_in_80_columns(report: StudyReport) -> None:
    page = screen(report)
    assert all(len(line) <= 80 for line in page.splitlines())
    said = words(page)
    assert "train train-dev dev test network" in said
    assert "log loss (nats)" in said
    assert "Variance (train-dev - train):" in said
    assert "Data mismatch (dev - train-dev):" in said
    assert "Diagnosis: data mismatch is the largest gap" in said
    assert "Next: look at what differs between train and dev examples" in said
    assert "Train-dev and dev examples differ: ROC AUC" in said
    assert "by column: a " in said


@pytest.mark.parametrize("metric", [Metric.BALANCED_ERROR, Metric.ROC_AUC])
def test_the_table_of_any_metric_fits_80_columns(report: StudyReport, metric: Metric) -> None:
    page = screen(report.model_copy(update={"metric": metric}))
    assert all(len(line) <= 80 for line in page.splitlines())
    assert ("    plain error" in page) == (metric is Metric.BALANCED_ERROR)
    assert ("train-dev - dev" in page) == metric.higher_is_better


def test_sets_that_are_alike_are_told_to_be(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    study = search_iris(
        store,
        name="alike",
        data=mismatched_data(tmp_path, shift=0.0),
        trials=1,
        split=SplitConfig(no_test=True, train_dev=TrainDevRule.ALWAYS),
    )
    assert study.report.adversarial is None  # until the winner is measured
    study.conclude()
    page = screen(study.report)
    assert "Train-dev and dev examples show no clear difference: ROC AUC" in words(page)
    assert "by column" not in page
    store.close()


def test_a_study_of_one_table_has_neither(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    study = search_iris(store, trials=1)
    study.conclude(keep_sealed=True)
    report = study.report
    assert report.adversarial is None
    assert report.gaps is not None
    assert report.gaps.data_mismatch is None
    assert report.gaps.data_mismatch_standard_error is None
    assert "examples differ" not in screen(report)
    store.close()


def test_without_a_train_dev_set_the_gaps_are_those_of_one_source(tmp_path: Path) -> None:
    study = search_iris(new_store(tmp_path), name="one", data=mismatched_data(tmp_path, shift=0.0), trials=1)
    study.conclude(keep_sealed=True)
    report = study.report
    assert report.winner is not None
    assert report.winner.figures is not None
    assert report.gaps is not None
    train, dev = (figures["error"] for figures in report.winner.figures.values())
    assert report.gaps.variance == pytest.approx(dev - train)
    assert report.gaps.data_mismatch is None
    assert report.adversarial is None
    page = words(screen(report))
    assert "no train-dev set, because none of 5 columns tells 600 train and 150 dev rows apart" in page
    assert "variance (dev - train):" in page
    study.store.close()


def test_why_there_is_a_train_dev_set_is_said_on_screen_and_page(
    study: IrisStudy, report: StudyReport
) -> None:
    said = "because 600 train and 150 dev rows differ beyond chance in a, color, y (p < 0.0001)"
    assert f"a train-dev set is set aside, {said}" in words(screen(report))
    contents = gather_contents(study.stored, study.store)
    (found,) = (each for each in trust(contents).blocks if getattr(each, "lead", "") == "Train-dev set.")
    assert isinstance(found, Paragraph)
    assert found.text == f"A train-dev set is set aside, {said}."
