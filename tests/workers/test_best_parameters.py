"""The best epoch's parameters and figures: they belong to who asked for them, and to that epoch."""

import numpy as np
import pytest

from search_spaces.network.point import NetworkPoint
from tests.workers.train_dev_sets import few_numbers, rules
from workers.metrics.metric import Metric
from workers.trial.training import Training


def training_of_few_numbers() -> Training:
    data = few_numbers()
    return Training(data, NetworkPoint(), seed=1, rules=rules(data.task, max_epochs=3))


def test_better_epochs_do_not_change_parameters_that_were_handed_out() -> None:
    training = training_of_few_numbers()
    training.run_epoch()
    handed_out = training.best_state["parameters"]
    kept = handed_out.copy()
    training.run_epoch()

    assert training.best_epoch == 2, "a better epoch has come"
    np.testing.assert_array_equal(handed_out, kept)


def test_changing_what_was_handed_out_does_not_change_the_training() -> None:
    touched, untouched = training_of_few_numbers(), training_of_few_numbers()
    touched.run_epoch()
    untouched.run_epoch()
    touched.best_state["parameters"].fill(np.nan)

    np.testing.assert_array_equal(touched.best_state["parameters"], untouched.best_state["parameters"])
    assert touched.run_epoch() == untouched.run_epoch()


def test_the_figures_of_the_best_epoch_are_not_those_of_the_last() -> None:
    data, restless = few_numbers(), NetworkPoint(learning_rate=0.2)
    training = Training(data, restless, seed=1, rules=rules(data.task, max_epochs=30, patience=3))
    curve = []
    while not training.should_stop:
        curve.append(training.run_epoch().dev_metric)

    assert curve[training.best_epoch - 1] < curve[-1], "the last epoch is a worse one"
    assert training.best_dev_metrics[Metric.RMSE] == pytest.approx(curve[training.best_epoch - 1], rel=1e-6)
