"""Whatever metric a study names, its report follows it: values, JSON, and the page that people read."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from service.report.facts.lookups import trial_json
from service.report.facts.study_report import StudyReport
from service.report.facts.trials import best_trials
from service.report.terminal.report_text import print_report
from service.report.terminal.trials_text import print_best_trials, print_trial
from service.report.wording.numbers import metric_name, metric_text
from service.winner.noise_floor.estimate import has_bayes_figure
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.paper import paper, text_of
from workers.metrics.metric import BALANCED, Metric, metrics_of
from workers.train_dev_data import Task

TABLES = {Task.CLASSIFICATION: "wine", Task.REGRESSION: "diabetes"}


@pytest.fixture(scope="module", params=Metric)
def study(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> IrisStudy:
    metric: Metric = request.param
    directory: Path = tmp_path_factory.mktemp("study")
    table = TABLES[metric.task]
    study = search_iris(
        new_store(directory), no_baselines=False, table=table, name=metric, trials=3, metric=metric
    )
    study.conclude()
    return study


def test_the_report_speaks_of_the_studys_metric_and_validates(study: IrisStudy) -> None:
    report, metric = study.report, study.stored.metric
    Draft202012Validator(StudyReport.model_json_schema()).validate(report.model_dump(mode="json"))
    assert StudyReport.model_validate_json(report.model_dump_json()) == report
    assert (report.metric, report.watch) == (metric, metric)

    assert report.test is not None
    low, high = report.test.interval
    assert low <= high
    assert (report.test.interval_method == "Wilson") == (metric is Metric.ERROR)
    expected = {each.value for each in metrics_of(metric.task)}
    assert all(figures.keys() == expected for figures in report.test.models.values())


def test_the_winner_has_the_dev_figure_that_it_was_chosen_by(study: IrisStudy) -> None:
    winner, metric = study.report.winner, study.stored.metric
    assert winner is not None
    assert winner.figures is not None
    assert winner.figures["dev"][metric] == pytest.approx(winner.dev_metric, rel=1e-5, abs=1e-6)
    values = [trial.value for trial in study.stored.trials if trial.state.name == "COMPLETE"]
    badnesses = [metric.badness(value) for value in values if value is not None]
    assert metric.badness(winner.dev_metric) == min(badnesses)


def test_gaps_are_of_badness_and_told_against_what_models_reach_on_new_rows(study: IrisStudy) -> None:
    report, metric = study.report, study.stored.metric
    assert report.gaps is not None
    assert report.winner is not None
    assert report.winner.figures is not None
    train, dev = (metric.badness(report.winner.figures[name][metric]) for name in ("train", "dev"))
    assert report.gaps.bayes_error is None
    floor = report.gaps.noise_floor
    assert (floor is None) == (metric is Metric.CALIBRATION_ERROR)
    best = metric.perfect if floor is None else floor.reached.figure
    assert report.gaps.best == best
    assert report.gaps.avoidable_bias == pytest.approx(train - metric.badness(best))
    if floor is not None:
        figures = [metric.badness(model.figure) for model in floor.models]
        assert metric.badness(best) == min(figures)
        assert len(figures) == 5
        assert metric.badness(floor.lowest) <= metric.badness(best) <= metric.badness(floor.highest)
    assert report.gaps.variance == pytest.approx(dev - train)
    assert report.gaps.avoidable_bias_standard_error >= 0


def test_the_page_names_the_metric_first_and_fits_80_columns(study: IrisStudy) -> None:
    report, metric = study.report, study.stored.metric
    console = paper()
    print_report(report, console)
    print_best_trials(best_trials("a", study.stored.trials, metric, n=10), console)
    page = text_of(console)
    words = " ".join(page.split())

    assert report.test is not None
    figure = metric_text(metric, report.test.models["winner"][metric])
    assert f"Test {metric_name(metric)} {figure}, 95 % interval" in words
    assert f"(chosen on the dev set by {metric_name(metric)})" in words
    assert f"network {metric_text(metric, report.winner.figures['train'][metric])} / " in words  # type: ignore[union-attr,index]
    assert ("No noise is assumed" in words) == (metric is Metric.CALIBRATION_ERROR)
    assert ("Bayes" in words) == has_bayes_figure(metric)
    assert ("plain error" in words) == (metric in BALANCED)
    assert f"dev {metric_name(metric)}" in words
    commands = ("Reproduce", "--storage")  # are to be copied whole
    in_columns = [
        line for line in page.splitlines() if "/" in line and not any(word in line for word in commands)
    ]
    assert [line for line in in_columns if len(line) > 80] == []


def test_a_trial_shows_its_metric_and_all_others_at_its_best_epoch(study: IrisStudy) -> None:
    metric = study.stored.metric
    trial = study.store.trials(study.name)[0]
    other = next(each for each in metrics_of(metric.task) if each is not metric)
    for watch in (metric, other):
        console = paper()
        print_trial(trial, metric, console, watch=watch)
        words = " ".join(text_of(console).split())
        headings = f"epoch train loss dev loss dev {metric_name(metric)}"
        assert headings + (f" dev {metric_name(other)}" if watch is other else "") in words
        spreads = trial.user_attrs["learning_curve"]["activation_spreads"][-1]
        assert f"in the last epoch: activations {', '.join(f'{spread:.2g}' for spread in spreads)};" in words
        assert "gradient norm" in words
        for name, value in trial.user_attrs["dev_metrics"].items():
            assert f"{metric_name(Metric(name))} {metric_text(Metric(name), value)}" in words


def test_a_trial_is_told_as_one_json_object(study: IrisStudy) -> None:
    trial = study.store.trials(study.name)[0]
    told = json.loads(trial_json(trial))
    assert (told["number"], told["state"], told["value"]) == (0, trial.state.name.lower(), trial.value)
    assert told["params"] == trial.params
    assert told["learning_curve"] == trial.user_attrs["learning_curve"]


def test_a_network_is_told_that_does_not_beat_a_baseline_and_no_other(study: IrisStudy) -> None:
    report, metric = study.report, study.stored.metric
    assert report.winner is not None
    assert report.winner.figures is not None
    sense = 1 if metric.higher_is_better else -1
    for figure, is_told in ((sense * 1e6, False), (-sense * 1e6, True)):
        dev = report.winner.figures["dev"] | {metric.value: figure}
        winner = report.winner.model_copy(update={"figures": report.winner.figures | {"dev": dev}})
        console = paper()
        print_report(report.model_copy(update={"winner": winner, "test": None}), console)
        assert ("on the dev set the network does not beat" in text_of(console)) == is_told
        print_report(report.model_copy(update={"winner": winner}), console)
        assert (
            "on the dev set the network does not beat" in text_of(console)
        ) == is_told  # the test set tells
