"""Where a study has folds, every screen says that its dev figure is their mean, with its standard error."""

from collections.abc import Iterator
from io import StringIO

import pytest

from service.configuration.data_config import SplitConfig
from service.report.facts.trials import best_trials
from service.report.terminal.report_text import print_report
from service.report.terminal.running_study import LivePanel, PlainLines
from service.report.terminal.trials_text import print_best_trials, print_trial
from service.study.search.progress import StudyProgress
from service.study.search.trial_lifecycle import State
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.paper import paper, text_of
from tests.service.study.search.told_progress import asked
from workers.messages import Ending, EpochMetrics, FoldEnded, TrialAdvanced, TrialEnded, TrialStarted
from workers.metrics.metric import Metric


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IrisStudy]:
    study = search_iris(new_store(tmp_path_factory.mktemp("study")), trials=3, split=SplitConfig(folds=3))
    study.conclude(keep_sealed=True)
    yield study
    study.store.close()


def ended(number: int, *metrics: float) -> TrialEnded:
    folds = tuple(FoldEnded((EpochMetrics(0, 0, 0.5, m, m),), best_epoch=1) for m in metrics)
    return TrialEnded(number, "w", Ending.COMPLETE, folds, len(metrics), 0.1, n_folds=len(metrics))


def test_the_report_names_the_mean_its_standard_error_and_what_train_is(study: IrisStudy) -> None:
    console = paper()
    print_report(study.report, console)
    said = text_of(console)
    winner = study.report.winner
    assert winner is not None
    assert winner.folds is not None
    mean, error = 100 * winner.dev_metric, 100 * winner.folds.standard_error
    assert f"dev error {mean:.2f} % ± {error:.2f} % (mean of 3 folds ± s.e.)" in said
    assert winner.folds.are_averaged
    assert winner.n_models == 3
    assert "trained in each of 3 folds, which are averaged" in said
    assert "average of 3 networks" in said
    assert "dev, 3 folds" in said
    assert "its s.e. is too small, as folds share examples" in said
    assert "train, dev: means of the folds' single networks, not of all that are averaged" in said
    below = [line for line in said.splitlines() if "folds" in line and not line.startswith("Winner")]
    assert all(len(line) <= 80 for line in below)


def test_the_best_trials_have_a_mean_and_a_standard_error(study: IrisStudy) -> None:
    console = paper()
    print_best_trials(best_trials("a", study.stored.trials, Metric.ERROR, n=10), console)
    said = text_of(console)
    assert "dev error, mean of 3 folds" in said
    assert said.count(" % ± ") == len(study.stored.trials)


def test_a_trial_shows_a_line_a_fold(study: IrisStudy) -> None:
    trial = study.store.trials(study.name)[0]
    console = paper()
    print_trial(trial, Metric.ERROR, console, watch=Metric.ERROR)
    lines = [line.split() for line in text_of(console).splitlines()]
    ends = [trial.user_attrs["learning_curve"]["folds"].count(fold) for fold in (1, 2, 3)]
    for place in range(3):
        figure, best = trial.user_attrs["fold_metrics"][place], trial.user_attrs["best_epochs"][place]
        assert [f"{place + 1}", f"{100 * figure:.2f}", "%", f"{best}", "of", f"{ends[place]}"] in lines
    assert "Best epochs on the dev sets, mean of 3 folds" in text_of(console)


def test_the_panel_counts_epochs_through_all_folds_and_shows_the_best_mean() -> None:
    progress = StudyProgress(5, metric=Metric.ERROR, n_folds=4)
    asked(progress, 0)
    asked(progress, 1)
    progress.happened(ended(0, 0.1, 0.2, 0.3, 0.2), State.COMPLETE)
    progress.happened(TrialStarted(1, "w"), State.RUNNING)
    progress.happened(TrialAdvanced(1, "w", 12), State.RUNNING)
    console = paper(is_terminal=True)
    console.print(LivePanel(progress, title="folds", console=console, metric=Metric.ERROR))
    said = text_of(console)
    assert "epoch 12 of 36" in said
    assert "20.00 % ± 4.08 %" in said
    assert " over 4 folds" in said


def test_a_pipes_line_has_the_mean_with_its_standard_error() -> None:
    progress, stream = StudyProgress(5, metric=Metric.ERROR, n_folds=2), StringIO()
    lines = PlainLines(progress, stream, metric=Metric.ERROR)
    asked(progress, 0)
    event = ended(0, 0.1, 0.3)
    progress.happened(event, State.COMPLETE)
    lines.happened(event, State.COMPLETE)
    assert "complete  error 20.00 % ± 10.00 %  best 20.00 % (trial 0)  2 epochs" in stream.getvalue()
