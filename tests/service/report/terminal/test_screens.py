"""What is printed: complete, on 80 columns, plain in a pipe, and with names as text, never as markup."""

import re
from collections.abc import Iterator
from contextlib import chdir
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from search_spaces.network.space import NetworkSpace
from search_spaces.presets import load_preset, preset_names
from service.report.facts.final_facts import EarlierLooks
from service.report.facts.study_report import StudyReport
from service.report.facts.trials import best_trials
from service.report.page.markdown import dashboard_note
from service.report.terminal.display import show_report
from service.report.terminal.report_text import print_report
from service.report.terminal.running_study import LivePanel, PlainLines
from service.report.terminal.showing import Showing
from service.report.terminal.studies_table import print_studies
from service.report.terminal.trials_text import print_best_trials, print_space, print_spaces, print_trial
from service.report.wording.final_figure import against_baselines
from service.report.wording.numbers import value_text
from service.study.search.progress import StudyProgress
from service.study.search.search_budget import EndingReason, SearchEnding
from service.study.search.trial_lifecycle import State
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.paper import paper, text_of, words
from tests.service.pasted import pasted
from tests.service.study.search.studies import begin, run_to_end, small_config
from tests.service.study.search.told_progress import Clock, asked, ended, search_of
from workers.messages import Ending, Event, FoldEnded, TrialAdvanced, TrialEnded, TrialLost
from workers.metrics.metric import Metric


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IrisStudy]:
    directory = tmp_path_factory.mktemp("iris")
    study = search_iris(new_store(directory), no_baselines=False)
    study.conclude()
    with chdir(directory):
        yield study
    study.store.close()


def printed(report: StudyReport, *, is_terminal: bool = False) -> str:
    console = paper(is_terminal=is_terminal)
    print_report(report, console)
    return text_of(console)


def test_a_report_has_the_figure_its_interval_the_baselines_and_the_way_back(study: IrisStudy) -> None:
    report = study.report
    said = words(printed(report))

    assert report.test is not None
    assert report.winner is not None
    assert f"Test error {100 * report.test.models['winner']['error']:.2f} %, 95 % interval" in said
    assert "(Wilson, 30 examples)" in said
    assert "network" in said
    assert "logistic regression" in said
    assert "majority class" in said
    assert "Beside simpler models on the same rows (95 % intervals of the differences):" in said
    for line in against_baselines(report.test, report.metric):
        assert line in said
    assert f"Winner: trial {report.winner.trial}, epoch" in said
    assert all(f"{name} " in said for name in report.winner.searched)
    assert "Avoidable bias (train - best model on new rows, " in said
    assert "Next: " in said
    assert "Looks at this test set: 1 by this study" in said
    assert f"Reproduce: {report.reproduce}" in said


def test_a_sealed_report_has_no_test_figure_and_says_how_to_open(study: IrisStudy) -> None:
    sealed = study.report.model_copy(update={"test": None, "looks": ()})
    said = words(printed(sealed))

    assert "The test set is sealed; once the search is done: proctor unseal iris" in said
    assert said.count("sealed") == 5  # four models, and the line
    assert "interval" not in said


def test_a_balanced_figure_never_stands_alone(study: IrisStudy) -> None:
    report = study.report.model_copy(update={"metric": Metric.BALANCED_ERROR})
    assert report.test is not None
    assert report.test.by_class is not None
    assert report.winner is not None
    assert report.winner.dev_by_class is not None
    for shown, found, prefix in (
        (report, report.test.by_class, "plain error "),
        (
            report.model_copy(update={"test": None, "looks": ()}),
            report.winner.dev_by_class,
            "dev plain error ",
        ),
    ):
        said, one = words(printed(shown)), found.pointed_out
        assert f"{prefix}{100 * found.error:.2f} %; always predicting {found.commonest}:" in said
        assert f"{one.name}, the class with the lowest recall: recall" in said
        assert "of the rows" not in said
    assert "lowest recall" not in printed(study.report)


def test_a_report_that_others_looks_keep_sealed_says_who_when_and_what_to_type(study: IrisStudy) -> None:
    (look,) = study.report.looks
    earlier = EarlierLooks(
        n_looks=1,
        sentence="this test set was opened before, once: by study a",
        unseal="proctor unseal iris x",
    )
    sealed = study.report.model_copy(update={"test": None, "looks": (look,), "earlier_looks": earlier})
    said = words(printed(sealed))
    assert "The test figure is sealed: this test set was opened before, once: by study a" in said
    assert "once the search is done: proctor unseal iris x" in said
    assert "interval" not in said


