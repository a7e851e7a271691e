"""Progress adds up what it hears, in this run and in earlier ones."""

from pathlib import Path

from search_spaces.hyperparameters import Hyperparameters
from service.search.progress import AtWork, StudyProgress
from service.search.trial_lifecycle import State
from tests.service.iris_study import new_store
from tests.service.search.studies import begin, run_to_end, small_config
from workers.messages import (
    Ending,
    EpochMetrics,
    FoldEnded,
    TrialAdvanced,
    TrialEnded,
    TrialLost,
    TrialRequest,
    TrialStarted,
)
from workers.metrics import Metric
from workers.training_rules import TrainingRules

RULES = TrainingRules(9, 3, Metric.ERROR, Metric.ERROR)


def asked(progress: StudyProgress, number: int) -> None:
    progress.asked(TrialRequest(number, Hyperparameters(), 0, RULES), {"width": number})


def ended(number: int, metric: float, loss: float = 0.5) -> TrialEnded:
    fold = FoldEnded((EpochMetrics(0, 0, loss, metric, metric, 0, (), ()),), best_epoch=1)
    return TrialEnded(number, "w", Ending.COMPLETE, (fold,), 1, 0.1)


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


def test_time_left_is_told_from_this_runs_pace_alone() -> None:
    progress = StudyProgress(10, metric=Metric.ERROR)
    for number in range(2):
        asked(progress, number)
        progress.happened(ended(number, 0.3), State.COMPLETE)

    before, left, after = progress.elapsed_seconds, progress.left_seconds, progress.elapsed_seconds
    assert left is not None
    assert before / 2 * 8 <= left <= after / 2 * 8


def test_time_left_is_not_guessed_before_anything_has_ended() -> None:
    assert StudyProgress(10, metric=Metric.ERROR).left_seconds is None


def test_no_time_is_left_when_all_have_ended() -> None:
    progress = StudyProgress(1, metric=Metric.ERROR)
    asked(progress, 0)
    progress.happened(ended(0, 0.3), State.COMPLETE)
    assert progress.left_seconds == 0


def test_trials_of_an_earlier_run_are_counted(tmp_path: Path) -> None:
    store, config = new_store(tmp_path), small_config()
    begin(store, config)
    run_to_end(store, config)
    progress = StudyProgress(config.trials, metric=Metric.ERROR)
    for trial in store.trials("small"):
        progress.asked(TrialRequest(trial.number, Hyperparameters(), 0, RULES), trial.params)
        progress.restored(trial)

    assert progress.n_restored == progress.n_ended == config.trials
    assert progress.best is not None
    values = [trial.value for trial in store.trials("small") if trial.state.name == "COMPLETE"]
    assert progress.best.dev_metric == min(value for value in values if value is not None)
    assert progress.left_seconds is None
    store.close()
