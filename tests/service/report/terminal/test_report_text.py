"""The report's text: each fact in a line, and no line for what is off; half as long where a run ends with it.

Nothing that the seal keeps is in it.
"""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from service.advice.confirmation import Confirmation, Finalist
from service.advice.expected_best import ExpectedBest
from service.report.facts.study_report import StudyReport
from service.report.terminal.report_text import print_brief_report, print_report, shown_budgets
from service.report.terminal.running_study import PlainLines
from service.report.wording.winner import confirmation_lines
from service.study.search.progress import StudyProgress
from service.study.search.search_budget import EndingReason, SearchEnding
from service.study.search.trial_lifecycle import State
from service.study.search.winner import ranking
from service.winner.examination.selection import SelectionBootstrap
from tests.service.confirmed_study import confirm
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


def finalist(trial: int, first: float, *others: float, n_failed: int = 0) -> Finalist:
    figures = (first, *others)
    return Finalist(
        trial=trial,
        first_figure=first,
        other_figures=others,
        mean=sum(figures) / len(figures),
        deviation=0.01 if others else None,
        n_failed=n_failed,
    )


def confirmation(
    *finalists: Finalist, winner: int | None, flattered: float | None = 0.05, is_complete: bool = True
) -> Confirmation:
    return Confirmation(
        finalists=finalists,
        winner=winner,
        flattered=flattered,
        is_complete=is_complete,
        training_seconds=3.0,
    )


def test_the_winner_is_told_over_its_seeds_and_the_first_best_by_what_became_of_it() -> None:
    shown = confirmation(finalist(3, 0.02, 0.06, 0.08), finalist(5, 0.03, 0.04, 0.05), winner=5)
    assert confirmation_lines(shown, Metric.ERROR) == [
        "dev error 4.00 % over 3 seeds (deviation 1.00 points): the best mean of 2 finalists",
        (
            "the best before confirmation, trial 3, had 2.00 %, and 7.00 % with other seeds:"
            " its first score was optimistic by 5.00 points"
        ),
    ]


def test_a_first_best_that_did_no_worse_did_not_flatter() -> None:
    shown = confirmation(finalist(3, 0.25, 0.5), winner=3, flattered=-0.25)
    assert confirmation_lines(shown, Metric.ROC_AUC)[1] == (
        "the best before confirmation, trial 3, had 0.25, and 0.5 with another seed:"
        " its first score was not optimistic"
    )


def test_seeds_that_change_nothing_are_no_evidence() -> None:
    """As of most linear models, whose fits draw no random numbers."""
    same = finalist(3, 0.02, 0.02, 0.02).model_copy(update={"deviation": 0.0})
    assert confirmation_lines(confirmation(same, winner=3, flattered=0.0), Metric.ERROR) == [
        "dev error 2.00 % with each of 3 seeds: the best mean of 1 finalist",
        (
            "the best before confirmation, trial 3, has the same figure with each seed:"
            " so seeds do not show how optimistic it is"
        ),
    ]


def test_finalists_that_are_out_are_named() -> None:
    out = finalist(3, 0.02, n_failed=2), finalist(4, 0.02, 0.1, n_failed=1)
    shown = confirmation(*out, finalist(5, 0.03, 0.05), winner=5, flattered=None)
    said = confirmation_lines(shown, Metric.ERROR)
    assert said[-1] == "excluded, because a run with another seed failed: trials 3, 4"


def test_where_first_figures_decide_that_is_said() -> None:
    broken = confirmation(finalist(3, 0.02, n_failed=2), winner=None, flattered=None)
    assert confirmation_lines(broken, Metric.ERROR) == [
        "no finalist is confirmed, because a run of each failed: the first scores decide"
    ]
    early = broken.model_copy(update={"is_complete": False})
    assert confirmation_lines(early, Metric.ERROR) == [
        "confirmation is not complete: until it is, the first scores decide"
    ]


@pytest.mark.parametrize(
    ("n", "budgets"),
    [(1, [1]), (2, [1, 2]), (10, [1, 3, 10]), (50, [1, 3, 10, 30, 50]), (1000, [10, 30, 100, 300, 1000])],
)
def test_budgets_that_are_told_end_with_all_trials(n: int, budgets: list[int]) -> None:
    assert shown_budgets(n) == budgets


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IrisStudy]:
    directory: Path = tmp_path_factory.mktemp("iris")
    study = search_iris(new_store(directory))
    study.conclude()
    yield study
    study.store.close()


def said_of(report: StudyReport) -> str:
    console = paper()
    print_report(report, console)
    return words(text_of(console))


def test_what_is_off_has_no_line(study: IrisStudy) -> None:
    said = said_of(study.report)
    for word in ("seeds", "ended because", "points:", "expected of"):
        assert word not in said


def test_what_there_is_has_a_line(study: IrisStudy) -> None:
    report = study.report
    assert report.winner is not None
    changes = {
        "ending": SearchEnding(reason=EndingReason.NO_GAIN, text="no gain in 20 trials"),
        "origins": {"default": 1, "user": 2, "study wine": 3, "sampler": 4},
        "winner": report.winner.model_copy(update={"origin": "study wine"}),
        "expected_best_so_far": ExpectedBest(n_trials=4, figures=(0.5, 0.25, 0.2, 0.1), why_not=None),
        "selection_bootstrap": SelectionBootstrap(
            n_trials=4, n_repeats=200, size=0.0123, standard_error=0.001, without=0.2
        ),
    }
    said = said_of(report.model_copy(update=changes))

    assert "ended because: no gain in 20 trials" in said
    assert "points: 1 of default values, 2 enqueued by hand, 3 from study wine, 4 of the sampler" in said
    assert f"Winner: trial {report.winner.trial}, from study wine, epoch" in said
    assert "best dev error expected of 1, 3, 4 such trials: 50.00 %, 20.00 %, 10.00 %" in said
    assert "selection makes its dev error optimistic by about 1.23 points (bootstrap over 4 trials)" in said


def test_a_confirmed_study_still_fits_one_screen(tmp_path: Path) -> None:
    study = search_iris(new_store(tmp_path))
    first, second, *_ = ranking(study.stored.trials, Metric.ERROR)
    confirm(study.store, "iris", {first.number: [0.9, 0.8], second.number: [0.02, 0.03]})
    console = paper()
    print_report(study.report, console)
    said = words(text_of(console))
    study.store.close()

    assert "then 4 runs of finalists with other seeds (6 min 40 s of training)" in said
    assert "the best mean of 2 finalists" in said
    assert text_of(console).count("\n") < 40
