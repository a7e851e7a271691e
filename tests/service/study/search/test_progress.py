"""Progress adds up what it hears, in this run and in earlier ones."""

from pathlib import Path

import pytest

from search_spaces.network.point import NetworkPoint
from service.study.search.progress import AtWork, StudyProgress
from service.study.search.search_budget import EndingReason, SearchEnding
from service.study.search.trial_lifecycle import State
from tests.service.iris_study import new_store
from tests.service.study.search.studies import begin, run_to_end, small_config
from tests.service.study.search.told_progress import RULES, Clock, asked, ended, search_of
from workers.messages import (
    TrialAdvanced,
    TrialLost,
    TrialRequest,
    TrialStarted,
)
from workers.metrics.metric import Metric


def test_it_knows_what_each_worker_does() -> None:
    progress = StudyProgress(3, metric=Metric.ERROR)
    asked(progress, 0)
    progress.happened(TrialStarted(0, "w"), State.RUNNING)
    assert progress.at_work == {"w": AtWork(0, 0, 9)}
    progress.happened(TrialAdvanced(0, "w", 4), State.RUNNING)
    assert progress.at_work == {"w": AtWork(0, 4, 9)}
    progress.happened(ended(0, 0.3), State.COMPLETE)
    assert len(progress.at_work) == 0


def test_it_keeps_the_best_by_metric_then_loss() -> None:
    progress = StudyProgress(4, metric=Metric.ERROR)
    for number, (metric, loss) in enumerate([(0.3, 0.5), (0.2, 0.5), (0.2, 0.4), (0.4, 0.1)]):
        asked(progress, number)
        progress.happened(ended(number, metric, loss), State.COMPLETE)

    assert progress.best is not None
    assert (progress.best.number, progress.best.values) == (2, {"width": 2})
    assert progress.best_so_far == [0.3, 0.2, 0.2, 0.2]
    assert progress.n_ended == 4


def test_the_highest_is_the_best_where_higher_is_better() -> None:
    progress = StudyProgress(4, metric=Metric.ROC_AUC)
    for number, (metric, loss) in enumerate([(0.7, 0.5), (0.9, 0.5), (0.9, 0.4), (0.6, 0.1)]):
        asked(progress, number)
        progress.happened(ended(number, metric, loss), State.COMPLETE)

    assert progress.best is not None
    assert (progress.best.number, progress.best.dev_metric) == (2, 0.9)
    assert progress.best_so_far == [0.7, 0.9, 0.9, 0.9]


def test_a_lost_run_counts_when_the_trial_is_given_up() -> None:
    progress = StudyProgress(1, metric=Metric.ERROR)
    asked(progress, 0)
    progress.happened(TrialStarted(0, "w"), State.RUNNING)
    progress.happened(TrialLost(0, "w", "killed"), State.WAITING)
    assert (progress.n_lost_runs, progress.n_ended) == (1, 0)
    assert len(progress.at_work) == 0
    progress.happened(TrialLost(0, "w", "killed"), State.FAILED)
    assert (progress.n_lost_runs, progress.counts[State.FAILED]) == (2, 1)


def test_time_left_is_that_of_the_trials_and_the_confirmations_to_come() -> None:
    progress = search_of(10, Clock(), n_ended=2, most_confirmations=5)
    assert progress.left_seconds == pytest.approx(8 * 0.1 + 5 * 0.1)
    assert not progress.is_left_rough


def test_workers_that_start_slowly_do_not_count() -> None:
    clock = Clock()
    clock.now = 600.0
    progress = search_of(10, clock, n_ended=2)
    assert progress.left_seconds == pytest.approx(8 * 0.1)


def test_time_left_is_not_guessed_before_anything_has_ended() -> None:
    assert StudyProgress(10, metric=Metric.ERROR).left_seconds is None


def test_confirmations_are_counted_down() -> None:
    clock = Clock()
    progress = search_of(3, clock, n_ended=3, most_confirmations=9)
    assert progress.left_seconds == pytest.approx(9 * 0.1)
    progress.confirming(SearchEnding(reason=EndingReason.TRIALS, text="all have run"), 2)
    assert progress.left_seconds == pytest.approx(2 * 0.1)
    for number in (3, 4):
        asked(progress, number)
        progress.happened(TrialStarted(number, "w"), State.RUNNING)
        clock.now += 0.1
        progress.happened(ended(number, 0.3), State.COMPLETE)
    assert progress.left_seconds == pytest.approx(0)


def test_trials_of_an_earlier_run_are_counted(tmp_path: Path) -> None:
    store, config = new_store(tmp_path), small_config()
    begin(store, config)
    run_to_end(store, config)
    progress = StudyProgress(config.trials, metric=Metric.ERROR)
    for trial in store.trials("small"):
        progress.asked(TrialRequest(trial.number, NetworkPoint(), 0, RULES), trial.params)
        progress.restored(trial)

    assert progress.n_restored == progress.n_ended == config.trials
    assert progress.best is not None
    values = [trial.value for trial in store.trials("small") if trial.state.name == "COMPLETE"]
    assert progress.best.dev_metric == min(value for value in values if value is not None)
    assert progress.left_seconds is None
    store.close()
