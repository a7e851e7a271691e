"""A trial of several folds is as many trainings, one after the other, and is judged by their means."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean, median_low

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_spaces.input_choices import InputChoices
from search_spaces.network.point import NetworkPoint
from tests.workers.train_dev_sets import few_folds
from tests.workers.trained_states import parameters_of
from workers.messages import (
    Ending,
    FoldThreshold,
    Threshold,
    TrainingRules,
    TrialAdvanced,
    TrialEnded,
    TrialRequest,
    TrialStarted,
)
from workers.metrics.metric import Metric
from workers.train_dev_data import TrainDevData
from workers.trial.fold_runner import request_of_fold
from workers.trial.training import Training
from workers.trial.trial_runner import run_trial
from workers.trial_data import TrialData

POINT = NetworkPoint(width=8, depth=1, batch_size=8, keep_prob=0.8, learning_rate=0.05)
RULES = TrainingRules(8, 2, Metric.R_SQUARED, Metric.MAE)
REQUEST = TrialRequest(5, POINT, seed=12, rules=RULES)


def by_hand(request: TrialRequest, data: TrialData) -> list[Training]:
    """Train each fold by itself, from its own seed, to its own end."""
    trainings = []
    for number, fold in enumerate(data.folds(request.hyperparameters), start=1):
        seed = int(np.random.SeedSequence((request.seed, number)).generate_state(1)[0])
        training = Training(fold, request.hyperparameters, seed=seed, rules=request.rules)
        while not training.should_stop:
            training.run_epoch()
        trainings.append(training)
    return trainings


def story(request: TrialRequest, data: TrialData) -> tuple[list[int], TrialEnded]:
    """Run a trial; return the epochs that it was told to have passed, and its end."""
    first, *middle, last = run_trial(data, request, worker="here")
    assert first == TrialStarted(request.number, "here")
    assert isinstance(last, TrialEnded)
    return [event.epochs for event in middle if isinstance(event, TrialAdvanced)], last


def mean_badnesses(trainings: Sequence[Training]) -> list[float]:
    """Return the mean of the folds' best badnesses after one fold, two, and so on."""
    best = [training.best_badness for training in trainings]
    return [fmean(best[:n]) for n in range(1, len(best) + 1)]


def broken(data: TrialData, fold: int) -> TrialData:
    """Give one fold, counted from 1, targets so large that no step can be made."""
    folds = list(data.folds(NetworkPoint()))
    own: TrainDevData = folds[fold - 1]
    folds[fold - 1] = replace(own, y_train=np.full_like(own.y_train, 1e30))
    return TrialData({InputChoices(): tuple(folds)})


@pytest.mark.parametrize("n_folds", [2, 4])
def test_its_figures_are_the_means_of_separate_trainings(n_folds: int) -> None:
    data = few_folds(n_folds)
    trainings = by_hand(REQUEST, data)

    _, end = story(REQUEST, data)

    assert (end.ending, end.n_folds, len(end.whole_folds)) == (Ending.COMPLETE, n_folds, n_folds)
    assert [fold.best_epoch for fold in end.folds] == [training.best_epoch for training in trainings]
    assert len({training.best_epoch for training in trainings}) > 1, "else the median shows nothing"
    assert end.best_epoch == median_low(training.best_epoch for training in trainings)
    for metric in (Metric.R_SQUARED, Metric.MAE, Metric.RMSE):
        of_folds = [training.best_dev_metrics[metric] for training in trainings]
        assert end.dev_metrics[metric.value] == pytest.approx(np.mean(of_folds), rel=1e-12)
    assert end.dev_metric == end.dev_metrics["r_squared"]
    assert end.epochs == sum(training.epochs for training in trainings) == len(end.curve)


def test_epochs_are_counted_through_the_folds() -> None:
    advanced, end = story(REQUEST, few_folds())
    assert len({len(fold.curve) for fold in end.folds}) > 1, "else early stopping is the same in all folds"
    assert advanced == list(range(1, end.epochs))


def test_one_fold_has_the_trials_own_seed_and_each_of_several_its_own() -> None:
    assert request_of_fold(REQUEST, fold=1, n_folds=1) is REQUEST
    seeds = {request_of_fold(REQUEST, fold=fold, n_folds=3).seed for fold in (1, 2, 3)} | {REQUEST.seed}
    assert len(seeds) == 4


