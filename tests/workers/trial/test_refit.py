"""A refit is a training for a number of epochs, which no dev set is needed for and none is looked at."""

from dataclasses import replace

import numpy as np
import pytest

from search_spaces.network.point import NetworkPoint, Optimizer, Schedule
from tests.workers.train_dev_sets import digits, few_folds, few_numbers, rules
from tests.workers.trained_states import parameters_of
from workers.messages import Ending, Threshold, TrialAdvanced, TrialEnded, TrialRequest, TrialStarted
from workers.train_dev_data import Task, TrainDevData
from workers.trial.training import Training
from workers.trial.trial_runner import run_trial
from workers.trial_data import TrialData

POINT = NetworkPoint(
    width=8, depth=1, batch_size=8, keep_prob=0.8, l1_lambda=100.0, learning_rate_schedule=Schedule.COSINE
)
RULES = rules(Task.REGRESSION, max_epochs=6, patience=1)
REQUEST = TrialRequest(3, POINT, seed=7, rules=RULES, keep_state=True, refit_epochs=4)


def without_dev(data: TrainDevData) -> TrainDevData:
    return replace(data, X_dev=data.X_dev[:0], y_dev=data.y_dev[:0])


def story(request: TrialRequest, data: TrainDevData) -> tuple[list[int], TrialEnded]:
    first, *middle, last = run_trial(TrialData.single(data), request, worker="here")
    assert first == TrialStarted(3, "here")
    assert isinstance(last, TrialEnded)
    return [event.epochs for event in middle if isinstance(event, TrialAdvanced)], last


@pytest.mark.parametrize(
    ("data", "task"),
    [(few_numbers(), Task.REGRESSION), (digits(), Task.CLASSIFICATION)],
    ids=["numbers", "digits"],
)
def test_it_gives_the_weights_of_a_training_after_as_many_epochs(data: TrainDevData, task: Task) -> None:
    request = replace(REQUEST, rules=rules(task, max_epochs=6, patience=1))
    by_hand = Training(data, POINT, seed=7, rules=rules(task, max_epochs=6, patience=100))
    for _ in range(4):
        by_hand.run_epoch()
    assert by_hand.best_epoch == 4, "the best weights of the training by hand are its last"

    advanced, end = story(request, without_dev(data))
    np.testing.assert_array_equal(parameters_of(end), by_hand.best_state["parameters"])
    assert (end.ending, end.epochs, end.best_epoch, end.curve) == (Ending.COMPLETE, 4, 4, ())
    assert end.model_figures == by_hand.best_model_figures
    assert end.model_figures["zero_share"] > 0
    assert advanced == [1, 2, 3]


def test_it_stops_for_nothing_and_looks_at_no_dev_set() -> None:
    data = few_numbers()
    _, undisturbed = story(REQUEST, without_dev(data))
    spoiled = replace(data, X_dev=np.full_like(data.X_dev, np.nan), y_dev=np.full_like(data.y_dev, np.nan))

    _, end = story(replace(REQUEST, thresholds=(Threshold(1, -1e9),)), spoiled)

    assert end.ending is Ending.COMPLETE
    np.testing.assert_array_equal(parameters_of(end), parameters_of(undisturbed))


def test_one_that_diverges_fails_with_its_reason_and_has_no_weights() -> None:
    wild = NetworkPoint(width=8, depth=1, optimizer=Optimizer.SGD, learning_rate=1e30)
    _, end = story(replace(REQUEST, hyperparameters=wild), without_dev(few_numbers()))
    assert (end.ending, end.state, end.epochs) == (Ending.FAILED, None, 2)
    assert "diverged in epoch 2" in end.reason


@pytest.mark.parametrize("epochs", [0, 7])
def test_a_number_of_epochs_beyond_those_allowed_is_refused(epochs: int) -> None:
    with pytest.raises(ValueError, match=rf"1 to max_epochs = 6 epochs, got {epochs}"):
        story(replace(REQUEST, refit_epochs=epochs), few_numbers())


def test_folds_have_no_refit_of_their_own() -> None:
    with pytest.raises(ValueError, match="a refit is one training, got data of 3 folds"):
        list(run_trial(few_folds(3), REQUEST, worker="here"))
