"""A study without a test set: its figure is called what it is wherever it is shown, and nothing is sealed."""

from collections.abc import Iterator
from contextlib import chdir
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.text import Text

from service.cli import proctor
from service.configuration.data_config import SplitConfig
from service.report.facts.study_report import StudyReport
from service.report.facts.trials import best_trials
from service.report.terminal.display import Display, show_report
from service.report.terminal.figures_text import BEFORE_THE_SEARCH
from service.report.terminal.quiet_streams import Streams
from service.report.terminal.report_text import print_report
from service.report.terminal.running_study import LivePanel
from service.report.terminal.showing import Showing
from service.report.terminal.studies_table import print_studies
from service.report.terminal.trials_text import print_best_trials
from service.report.wording.numbers import sizes_text
from service.study.search.progress import StudyProgress
from service.study.search.trial_lifecycle import State
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.paper import paper, text_of, words
from tests.service.study.search.told_progress import asked, ended
from workers.metrics.metric import Metric

SPLITS = {"iris": SplitConfig(no_test=True), "wine": SplitConfig(no_test=True, folds=3)}


@pytest.fixture(scope="module", params=SPLITS)
def study(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IrisStudy]:
    directory = tmp_path_factory.mktemp("open")
    with chdir(directory):
        found = search_iris(
            new_store(directory), table=request.param, name=request.param, split=SPLITS[request.param]
        )
        yield found
    found.store.close()


@pytest.fixture(scope="module")
def concluded(study: IrisStudy) -> StudyReport:
    study.conclude()
    return study.report


def printed(report: StudyReport) -> str:
    console = paper()
    print_report(report, console)
    return text_of(console)


def test_before_the_winner_is_measured_it_flatters_by_standard_errors(study: IrisStudy) -> None:
    searched = study.report
    optimism = searched.optimism
    assert optimism is not None
    early = optimism.model_copy(update={"size": None, "without": None})
    said = words(printed(searched.model_copy(update={"optimism": early})))
    assert f"So it is optimistic, by about {optimism.n_standard_errors:.1f} standard errors Reproduce" in said


def test_the_screen_calls_the_figure_a_dev_figure_and_says_by_how_much_it_flatters(
    concluded: StudyReport,
) -> None:
    page = printed(concluded)
    optimism, winner = concluded.optimism, concluded.winner
    assert optimism is not None
    assert optimism.size is not None
    assert winner is not None
    said = words(page)

    assert "test" not in page.lower()
    assert "seal" not in page.lower()
    assert "looks" not in page.lower()
    assert f"Dev {concluded.metric} {100 * winner.dev_metric:.2f} %" in said
    assert f": the winner was selected on it, among {optimism.n_trials} trials" in said
    assert f"it is optimistic, by about {100 * optimism.size:.2f} points" in said
    assert f": on new examples expect about {100 * (optimism.without or 0):.2f} %" in said


def test_the_screen_fits_80_columns(concluded: StudyReport) -> None:
    console = paper(is_terminal=True)
    print_report(concluded, console)
    lines = Text.from_ansi(text_of(console)).plain.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert any(line.startswith("Dev error") for line in lines)


def test_the_estimate_rests_on_the_winners_own_standard_error(
    study: IrisStudy, concluded: StudyReport
) -> None:
    stored = study.stored.winner
    assert stored is not None
    assert concluded.optimism is not None
    assert concluded.winner is not None
    assert concluded.optimism.size == pytest.approx(
        concluded.optimism.n_standard_errors * stored["standard_errors"]["dev"]
    )
    assert concluded.optimism.without == pytest.approx(
        concluded.winner.dev_metric + (concluded.optimism.size or 0)
    )
    counts = concluded.trials
    assert concluded.optimism.n_trials == counts.complete + counts.pruned


def test_a_list_of_such_studies_says_so_a_line_each(study: IrisStudy, concluded: StudyReport) -> None:
    console = paper()
    print_studies([study.summary], console)
    said = words(text_of(console))
    assert "test" not in said.lower()
    assert " none " in said
    assert f"{concluded.study}: {concluded.metric}" in said
    assert "is a dev figure that the winner was selected on; it is optimistic by about" in said
    assert all(len(line) <= 80 for line in text_of(console).splitlines() if "optimistic" not in line)


def test_the_best_trials_are_dev_figures_too(study: IrisStudy) -> None:
    console = paper()
    print_best_trials(best_trials("a", study.stored.trials, study.stored.metric, n=10), console)
    assert "test" not in text_of(console).lower()


def test_as_json_there_is_no_test_set_no_figure_of_one_and_no_look(concluded: StudyReport) -> None:
    console = paper()
    show_report(concluded, Showing.JSON, console)
    report = StudyReport.model_validate_json(text_of(console))
    assert "test" not in report.n_examples
    assert report.test is None
    assert report.looks == ()
    assert report.optimism is not None
    said = text_of(console).replace(concluded.storage, "").lower().replace('"contest"', "")
    assert said.count("test") == 1  # the null


def test_an_exported_winner_says_so_too(study: IrisStudy, concluded: StudyReport, tmp_path: Path) -> None:
    command = ["export", study.name, "-o", "model", "--storage", study.store.url]
    with chdir(tmp_path):
        said = CliRunner().invoke(proctor, command, catch_exceptions=False).output
    assert f"{concluded.study}: {concluded.metric}" in said
    assert "is a dev figure that the winner was selected on; it is optimistic by about" in said
    assert "test" not in said.lower()


def test_the_panel_says_what_selection_does_to_the_best_figure() -> None:
    progress = StudyProgress(4, metric=Metric.ERROR)
    for number in range(3):
        asked(progress, number)
        progress.happened(ended(number, 0.2 - number / 100), State.COMPLETE)
    console = paper()
    console.print(LivePanel(progress, title="open", console=console, metric=Metric.ERROR, has_test_set=False))
    said = text_of(console)
    assert "best dev error 18.00 %" in said
    assert "trials are selected on it, so it is optimistic by about 0.8 standard errors" in said
    assert "test" not in said.lower()


def test_a_study_with_a_test_set_has_no_such_line() -> None:
    progress = StudyProgress(4, metric=Metric.ERROR)
    asked(progress, 0)
    progress.happened(ended(0, 0.2), State.COMPLETE)
    console = paper()
    console.print(LivePanel(progress, title="sealed", console=console, metric=Metric.ERROR))
    assert "optimistic" not in text_of(console)


def test_what_begins_names_the_sets_that_there_are(study: IrisStudy) -> None:
    out = StringIO()
    streams = Streams(out, StringIO())
    Display(streams, Showing.ALL, log="other.log").begin(study.stored, n_workers=1, storage="sqlite:///x.db")
    said = out.getvalue()
    assert sizes_text(study.stored.n_examples) in said
    assert BEFORE_THE_SEARCH in said
    assert "test" not in said.lower()
    assert "can be busy" not in said


def test_more_workers_than_can_be_busy_are_told_as_the_study_begins(study: IrisStudy) -> None:
    out, config = StringIO(), study.stored.config
    assert config.concurrency is not None
    stored = replace(study.stored, config=config.model_copy(update={"trials": 24}))
    display = Display(Streams(out, StringIO()), Showing.ALL, log="other.log")
    display.begin(stored, n_workers=9, storage="sqlite:///x.db")
    assert f"only {config.concurrency} of 9 workers can be busy at a time" in out.getvalue()