@pytest.mark.parametrize("fold", [1, 3])
def test_in_one_of_its_folds_alone_it_is_a_training_as_if_there_were_no_other(fold: int) -> None:
    data = few_folds()
    alone = TrialData({InputChoices(): (data.first_folds[fold - 1],)})

    advanced, end = story(replace(REQUEST, only_fold=fold, keep_state=True), data)
    expected_advances, expected = story(replace(REQUEST, keep_state=True), alone)

    assert (advanced, end.folds, end.n_folds) == (expected_advances, expected.folds, 1)
    assert np.array_equal(parameters_of(end), parameters_of(expected))


@pytest.mark.parametrize("fold", [0, 4])
def test_a_fold_that_there_is_not_is_refused(fold: int) -> None:
    with pytest.raises(ValueError, match=f"in fold {fold} was asked of data with 3 folds"):
        story(replace(REQUEST, only_fold=fold), few_folds(3))


def test_it_has_no_weights_of_its_own() -> None:
    _, end = story(replace(REQUEST, keep_state=True), few_folds())
    assert end.state is None


@settings(max_examples=25)
@given(
    epoch=st.integers(1, 3),
    by_epoch=st.sampled_from([-1e-9, 1e-9, None]),
    n_folds=st.integers(1, 3),
    by_folds=st.sampled_from([-1e-9, 1e-9, None]),
)
def test_it_is_pruned_in_the_first_fold_by_its_best_and_between_folds_by_their_mean(
    epoch: int, by_epoch: float | None, n_folds: int, by_folds: float | None
) -> None:
    """A hair below what it reached prunes it there, a hair above keeps it."""
    data = few_folds(4)
    trainings = by_hand(REQUEST, data)
    first = story(REQUEST, data)[1].folds[0]
    reached = min(shown.dev_watched for shown in first.curve[:epoch])
    request = replace(
        REQUEST,
        thresholds=() if by_epoch is None else (Threshold(epoch, reached + by_epoch),),
        fold_thresholds=()
        if by_folds is None
        else (FoldThreshold(n_folds, mean_badnesses(trainings)[n_folds - 1] + by_folds),),
    )

    _, end = story(request, data)

    is_pruned_within = by_epoch == -1e-9 and epoch < len(first.curve)
    if is_pruned_within:
        assert (end.ending, end.epochs, len(end.whole_folds)) == (Ending.PRUNED, epoch, 0)
        assert end.best_epoch == 1 + [shown.dev_watched for shown in first.curve[:epoch]].index(reached)
    elif by_folds == -1e-9:
        assert (end.ending, len(end.whole_folds), len(end.folds)) == (Ending.PRUNED, n_folds, n_folds)
        assert end.epochs == sum(training.epochs for training in trainings[:n_folds])
        assert end.dev_metric == fmean(
            training.best_dev_metrics[Metric.R_SQUARED] for training in trainings[:n_folds]
        )
    else:
        assert end.ending is Ending.COMPLETE


def test_thresholds_by_epoch_hold_for_the_first_fold_alone() -> None:
    data = few_folds()
    first, second, _ = story(REQUEST, data)[1].folds
    reached = [min(shown.dev_watched for shown in fold.curve[:2]) for fold in (first, second)]
    assert reached[0] < reached[1], "else the threshold would let the second fold pass as well"

    _, end = story(replace(REQUEST, thresholds=(Threshold(2, reached[0]),)), data)

    assert end.ending is Ending.COMPLETE


def test_after_the_last_fold_there_is_nothing_left_to_prune() -> None:
    _, end = story(replace(REQUEST, fold_thresholds=(FoldThreshold(3, -1e9),)), few_folds(3))
    assert end.ending is Ending.COMPLETE


def test_a_fold_that_breaks_off_fails_the_trial_and_is_named() -> None:
    undisturbed = by_hand(REQUEST, few_folds())

    advanced, end = story(REQUEST, broken(few_folds(), fold=2))

    assert end.ending is Ending.FAILED
    assert end.reason.startswith("fold 2 of 3: dead in epoch 1: ")
    assert (len(end.folds), len(end.whole_folds)) == (2, 1)
    n_before = undisturbed[0].epochs
    assert (end.epochs, len(end.curve), advanced[-1]) == (n_before + 1, n_before, n_before)
    assert end.dev_metric == undisturbed[0].best_dev_metrics[Metric.R_SQUARED]


def test_a_first_fold_that_breaks_off_at_once_leaves_no_figures() -> None:
    _, end = story(REQUEST, broken(few_folds(), fold=1))
    assert (end.ending, end.epochs, end.curve, end.dev_metrics) == (Ending.FAILED, 1, (), {})
    assert end.reason.startswith("fold 1 of 3: ")
