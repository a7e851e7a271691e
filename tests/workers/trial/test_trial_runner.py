"""One trial alone: its story is legal, thresholds bite where they lie, its weights are what it says."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_spaces.network.point import NetworkPoint, Optimizer
from tests.workers.train_dev_sets import few_numbers
from tests.workers.trained_states import parameters_of
from workers.messages import (
    Ending,
    Threshold,
    TrainingRules,
    TrialAdvanced,
    TrialEnded,
    TrialRequest,
    TrialStarted,
)
from workers.metrics.metric import Metric, metrics_of
from workers.network.prediction import predict
from workers.trial.trial_runner import run_trial
from workers.trial_data import TrialData

POINT = NetworkPoint(width=8, depth=1, batch_size=8, keep_prob=0.8)
WILD = NetworkPoint(width=8, depth=1, optimizer=Optimizer.SGD, learning_rate=1e30)
MAX_EPOCHS = 6


def story(
    hyperparameters: NetworkPoint = POINT,
    *,
    patience: int = MAX_EPOCHS,
    metric: Metric = Metric.RMSE,
    watch: Metric | None = None,
    min_gain: float = 0.0,
    thresholds: Sequence[Threshold] = (),
    keep_state: bool = False,
) -> tuple[list[int], TrialEnded]:
    """Run trial 5; return the epochs that it was told to have passed, and its end."""
    request = TrialRequest(
        number=5,
        hyperparameters=hyperparameters,
        seed=12,
        rules=TrainingRules(MAX_EPOCHS, patience, metric, watch or metric, min_gain),
        thresholds=tuple(thresholds),
        keep_state=keep_state,
    )
    first, *middle, last = run_trial(TrialData.single(few_numbers()), request, worker="here")
    assert first == TrialStarted(5, "here")
    advances = [event for event in middle if isinstance(event, TrialAdvanced)]
    assert len(advances) == len(middle)
    assert isinstance(last, TrialEnded)
    assert {(event.number, event.worker) for event in advances} <= {(5, "here")}
    assert (last.number, last.worker) == (5, "here")
    return [event.epochs for event in advances], last


def test_it_tells_of_each_epoch_but_the_last_and_then_of_its_end() -> None:
    advanced, end = story()

    assert advanced == [1, 2, 3, 4, 5]
    assert (end.ending, end.epochs, len(end.curve), end.reason) == (Ending.COMPLETE, 6, 6, "")
    assert end.seconds > 0


def test_patience_ends_a_trial_early_and_completes_it() -> None:
    worse_and_worse = POINT.model_copy(update={"learning_rate": 1.0})

    _, end = story(worse_and_worse, patience=2)

    assert (end.ending, end.epochs, end.best_epoch) == (Ending.COMPLETE, 3, 1)


@settings(max_examples=20)
@given(st.dictionaries(st.integers(1, MAX_EPOCHS), st.floats(1.42, 1.5), max_size=MAX_EPOCHS))
def test_it_is_pruned_at_the_first_threshold_that_its_best_metric_is_above(
    given_at: dict[int, float],
) -> None:
    undisturbed = [epoch.dev_metric for epoch in story()[1].curve]  # falls from 1.49 to 1.43
    above = [epoch for epoch, value in sorted(given_at.items()) if min(undisturbed[:epoch]) > value]

    _, end = story(thresholds=[Threshold(epoch, value) for epoch, value in sorted(given_at.items())])

    if above and above[0] < MAX_EPOCHS:  # after its last epoch there is nothing left to prune
        assert (end.ending, end.epochs) == (Ending.PRUNED, above[0])
    else:
        assert (end.ending, end.epochs) == (Ending.COMPLETE, MAX_EPOCHS)
    assert [epoch.dev_metric for epoch in end.curve] == undisturbed[: end.epochs]


def test_divergence_is_a_failure_with_a_reason_and_not_an_exception() -> None:
    advanced, end = story(WILD, keep_state=True)

    assert advanced == []
    assert (end.ending, end.epochs, end.curve, end.best_epoch) == (Ending.FAILED, 1, (), 0)
    assert "diverged in epoch 1" in end.reason
    assert end.state is None


def test_the_weights_that_are_kept_are_the_best_epochs() -> None:
    restless = POINT.model_copy(update={"learning_rate": 0.2})
    _, end = story(restless, keep_state=True)
    data = few_numbers()
    assert end.best_epoch < end.epochs, "the last epoch is not the best one, so that the two differ"
    predictions = predict(parameters_of(end), restless, data.X_dev, task=data.task, n_outputs=1)
    rmse = np.sqrt(np.mean((predictions - data.y_dev) ** 2)) * data.target_deviation
    assert end.curve[end.best_epoch - 1].dev_metric == pytest.approx(float(rmse), rel=1e-5)
    assert min(epoch.dev_metric for epoch in end.curve) == end.curve[end.best_epoch - 1].dev_metric


def test_weights_are_not_carried_unless_they_are_asked_for() -> None:
    assert story()[1].state is None


def test_the_metric_is_in_its_own_sense_and_the_watched_one_decides_which_epoch_is_the_best() -> None:
    restless = POINT.model_copy(update={"learning_rate": 0.25})
    _, end = story(restless, metric=Metric.R_SQUARED, watch=Metric.MAE)

    watched = [epoch.dev_watched for epoch in end.curve]
    assert end.best_epoch == watched.index(min(watched)) + 1
    metrics = [epoch.dev_metric for epoch in end.curve]
    assert end.best_epoch != metrics.index(max(metrics)) + 1, "else the two metrics cannot be told apart"
    best = end.curve[end.best_epoch - 1]
    assert (end.dev_metrics["r_squared"], end.dev_metrics["mae"]) == (best.dev_metric, best.dev_watched)


def test_where_the_studys_metric_is_watched_both_columns_are_equal() -> None:
    _, end = story(metric=Metric.R_SQUARED)
    assert [epoch.dev_watched for epoch in end.curve] == [epoch.dev_metric for epoch in end.curve]
    assert max(epoch.dev_metric for epoch in end.curve) == end.dev_metrics["r_squared"]


def test_a_trial_whose_metric_is_better_the_higher_it_is_is_pruned_by_its_badness() -> None:
    _, undisturbed = story(metric=Metric.R_SQUARED)
    best_by_3 = max(epoch.dev_metric for epoch in undisturbed.curve[:3])

    for above, ending in ((1e-9, Ending.PRUNED), (-1e-9, Ending.COMPLETE)):
        _, end = story(metric=Metric.R_SQUARED, thresholds=[Threshold(3, -(best_by_3 + above))])
        assert end.ending is ending


def test_a_gain_that_no_epoch_makes_ends_the_trial_when_patience_does() -> None:
    _, end = story(patience=2, min_gain=1e9)
    assert (end.ending, end.epochs) == (Ending.COMPLETE, 3)
    assert end.best_epoch == 3  # the metric falls throughout: the best epoch is the best all the same


@pytest.mark.parametrize("thresholds", [[], [Threshold(2, 0.0)]])
def test_all_metrics_of_the_task_are_told_of_the_best_epoch(thresholds: list[Threshold]) -> None:
    _, end = story(thresholds=thresholds)
    assert set(end.dev_metrics) == {metric.value for metric in metrics_of(few_numbers().task)}
    assert end.dev_metrics["rmse"] == end.curve[end.best_epoch - 1].dev_metric


def test_without_an_epoch_there_are_no_metrics() -> None:
    assert story(WILD)[1].dev_metrics == {}


@settings(max_examples=20)
@given(st.sets(st.integers(1, MAX_EPOCHS)), st.integers(1, 4), st.sampled_from([0.01, 0.2, 1.0]))
def test_what_is_certain_of_a_trials_length_is_so(rungs: set[int], patience: int, rate: float) -> None:
    request = TrialRequest(
        number=5,
        hyperparameters=POINT.model_copy(update={"learning_rate": rate}),
        seed=12,
        rules=TrainingRules(MAX_EPOCHS, patience, Metric.RMSE, Metric.RMSE),
        thresholds=tuple(Threshold(epoch, 1.45) for epoch in sorted(rungs)),
    )
    _, *advances, end = run_trial(TrialData.single(few_numbers()), request, worker="here")

    assert isinstance(end, TrialEnded)
    certain = [event.at_least for event in advances if isinstance(event, TrialAdvanced)]
    assert certain == sorted(certain)
    assert all(epochs < at_least <= end.epochs for epochs, at_least in enumerate(certain, start=1))
    assert end.virtual_epochs == end.epochs


def test_a_trial_that_fails_counts_for_what_was_certain_of_it() -> None:
    _, end = story(WILD, patience=4, thresholds=[Threshold(3, 9.0)])
    assert (end.epochs, end.virtual_epochs) == (1, 3)
    _, end = story(WILD, patience=4)
    assert (end.epochs, end.virtual_epochs) == (1, 5)