def test_a_command_names_the_database_where_it_would_not_find_it(
    study: IrisStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = study.report.model_copy(update={"test": None, "looks": ()})
    monkeypatch.chdir(tmp_path)
    assert f"proctor unseal iris --storage {study.store.url}" in words(printed(sealed))
    monkeypatch.setenv("PROCTOR_STORAGE", study.store.url)
    assert "proctor unseal iris --storage" not in words(printed(sealed))


def test_the_commands_of_a_report_can_be_pasted_whatever_the_study_is_called(
    study: IrisStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "a b&c'd"
    look = study.report.looks[0].model_copy(update={"study": name, "is_finished": False})
    report = study.report.model_copy(update={"study": name, "test": None, "looks": (look,)})
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PROCTOR_STORAGE", raising=False)
    said = printed(report)
    in_storage = ["--storage", study.store.url]

    (sealed,) = re.findall(r"once the search is done: (proctor .*)", said)
    assert pasted(sealed) == ["unseal", name, *in_storage]
    (unfinished,) = re.findall(r"`(proctor unseal .*)` finishes it", said)
    assert pasted(unfinished) == ["unseal", name, *in_storage]
    note = dashboard_note(report)
    for command in ("show", "report"):
        (line,) = (line for line in note.splitlines() if line.startswith(f"proctor {command}"))
        assert pasted(line) == [command, name, *in_storage]


def test_a_report_in_a_pipe_is_plain(study: IrisStudy) -> None:
    assert "\x1b" not in printed(study.report)
    assert "\x1b" in printed(study.report, is_terminal=True)


def test_a_command_on_a_narrow_terminal_stays_one_line_to_copy(study: IrisStudy) -> None:
    command = "proctor run /a/path/to/the/table-of-all-the-houses.csv --target price --trials 50 --seed 0"
    sealed = study.report.model_copy(update={"test": None, "looks": (), "reproduce": command})
    console = Console(file=StringIO(), width=40, force_terminal=True, no_color=True, legacy_windows=False)
    print_report(sealed, console)
    assert command in text_of(console)
    assert "proctor unseal iris" in text_of(console)


def test_a_hyperparameter_keeps_its_value_beside_it(study: IrisStudy) -> None:
    report = study.report
    assert report.winner is not None
    console = paper(width=42)
    print_report(report, console)
    winner = report.winner.hyperparameters
    for name in report.winner.searched:
        assert f"  {name} {value_text(winner[name])}" in text_of(console)


def test_names_are_text_and_never_markup(study: IrisStudy) -> None:
    odd = study.report.model_copy(update={"table": "[red]a[bold].csv", "target": "[bold]y", "study": "[/]x"})
    assert "[bold]y in [red]a[bold].csv" in words(printed(odd))
    console = paper(width=200)
    print_studies([study.summary.model_copy(update={"table": "[red]a[bold].csv", "study": "[/]x"})], console)
    assert "[red]a[bold].csv" in text_of(console)


def test_what_a_user_must_know_is_said(study: IrisStudy) -> None:
    report = study.report
    assert report.winner is not None
    winner = report.winner.model_copy(update={"is_reproduced": False})
    (first,) = report.looks
    looks = (
        *report.looks,
        first.model_copy(update={"look": 2, "reason": "lost it", "is_finished": False}),
        first.model_copy(update={"study": "other"}),
    )
    trials = report.trials.model_copy(update={"complete": 2, "failed": 3})
    failures = {"diverged in epoch 1": 2, "given up": 1, "a": 1, "b": 1}
    said = words(
        printed(
            report.model_copy(
                update={
                    "winner": winner,
                    "looks": looks,
                    "trials": trials,
                    "failures": failures,
                    "failures_in_common": "all with depth 3 or more",
                }
            )
        )
    )

    assert "training the winner again did not give the figures" in said
    assert "3 of 5 trials failed: all with depth 3 or more" in said
    assert "failed 2 x: diverged in epoch 1" in said
    assert "and for other reasons (1 more)" in said
    assert "2 by this study, 1 by others (other)" in said
    assert "because: lost it" in said
    assert "opened without a figure; `proctor unseal iris` finishes it" in said


def test_a_network_that_does_not_beat_the_linear_model_is_told(study: IrisStudy) -> None:
    report = study.report
    assert report.winner is not None
    assert report.winner.figures is not None
    worse = report.winner.figures | {"dev": {"error": 0.9, "log_loss": 2.0}}
    winner = report.winner.model_copy(update={"figures": worse})
    said = words(printed(report.model_copy(update={"winner": winner, "test": None})))
    named = "the majority class, the logistic regression or the boosted trees"
    assert f"on the dev set the network does not beat {named}" in said


def test_a_study_without_a_winner_is_told(study: IrisStudy) -> None:
    none = study.report.model_copy(update={"winner": None, "gaps": None, "test": None})
    assert "No trial is complete: there is no winner." in words(printed(none))


def test_json_is_the_report_and_nothing_else(study: IrisStudy) -> None:
    console = paper()
    show_report(study.report, Showing.JSON, console)
    assert StudyReport.model_validate_json(text_of(console)) == study.report


def test_listings_have_a_row_for_each(study: IrisStudy) -> None:
    console = paper(width=120)
    print_studies([study.summary], console)
    print_best_trials(best_trials("a", study.stored.trials, Metric.ERROR, n=10), console)
    print_spaces(console)
    said = words(text_of(console))

    assert "% 1 look" in said
    assert "Best trials of" in said
    assert all(name in said for name in preset_names(NetworkSpace))
    empty = paper()
    print_studies([], empty)
    assert "no studies yet: proctor run digits" in text_of(empty)


def test_a_list_of_80_columns_has_its_headings_and_figures_whole(study: IrisStudy) -> None:
    long = study.summary.model_copy(update={"study": "n" * 64, "table": "/a/long/path/to/houses.csv"})
    console = paper()
    print_studies([study.summary, long], console)
    said = text_of(console)

    assert all(len(line) <= 80 for line in said.splitlines())
    assert "trials complete pruned failed winner's dev test set" in words(said)
    assert said.count("5 of 5") == 2
    assert "".join(said.split()).count("n") >= 64  # a long name is folded, never cut
    assert "…" not in said
    assert "houses.csv" in said
    assert "/a/long" not in said


@pytest.mark.parametrize("name", preset_names(NetworkSpace))
def test_a_space_shows_each_dimension(name: str) -> None:
    console = paper()
    print_space(load_preset(NetworkSpace, name), console)
    assert all(searched in text_of(console) for searched in load_preset(NetworkSpace, name).searched_names)


def test_trials_of_every_ending_can_be_shown(tmp_path: Path) -> None:
    store, config = new_store(tmp_path), small_config()
    begin(store, config)
    run_to_end(store, config)
    for trial in store.trials("small"):
        console = paper()
        print_trial(trial, Metric.ERROR, console, watch=Metric.ERROR)
        said = words(text_of(console))
        assert f"Trial {trial.number}: {trial.state.name.lower()}" in said
        if trial.state.name == "FAIL":
            assert "diverged in epoch" in said or "dead in epoch" in said
        else:
            assert "best" in said
    store.close()


def test_the_panel_shows_how_the_study_stands_at_any_width() -> None:
    progress = StudyProgress(40, metric=Metric.ERROR)
    panel = LivePanel(progress, title="[odd] name", console=paper(), metric=Metric.ERROR)
    empty = paper()
    empty.print(panel)
    assert "no trial is complete yet" in text_of(empty)
    for number in range(25):
        asked(progress, number)
        progress.happened(TrialAdvanced(number, f"worker-{number}", 3), State.RUNNING)
    progress.happened(ended(3, 0.125), State.COMPLETE)
    progress.happened(TrialLost(4, "worker-4", "killed"), State.WAITING)
    panel.show_note("stopping")
    for width in (40, 80, 160):
        console = paper(width=width)
        console.print(panel)
        said = text_of(console)
        assert "[odd] name" in said
        assert all(len(line) <= width for line in said.splitlines())
    for shown in (
        "1 of 40 trials done",
        "12.50 %",
        "trial 3",
        "epoch 3 of 9",
        "and 9 more",
        "1 lost run ",
        "stopping",
    ):
        assert shown in said


def test_the_panel_says_how_long_it_will_still_take_once_that_can_be_told() -> None:
    clock = Clock()
    progress = search_of(202, clock, n_ended=1)
    console = paper()
    console.print(LivePanel(progress, title="a", console=console, metric=Metric.ERROR))
    assert "0.1 s gone" in text_of(console)
    assert "left" not in text_of(console)
    console = paper()
    console.print(
        LivePanel(search_of(202, clock, n_ended=2), title="a", console=console, metric=Metric.ERROR)
    )
    assert "gone, about 20 s left" in text_of(console)


def test_a_search_that_may_end_early_takes_so_long_at_most() -> None:
    progress = search_of(202, Clock(), n_ended=2)
    progress.has_limits = True
    console = paper()
    console.print(LivePanel(progress, title="a", console=console, metric=Metric.ERROR))
    assert "gone, at most about 20 s left" in text_of(console)


def test_a_short_screen_shows_fewer_workers_and_never_loses_the_note() -> None:
    progress = StudyProgress(40, metric=Metric.ERROR)
    for number in range(16):
        asked(progress, number)
        progress.happened(TrialAdvanced(number, f"a-host-of-a-long-name/worker-{number}", 3), State.RUNNING)
    progress.happened(ended(3, 0.125), State.COMPLETE)
    panel = LivePanel(progress, title="crowded", console=paper(), metric=Metric.ERROR)
    panel.show_note("stopping")
    for width, height in ((80, 24), (40, 24), (80, 12), (40, 5)):
        console = paper(width=width, height=height)
        console.print(panel)
        lines = text_of(console).splitlines()
        assert "stopping" in lines[-2]
        assert "more" in lines[-4]
        assert len(lines) < max(height, 12)  # one line for the workers at the least


def test_each_worker_has_one_line_and_a_number_however_long_its_name() -> None:
    progress = StudyProgress(40, metric=Metric.ERROR)
    asked(progress, 3)
    progress.happened(TrialAdvanced(3, "a-host-of-a-long-name.example/worker-3", 3), State.RUNNING)
    for width in (40, 60):
        console = paper(width=width)
        console.print(LivePanel(progress, title="long", console=console, metric=Metric.ERROR))
        line = next(line for line in text_of(console).splitlines() if "worker 1" in line)
        assert "trial 3 " in line
        assert "epoch 3 of 9 " in line
        assert "a-host" not in text_of(console)


def test_a_worker_keeps_its_number() -> None:
    progress = StudyProgress(40, metric=Metric.ERROR)
    panel = LivePanel(progress, title="numbers", console=paper(), metric=Metric.ERROR)
    asked(progress, 3)
    progress.happened(TrialAdvanced(3, "b", 3), State.RUNNING)
    first = paper()
    first.print(panel)
    assert "worker 1" in text_of(first)
    asked(progress, 4)
    progress.happened(TrialAdvanced(4, "a", 3), State.RUNNING)
    second = paper()
    second.print(panel)
    lines = text_of(second).splitlines()
    assert [line for line in lines if "worker 1" in line and "trial 3" in line]
    assert [line for line in lines if "worker 2" in line and "trial 4" in line]


def test_no_count_is_broken_at_60_columns_and_the_course_has_a_label() -> None:
    progress = StudyProgress(400, metric=Metric.BALANCED_ERROR)
    for number in range(200):
        asked(progress, number)
        progress.happened(ended(number, 0.5 - number / 1000), State.COMPLETE)
    progress.confirming(SearchEnding(reason=EndingReason.TRIALS, text="all have run"), 10)
    console = paper(width=60)
    console.print(LivePanel(progress, title="narrow", console=console, metric=Metric.BALANCED_ERROR))
    lines = [line.strip("│ ") for line in text_of(console).splitlines()]
    for whole in ("200 of 400 trials done", "0 pruned", "0 of 10 confirmation runs done", "best so far █"):
        assert any(whole in line for line in lines), whole


def test_the_panel_draws_while_the_study_changes_under_it() -> None:
    console = paper(is_terminal=True)
    progress = StudyProgress(3000, metric=Metric.ERROR)
    with LivePanel(progress, title="busy", console=console, metric=Metric.ERROR):
        for number in range(3000):
            asked(progress, number)
            progress.happened(TrialAdvanced(number, f"worker-{number % 7}", 1), State.RUNNING)
            progress.happened(
                TrialEnded(
                    number,
                    f"worker-{number % 7}",
                    Ending.COMPLETE,
                    ended(0, 1 / (number + 1)).folds,
                    1,
                    0.1,
                ),
                State.COMPLETE,
            )
    assert "3000 of 3000 trials done" in text_of(console).replace("\x1b[1m", "").replace("\x1b[0m", "")


def test_a_pipe_has_one_line_a_trial_and_one_a_lost_worker() -> None:
    progress, stream = StudyProgress(30, metric=Metric.ERROR), StringIO()
    lines = PlainLines(progress, stream, metric=Metric.ERROR)
    asked(progress, 7)
    events: list[tuple[Event, State]] = [
        (TrialAdvanced(7, "w", 1), State.RUNNING),
        (TrialLost(7, "w", "its worker died"), State.WAITING),
        (ended(7, 0.25), State.COMPLETE),
        (
            TrialEnded(8, "w", Ending.FAILED, (FoldEnded((), 0),), 1, 0.5, reason="diverged in epoch 1"),
            State.FAILED,
        ),
    ]
    asked(progress, 8)
    for event, state in events:
        progress.happened(event, state)
        lines.happened(event, state)

    assert stream.getvalue().splitlines() == [
        "trial  7  waiting   its worker died; it runs again",
        "trial  7  complete  error 25.00 %  best 25.00 % (trial 7)  1 epoch in 0.10 s  width=7",
        "trial  8  failed    diverged in epoch 1  best 25.00 % (trial 7)  1 epoch in 0.50 s  width=8",
    ]
