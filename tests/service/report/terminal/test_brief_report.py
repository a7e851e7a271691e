"""What a run ends with: the main lines of the report, half as long, and nothing that the seal keeps."""

from io import StringIO

import pytest

from service.report.facts.study_report import StudyReport
from service.report.terminal.brief_report_text import print_brief_report
from service.report.terminal.plain_lines import PlainLines
from service.report.terminal.report_text import print_report
from service.study.search.progress import StudyProgress
from service.study.search.search_budget import EndingReason, SearchEnding
from service.study.search.trial_lifecycle import State
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.paper import paper, text_of, words
from tests.service.study.search.told_progress import asked, ended
from workers.messages import Ending, FoldEnded, TrialEnded
from workers.metrics.metric import Metric


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> StudyReport:
    study: IrisStudy = search_iris(new_store(tmp_path_factory.mktemp("iris")))
    study.conclude()
    found = study.report
    study.store.close()
    return found


def brief(report: StudyReport) -> str:
    console = paper()
    print_brief_report(report, console)
    return text_of(console)


def test_it_has_the_figure_what_it_means_and_what_next_on_half_as_many_lines(report: StudyReport) -> None:
    console = paper()
    print_report(report, console)
    whole = text_of(console)
    said = words(brief(report))
    assert report.test is not None
    assert report.gaps is not None
    assert f"Test error {100 * report.test.models['winner']['error']:.2f} %, 95 % interval" in said
    assert "The network is " in said
    assert "Looks at this test set: 1 by this study" in said
    assert f"Diagnosis: {report.gaps.verdict}" in said
    assert f"Next: {report.advice[0].text}" in said
    assert f"Reproduce: {report.reproduce}" in said
    assert "More of this on the screen: proctor show iris" in said
    assert len(brief(report)) < 0.6 * len(whole)
    assert len(brief(report).splitlines()) < 0.6 * len(whole.splitlines())


def test_its_figures_are_those_of_the_whole_report(report: StudyReport) -> None:
    console = paper()
    print_report(report, console)
    whole = text_of(console).splitlines()
    told = ("  The network is ", "More of this")
    own = [line for line in brief(report).splitlines() if not line.startswith(told)]
    assert [line for line in own if line not in whole] == []


def test_a_sealed_one_has_no_test_figure_and_says_how_to_open(report: StudyReport) -> None:
    said = words(brief(report.model_copy(update={"test": None, "looks": ()})))
    assert "The test set is sealed; once the search is done: proctor unseal iris" in said
    assert "interval" not in said


def test_what_did_not_go_as_planned_is_told(report: StudyReport) -> None:
    assert "failed 2 x: diverged" in brief(report.model_copy(update={"failures": {"diverged": 2}}))
    assert "failed" not in brief(report)


def test_without_a_winner_it_says_so(report: StudyReport) -> None:
    none = report.model_copy(update={"winner": None, "gaps": None, "test": None, "advice": ()})
    assert "No trial is complete: there is no winner." in words(brief(none))


def test_a_trial_has_one_short_line_and_a_confirmation_run_one_where_it_fails() -> None:
    progress, stream = StudyProgress(1000, metric=Metric.RMSE), StringIO()
    lines = PlainLines(progress, stream, metric=Metric.RMSE, is_brief=True)
    asked(progress, 7)
    first = ended(7, 15_472.0)
    progress.happened(first, State.COMPLETE)
    lines.happened(first, State.COMPLETE)
    ending = SearchEnding(reason=EndingReason.TRIALS, text="all have run")
    progress.confirming(ending, 2)
    asked(progress, 8)
    asked(progress, 9)
    broken = TrialEnded(9, "w", Ending.FAILED, (FoldEnded((), 0),), 1, 0.5, reason="diverged in epoch 1")
    for event, state in ((ended(8, 15_000.0), State.COMPLETE), (broken, State.FAILED)):
        progress.happened(event, state)
        lines.happened(event, state)
    assert stream.getvalue().splitlines() == [
        "trial   7  complete  RMSE 15,472  best 15,472 (trial 7)  1 epoch",
        "trial   9  failed    diverged in epoch 1  confirmation  1 epoch",
    ]
