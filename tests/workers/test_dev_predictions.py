"""A trial's predictions for the dev set: the best epoch's, a fold each, and only where they are asked for."""

from dataclasses import replace

import numpy as np
import pytest

from search_spaces.network.point import NetworkPoint
from tests.workers.train_dev_sets import digits, few_folds, few_numbers, rules
from tests.workers.trained_states import parameters_of
from workers.messages import TrialEnded, TrialRequest
from workers.network.prediction import predict
from workers.train_dev_data import Task, TrainDevData
from workers.trial.trial_runner import run_trial
from workers.trial_data import TrialData

RESTLESS = NetworkPoint(width=8, depth=1, batch_size=8, learning_rate=0.2)
CALM = NetworkPoint(width=8, depth=1, batch_size=32, learning_rate=0.01)


def ended(
    data: TrialData,
    *,
    keep_predictions: bool = True,
    point: NetworkPoint = RESTLESS,
    max_epochs: int = 6,
) -> TrialEnded:
    request = TrialRequest(
        number=0,
        hyperparameters=point,
        seed=12,
        rules=rules(data.task, max_epochs=max_epochs),
        keep_state=True,
        keep_predictions=keep_predictions,
    )
    *_, end = run_trial(data, request, worker="here")
    assert isinstance(end, TrialEnded)
    return end


def turned(data: TrainDevData) -> TrainDevData:
    """Contradict the train set in the dev set: what is learned of the one makes the other worse."""
    if data.task is Task.CLASSIFICATION:
        return replace(data, y_dev=(data.y_dev + 1) % data.n_outputs)
    return replace(data, y_dev=-data.y_dev)


@pytest.mark.parametrize("data", [few_numbers(), digits()], ids=["numbers", "classes"])
def test_they_are_what_the_best_epochs_weights_predict_to_the_last_bit(data: TrainDevData) -> None:
    end = ended(TrialData.single(turned(data)), point=CALM)

    assert end.best_epoch < end.epochs, "the last epoch's would be others"
    again = predict(parameters_of(end), CALM, data.X_dev, task=data.task, n_outputs=data.n_outputs)
    np.testing.assert_array_equal(end.dev_predictions, again)
    if data.task is Task.CLASSIFICATION:
        np.testing.assert_allclose(again.sum(axis=1), 1, rtol=1e-5)


def test_each_fold_has_those_of_its_own_dev_set() -> None:
    folds = few_folds(3)
    end = ended(folds)

    of_folds = [fold.dev_predictions for fold in end.folds if fold.dev_predictions is not None]
    np.testing.assert_array_equal(end.dev_predictions, np.concatenate(of_folds))
    for fold, data in zip(end.folds, folds.first_folds, strict=True):
        assert fold.dev_predictions is not None
        rmse = float(np.sqrt(np.mean((fold.dev_predictions - data.y_dev) ** 2))) * data.target_deviation
        assert rmse == pytest.approx(fold.best.dev_metric, rel=1e-5)


def test_nobody_carries_them_who_was_not_asked() -> None:
    assert ended(TrialData.single(few_numbers()), keep_predictions=False).dev_predictions is None


def test_a_trial_without_an_epoch_has_none() -> None:
    wild = RESTLESS.model_copy(update={"learning_rate": 1e30})
    assert ended(TrialData.single(few_numbers()), point=wild).dev_predictions is None
